using System.Net;
using Wherry.Client;

namespace Wherry.Server.Tests.Deployments;

/// <summary>A whole Wherry whose visitors a real Caddy takes.</summary>
public sealed class CaddyWherry : IAsyncLifetime
{
    public LiveWherry Live { get; } = new() { OnCaddy = true };

    public ValueTask InitializeAsync() => Live.InitializeAsync();

    public ValueTask DisposeAsync() => Live.DisposeAsync();
}

/// <summary>The same deployments, with a real Caddy in the edge's place.</summary>
public sealed class CaddyDeployTests(CaddyWherry caddy) : DeployTests(caddy.Live), IClassFixture<CaddyWherry>;

/// <summary>The same moves of hosts.</summary>
public sealed class CaddyTakeOverTests(CaddyWherry caddy) : TakeOverTests(caddy.Live), IClassFixture<CaddyWherry>;

/// <summary>What else must hold whoever takes the visitors.</summary>
public sealed class OnCaddyTests(CaddyWherry caddy) : IClassFixture<CaddyWherry>
{
    private readonly LiveWherry _wherry = caddy.Live;

    [Fact]
    public async Task Deployments_scaling_and_a_death_of_the_edge_cost_no_visitor_an_answer()
    {
        var project = await _wherry.ProjectAsync();
        var host = $"{project}.localhost";
        Assert.Null((await _wherry.DeployAsync(project, new DeployRequest { Image = LiveWherry.Image("v1") })).Problem);
        await using var visitors = Visitors.Of(_wherry, host);
        await visitors.SeeAsync("v1");

        await ScaleAsync(project, 3);
        Assert.Null((await _wherry.DeployAsync(project, new DeployRequest { Image = LiveWherry.Image("v2") })).Problem);
        await visitors.SeeAsync("v2");
        await _wherry.RestartEdgeAsync(TimeSpan.FromSeconds(2));
        await ScaleAsync(project, 1);
        Assert.Null((await _wherry.DeployAsync(project, new DeployRequest { Image = LiveWherry.Image("v3") })).Problem);
        await visitors.SeeAsync("v3");

        await visitors.LeaveAsync();
        Assert.Empty(visitors.Failures);
        TestContext.Current.TestOutputHelper!.WriteLine($"{visitors.Answers.Count} answers");
    }

    [Fact]
    public async Task A_project_that_is_removed_is_served_no_more()
    {
        var project = await _wherry.ProjectAsync();
        Assert.Null((await _wherry.DeployAsync(project, new DeployRequest { Image = LiveWherry.Image("v1") })).Problem);

        await _wherry.Client.RemoveProjectAsync(project, volumes: true, default);

        Assert.Equal(HttpStatusCode.NotFound, (await _wherry.GetAsync($"{project}.localhost")).Status);
    }

    [Fact]
    public async Task A_file_that_asks_for_what_Caddy_cannot_do_leaves_the_old_release_serving()
    {
        var project = await _wherry.ProjectAsync();
        var host = $"{project}.localhost";
        Assert.Null((await _wherry.DeployComposeAsync(project, ComposeText.Of(ComposeText.Web(host)))).Problem);

        var refused = await _wherry.DeployComposeAsync(project, ComposeText.Of(ComposeText.Web(host, "v2", wherry: "outliers: { failures: 3 }")));

        Assert.Equal("edge/unsupported", refused.Problem!.Code);
        Assert.Contains("Caddy", refused.Problem.Message, StringComparison.Ordinal);
        Assert.Equal("v1", (await _wherry.GetAsync(host)).Body);
    }

    [Fact]
    public async Task The_doctor_names_the_proxy_that_serves()
    {
        var edge = Assert.Single(await _wherry.Client.DoctorAsync(default), c => c.Name == "edge");

        Assert.Contains(edge.State, new[] { "ok", "warning" }); // the machine's kernel may not hand connections on
        Assert.Contains("drives Caddy at http://localhost:", edge.Finding, StringComparison.Ordinal);
    }

    private async Task ScaleAsync(string project, int replicas) =>
        Assert.Null((await _wherry.EndAsync(await _wherry.Client.ScaleAsync(project, "production", new ScaleRequest(new Dictionary<string, int> { ["web"] = replicas }), default))).Problem);
}
