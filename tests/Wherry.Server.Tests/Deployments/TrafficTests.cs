using System.Net;
using Wherry.Client;

namespace Wherry.Server.Tests.Deployments;

/// <summary>Nobody who visits notices that something is deployed.</summary>
public sealed class TrafficTests(LiveWherry wherry)
{
    /// <summary>KM-05, RG-01, RG-02, RG-21.</summary>
    [Fact]
    public async Task KM_05_RG_01_RG_02_RG_21_Several_redeploys_under_load_fail_no_request()
    {
        var project = await wherry.ProjectAsync();
        await wherry.DeployAsync(project, new DeployRequest { Image = LiveWherry.Image("v1") });
        await using var visitors = Visitors.Of(wherry, $"{project}.localhost");
        await visitors.SeeAsync("v1");

        foreach (var version in new[] { "v2", "v3" })
        {
            Assert.Null((await wherry.DeployAsync(project, new DeployRequest { Image = LiveWherry.Image(version) })).Problem);
            Assert.Equal(version, (await wherry.GetAsync($"{project}.localhost")).Body);
            await visitors.SeeAsync(version);
        }

        await visitors.LeaveAsync();
        Assert.Empty(visitors.Failures);
        Assert.Equal("v3", visitors.Answers.Last());
    }

    [Theory]
    [InlineData("rolling", 1)]
    [InlineData("rolling", 10)]
    [InlineData("blue-green", 1)]
    [InlineData("blue-green", 10)]
    public async Task FL_01_Both_strategies_exchange_one_and_ten_replicas_without_a_gap(string strategy, int replicas)
    {
        var project = await wherry.ProjectAsync();
        var host = $"{project}.localhost";
        string Compose(string version) => ComposeText.Of(ComposeText.Web(host, version, $"deploy: {{ replicas: {replicas} }}", $"deploy: {{ strategy: {strategy} }}"));
        Assert.Null((await wherry.DeployComposeAsync(project, Compose("v1"))).Problem);
        var before = await wherry.IdsAsync(project, "web");
        await using var visitors = Visitors.Of(wherry, host);
        await visitors.SeeAsync("v1");

        Assert.Null((await wherry.DeployComposeAsync(project, Compose("v2"))).Problem);
        await visitors.SeeAsync("v2");

        await visitors.LeaveAsync();
        var after = await wherry.IdsAsync(project, "web");
        Assert.Empty(visitors.Failures);
        Assert.Equal(replicas, after.Count);
        Assert.Empty(after.Intersect(before));
    }

    [Fact]
    public async Task UC_01_UC_03_A_service_with_a_volume_is_recreated_while_its_requests_are_held()
    {
        var project = await wherry.ProjectAsync();
        var host = $"{project}.localhost";
        string Compose(string version) => ComposeText.Of(ComposeText.Web(host, version, "volumes: [\"data:/data\"]\nstop_grace_period: 5s")) + "volumes:\n  data: {}\n";
        Assert.Null((await wherry.DeployComposeAsync(project, Compose("v1"))).Problem);
        await using var visitors = Visitors.Of(wherry, host);
        await visitors.SeeAsync("v1");

        var deployment = await wherry.DeployComposeAsync(project, Compose("v2"));
        await visitors.SeeAsync("v2");

        await visitors.LeaveAsync();
        Assert.Null(deployment.Problem);
        Assert.Empty(visitors.Failures);
        var stop = deployment.Steps.ToList().FindIndex(s => s.Text.Contains("stop", StringComparison.Ordinal));
        var start = deployment.Steps.ToList().FindIndex(s => s.Text.StartsWith("start", StringComparison.Ordinal));
        Assert.InRange(stop, 0, start - 1);
        Assert.Equal("v2", visitors.Answers.Last());
    }

    [Fact]
    public async Task KM_18_A_restart_gives_new_containers_of_the_same_release_and_fails_no_request()
    {
        var project = await wherry.ProjectAsync();
        await wherry.DeployAsync(project, new DeployRequest { Image = LiveWherry.Image("v1") });
        var before = await wherry.IdsAsync(project, "web");
        await using var visitors = Visitors.Of(wherry, $"{project}.localhost");
        await visitors.SeeAsync("v1");

        var restarted = await wherry.EndAsync(await wherry.Client.RestartAsync(project, "production", new ServicesRequest(), default));

        await visitors.LeaveAsync();
        Assert.Null(restarted.Problem);
        Assert.Equal(1, restarted.Release);
        Assert.Empty(visitors.Failures);
        Assert.Single(await wherry.IdsAsync(project, "web"));
        Assert.Empty((await wherry.IdsAsync(project, "web")).Intersect(before));
    }

    [Fact]
    public async Task DK_009_Scaling_up_and_down_keeps_what_ran_and_fails_no_request()
    {
        var project = await wherry.ProjectAsync();
        await wherry.DeployAsync(project, new DeployRequest { Image = LiveWherry.Image("v1") });
        var first = await wherry.IdsAsync(project, "web");
        await using var visitors = Visitors.Of(wherry, $"{project}.localhost");
        await visitors.SeeAsync("v1");

        Assert.Null((await ScaleAsync(project, 3)).Problem);
        var three = await wherry.IdsAsync(project, "web");
        Assert.Equal(3, three.Count);
        Assert.Superset(first, three);

        Assert.Null((await ScaleAsync(project, 1)).Problem);
        await visitors.LeaveAsync();
        Assert.Empty(visitors.Failures);
        Assert.Subset(three, await wherry.IdsAsync(project, "web"));
        Assert.Single(await wherry.IdsAsync(project, "web"));

        // The count outlives the next deployment.
        Assert.Null((await ScaleAsync(project, 2)).Problem);
        Assert.Null((await wherry.DeployAsync(project, new DeployRequest { Image = LiveWherry.Image("v2") })).Problem);
        Assert.Equal(2, (await wherry.IdsAsync(project, "web")).Count);
        Assert.Equal((HttpStatusCode.OK, "v2"), await wherry.GetAsync($"{project}.localhost"));
    }

    [Fact]
    public async Task An_edge_that_restarts_in_the_middle_of_a_gate_fails_no_deployment()
    {
        await using var own = new LiveWherry();
        await own.InitializeAsync();
        var project = await own.ProjectAsync();
        string Compose(string version, int seconds) => ComposeText.Of(ComposeText.Web($"{project}.localhost", version, $"command: [sh, -c, \"sleep {seconds}; exec node server.js\"]"));
        Assert.Null((await own.DeployComposeAsync(project, Compose("v1", 0))).Problem);
        var upload = await own.Client.UploadAsync(project, "production", (s, ct) => LiveWherry.WriteTarAsync(s, new Dictionary<string, string> { ["compose.yaml"] = Compose("v2", 5) }, ct), default);
        var begun = await own.Client.DeployAsync(project, "production", new DeployRequest { Upload = upload.Id }, default);
        await LiveWherry.UntilAsync(async () => (await own.LogAsync(begun)).Contains("wait until web-2", StringComparison.Ordinal));

        await own.RestartEdgeAsync(after: TimeSpan.FromSeconds(2));
        Assert.Equal((HttpStatusCode.OK, "v1"), await own.GetAsync($"{project}.localhost"));
        var ended = await own.EndAsync(begun);

        Assert.Null(ended.Problem);
        Assert.Equal((HttpStatusCode.OK, "v2"), await own.GetAsync($"{project}.localhost"));
    }

    [Fact]
    public async Task A_route_is_given_to_a_service_that_has_run_for_longer_than_its_deadline()
    {
        var project = await wherry.ProjectAsync();
        string Compose(string routes) => ComposeText.Of(ComposeText.Service("web", "v1", $"expose: [\"3000\"]\nx-wherry: {{ routes: [{routes}], health: {{ interval: 100ms, deadline: 3s }} }}"));
        Assert.Null((await wherry.DeployComposeAsync(project, Compose(""))).Problem);
        var before = await wherry.IdsAsync(project, "web");
        await Task.Delay(TimeSpan.FromSeconds(6), TestContext.Current.CancellationToken); // older than the deadline and what the gate adds to it

        var routed = await wherry.DeployComposeAsync(project, Compose($"{project}.localhost"));

        Assert.Null(routed.Problem);
        Assert.Equal(before, await wherry.IdsAsync(project, "web"));
        Assert.Equal((HttpStatusCode.OK, "v1"), await wherry.GetAsync($"{project}.localhost"));
    }

    private async Task<Deployment> ScaleAsync(string project, int replicas) =>
        await wherry.EndAsync(await wherry.Client.ScaleAsync(project, "production", new ScaleRequest(new Dictionary<string, int> { ["web"] = replicas }), default));
}
