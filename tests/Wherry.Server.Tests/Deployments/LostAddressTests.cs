using System.Net;
using Wherry.Client;

namespace Wherry.Server.Tests.Deployments;

/// <summary>A new replica that somebody takes off its network cannot be probed.</summary>
public sealed class LostAddressTests(LiveWherry wherry)
{
    [Fact]
    public async Task A_replica_that_loses_its_network_before_the_gate_costs_the_candidate()
    {
        var project = await wherry.ProjectAsync();
        var host = $"{project}.localhost";
        Assert.Null((await wherry.DeployComposeAsync(project, ComposeText.Of(ComposeText.Web(host)))).Problem);
        var before = await wherry.IdsAsync(project, "web");
        var begun = await wherry.BeginAsync(project, new Dictionary<string, string> { ["compose.yaml"] = ComposeText.Of(ComposeText.Web(host, "v2", "environment: { BEHAVE: deaf }")) });
        await LiveWherry.UntilAsync(async () => (await wherry.LogAsync(begun)).Contains("wait until web-", StringComparison.Ordinal));
        await wherry.Client.PauseDeploymentAsync(begun.Id, default);
        await LiveWherry.UntilAsync(async () => (await wherry.LogAsync(begun)).Contains("paused by", StringComparison.Ordinal));
        var candidate = (await wherry.ContainersAsync(project)).Single(c => !before.Contains(c.Id));
        await wherry.Engine.Networks.DisconnectAsync(candidate.Networks.Keys.Single(), candidate.Id, default);

        await wherry.Client.ResumeDeploymentAsync(begun.Id, default);
        var ended = await wherry.EndAsync(begun);

        Assert.Equal((DeploymentOutcome.Failed, "service/no-address"), (ended.Outcome, ended.Problem?.Code));
        Assert.Contains(ended.Steps, s => s.State == "failed");
        Assert.Equal(before, await wherry.IdsAsync(project, "web"));
        Assert.Equal((HttpStatusCode.OK, "v1"), await wherry.GetAsync(host));
    }
}
