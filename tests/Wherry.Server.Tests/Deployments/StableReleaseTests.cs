using Microsoft.Extensions.DependencyInjection;
using Wherry.Client;
using Wherry.Server.Store;

namespace Wherry.Server.Tests.Deployments;

/// <summary>A rollback goes to a release that proved itself.</summary>
public sealed class StableReleaseTests(LiveWherry wherry)
{
    /// <summary>NO-02.</summary>
    [Fact]
    public async Task NO_02_A_rollback_passes_over_what_did_not_serve_for_long_enough()
    {
        var project = await wherry.ProjectAsync();
        Assert.Null((await wherry.DeployAsync(project, new DeployRequest { Image = LiveWherry.Image("v1") })).Problem);
        await ServedAsync(project, minutes: 11);
        Assert.Null((await wherry.DeployAsync(project, new DeployRequest { Image = LiveWherry.Image("v2") })).Problem);
        Assert.Null((await wherry.DeployAsync(project, new DeployRequest { Image = LiveWherry.Image("v3") })).Problem);

        var releases = await wherry.Client.ReleasesAsync(project, "production", default);
        Assert.Equal([false, false, true], releases.Select(r => r.StableAt is not null));
        var back = await wherry.Client.RollbackAsync(project, "production", new RollbackRequest(), default);

        Assert.Contains(back.Notes, n => n.Contains("r2 served less than 10 min", StringComparison.Ordinal));
        var ended = await wherry.EndAsync(back);
        Assert.Equal((1, null), (ended.Release, ended.Problem));
        Assert.Equal("v1", (await wherry.GetAsync($"{project}.localhost")).Body);
        Assert.Contains("wherry unlock", await wherry.LogAsync(ended), StringComparison.Ordinal);
    }

    /// <summary>NO-02: what an automatic revert left is never gone back to.</summary>
    [Fact]
    public async Task NO_02_What_failed_is_never_gone_back_to()
    {
        var project = await wherry.ProjectAsync();
        var host = $"{project}.localhost";
        Assert.Null((await wherry.DeployComposeAsync(project, ComposeText.Of(ComposeText.Web(host)))).Problem);
        Assert.NotNull((await wherry.DeployComposeAsync(project, ComposeText.Of(ComposeText.Web(host, "v2", "environment: { BEHAVE: crash }")))).Problem);
        Assert.Null((await wherry.DeployComposeAsync(project, ComposeText.Of(ComposeText.Web(host, "v3")))).Problem);

        var back = await wherry.EndAsync(await wherry.Client.RollbackAsync(project, "production", new RollbackRequest(), default));

        Assert.Equal((1, null), (back.Release, back.Problem));
    }

    /// <summary>NO-03: a rollback that fails changes nothing, and nothing follows it.</summary>
    [Fact]
    public async Task NO_03_A_rollback_that_fails_stops_there()
    {
        var project = await wherry.ProjectAsync();
        var host = $"{project}.localhost";
        // Healthy at first; when the same release starts again it is not.
        var once = ComposeText.Web(host, "v1", $"volumes: [\"state:/state\"]\ncommand: [node, -e, \"const fs = require('fs'); if (fs.existsSync('/state/ran')) process.exit(3); fs.writeFileSync('/state/ran', ''); require('/server.js')\"]", "deploy: { strategy: rolling }") + "volumes: { state: {} }\n";
        Assert.Null((await wherry.DeployComposeAsync(project, ComposeText.Of(once))).Problem);
        Assert.Null((await wherry.DeployComposeAsync(project, ComposeText.Of(ComposeText.Web(host, "v2")))).Problem);

        var back = await wherry.EndAsync(await wherry.Client.RollbackAsync(project, "production", new RollbackRequest(), default));

        Assert.Equal(DeploymentOutcome.Failed, back.Outcome);
        Assert.StartsWith("health/", back.Problem!.Code, StringComparison.Ordinal);
        Assert.Equal("v2", (await wherry.GetAsync(host)).Body);
        Assert.Equal(3, (await wherry.Client.DeploymentsAsync(project, "production", default)).Count);
        Assert.Single(await wherry.IdsAsync(project, "web"));
    }

    /// <summary>As if what is current had become so earlier.</summary>
    private async Task ServedAsync(string project, int minutes)
    {
        await using var connection = await wherry.Services.GetRequiredService<Database>().Dialect.ConnectAsync(default);
        await Dapper.SqlMapper.ExecuteAsync(
            connection,
            "UPDATE environment SET current_since = current_since - @by WHERE project_id = (SELECT id FROM project WHERE name = @project)", new { project, by = minutes * 60_000L });
    }
}
