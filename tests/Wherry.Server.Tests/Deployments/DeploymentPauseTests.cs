using System.Net;
using Wherry.Client;

namespace Wherry.Server.Tests.Deployments;

/// <summary>A paused deployment places nothing more, and goes on when it is told to.</summary>
public sealed class DeploymentPauseTests
{
    /// <summary>NO-06: over a restart of the server, and for longer than the gate's deadline.</summary>
    [Fact]
    public async Task NO_06_A_paused_deployment_waits_over_a_restart_and_goes_on()
    {
        await using var own = new LiveWherry();
        await own.InitializeAsync();
        var project = await own.ProjectAsync();
        var host = $"{project}.localhost";
        Assert.Null((await own.DeployComposeAsync(project, ComposeText.Of(ComposeText.Web(host)))).Problem);

        // Well after 4 s, and given 6.
        var slow = ComposeText.Web(host, "v2", "command: [node, -e, \"setTimeout(() => require('/server.js'), 4000)\"]", "health: { path: /up, interval: 100ms, deadline: 12s }");
        var upload = await own.Client.UploadAsync(project, "production", (s, ct) => LiveWherry.WriteTarAsync(s, new Dictionary<string, string> { ["compose.yaml"] = ComposeText.Of(slow) }, ct), default);
        var begun = await own.Client.DeployAsync(project, "production", new DeployRequest { Upload = upload.Id }, default);
        await LiveWherry.UntilAsync(async () => (await own.LogAsync(begun)).Contains("wait until web-2", StringComparison.Ordinal));

        var paused = await own.Client.PauseDeploymentAsync(begun.Id, default);
        Assert.StartsWith("socket", paused.PausedBy, StringComparison.Ordinal);
        await LiveWherry.UntilAsync(async () => (await own.LogAsync(begun)).Contains("paused by socket", StringComparison.Ordinal));
        await own.RestartServerAsync();
        await Task.Delay(13_000);
        var waiting = await own.Client.DeploymentAsync(begun.Id, default);
        Assert.Equal((null, paused.PausedBy), (waiting.Outcome, waiting.PausedBy));
        Assert.Equal((HttpStatusCode.OK, "v1"), await own.GetAsync(host));
        Assert.Equal(2, (await own.IdsAsync(project, "web")).Count);

        await own.Client.ResumeDeploymentAsync(begun.Id, default);
        Assert.Null((await own.EndAsync(begun)).Problem);
        Assert.Equal((HttpStatusCode.OK, "v2"), await own.GetAsync(host));
        var ended = await Assert.ThrowsAsync<ApiException>(() => own.Client.PauseDeploymentAsync(begun.Id, default));
        Assert.Equal("deployment/ended", ended.Problem.Code);
    }
}
