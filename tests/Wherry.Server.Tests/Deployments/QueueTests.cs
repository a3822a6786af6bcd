using System.Net;
using Wherry.Client;

namespace Wherry.Server.Tests.Deployments;

/// <summary>Deployments of one environment come one after the other, whatever happens to the server.</summary>
public sealed class QueueTests(LiveWherry wherry)
{
    [Fact]
    public async Task A_waiting_deployment_is_superseded_by_a_newer_one()
    {
        var project = await wherry.ProjectAsync();
        var first = await SlowAsync(wherry, project, 4);
        var second = await wherry.Client.DeployAsync(project, "production", new DeployRequest { Image = LiveWherry.Image("v2") }, default);
        var third = await wherry.Client.DeployAsync(project, "production", new DeployRequest { Image = LiveWherry.Image("v3") }, default);

        Assert.Equal(DeploymentOutcome.Superseded, (await wherry.EndAsync(second)).Outcome);
        Assert.Contains(third.Id, await wherry.LogAsync(second), StringComparison.Ordinal);
        Assert.Null((await wherry.EndAsync(first)).Problem);
        Assert.Null((await wherry.EndAsync(third)).Problem);
        Assert.Equal("v3", (await wherry.GetAsync($"{project}.localhost")).Body);
    }

    [Fact]
    public async Task A_queue_of_twenty_is_full()
    {
        var project = await wherry.ProjectAsync();
        await wherry.DeployComposeAsync(project, ComposeText.Of(ComposeText.Web($"{project}.localhost")));
        var slow = await SlowAsync(wherry, project, 4);
        for (var i = 0; i < 20; i++)
        {
            await wherry.Client.StartAsync(project, "production", new ServicesRequest(), default);
        }

        var full = await Assert.ThrowsAsync<ApiException>(() => wherry.Client.StartAsync(project, "production", new ServicesRequest(), default));

        Assert.Equal(("deployment/queue-full", 429), (full.Problem.Code, full.Status));
        Assert.Null((await wherry.EndAsync(slow)).Problem);
        await LiveWherry.UntilAsync(async () => (await wherry.Client.DeploymentsAsync(project, "production", default)).All(d => d.Outcome == DeploymentOutcome.Succeeded));
        Assert.Equal(HttpStatusCode.OK, (await wherry.GetAsync($"{project}.localhost")).Status);
    }

    [Fact]
    public async Task A_server_that_restarts_in_the_middle_of_a_deployment_brings_it_to_its_end()
    {
        await using var own = new LiveWherry();
        await own.InitializeAsync();
        var project = await own.ProjectAsync();
        var begun = await SlowAsync(own, project, 3);

        await own.RestartServerAsync();
        var ended = await own.EndAsync(begun);

        Assert.Null(ended.Problem);
        Assert.Equal(DeploymentOutcome.Succeeded, ended.Outcome);
        Assert.Equal((HttpStatusCode.OK, "v1"), await own.GetAsync($"{project}.localhost"));
        Assert.DoesNotContain(await own.ContainersAsync(project), c => c.Labels.ContainsKey(Labels.OneOff));
    }

    [Fact]
    public async Task A_server_that_restarts_in_the_middle_of_a_build_ends_the_deployment_as_interrupted()
    {
        await using var own = new LiveWherry();
        await own.InitializeAsync();
        var project = await own.ProjectAsync();
        var upload = await own.Client.UploadAsync(project, "production", (s, ct) => LiveWherry.WriteTarAsync(s, new Dictionary<string, string> { ["Dockerfile"] = $"FROM {LiveWherry.Image("v1")}\nENV MARK={project}\nRUN node -e 'setTimeout(() => 0, 6000)'\n" }, ct), default);
        var begun = await own.Client.DeployAsync(project, "production", new DeployRequest { Upload = upload.Id }, default);
        await LiveWherry.UntilAsync(async () => (await own.LogAsync(begun)).Contains("building web", StringComparison.Ordinal));

        await own.RestartServerAsync();
        var ended = await own.EndAsync(begun);

        Assert.Equal(DeploymentOutcome.Failed, ended.Outcome);
        Assert.Equal("deployment/interrupted", ended.Problem!.Code);
        Assert.Null((await own.DeployAsync(project, new DeployRequest { Image = LiveWherry.Image("v2") })).Problem);
        Assert.Equal((HttpStatusCode.OK, "v2"), await own.GetAsync($"{project}.localhost"));
    }

    [Fact]
    public async Task Of_what_waits_when_the_server_restarts_an_upload_is_deployed_and_a_push_ends_as_interrupted()
    {
        await using var own = new LiveWherry();
        await own.InitializeAsync();
        var (uploaded, pushed) = (await own.ProjectAsync(), await own.ProjectAsync());
        var before = await Task.WhenAll(SlowAsync(own, uploaded, 6), SlowAsync(own, pushed, 6));
        var folder = await own.FolderAsync(pushed);
        var commit = await folder.Write("Dockerfile", $"FROM {LiveWherry.Image("v2")}\n").CommitAsync();
        var push = folder.PushAsync();
        var upload = await own.Client.UploadAsync(uploaded, "production", (s, ct) => LiveWherry.WriteTarAsync(s, new Dictionary<string, string> { ["compose.yaml"] = ComposeText.Of(ComposeText.Web($"{uploaded}.localhost", "v2")) }, ct), default);
        var queued = await own.Client.DeployAsync(uploaded, "production", new DeployRequest { Upload = upload.Id }, default);
        await LiveWherry.UntilAsync(async () => (await own.Client.DeploymentsAsync(pushed, "production", default)).Count == 2);
        var waiting = (await own.Client.DeploymentsAsync(pushed, "production", default))[0];
        Assert.Equal((DeploymentStage.Queued, DeploymentStage.Queued), (queued.Stage, waiting.Stage));

        await own.RestartServerAsync();
        var refused = await push;
        var interrupted = await own.EndAsync(waiting);

        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("push again", refused.Text, StringComparison.Ordinal);
        Assert.Equal((DeploymentOutcome.Failed, "deployment/interrupted"), (interrupted.Outcome, interrupted.Problem!.Code));
        Assert.Contains(commit[..7], interrupted.Problem.Message, StringComparison.Ordinal);
        Assert.All(await Task.WhenAll(before.Select(own.EndAsync)), d => Assert.Null(d.Problem));
        Assert.Equal((HttpStatusCode.OK, "v1"), await own.GetAsync($"{pushed}.localhost"));
        Assert.Null((await own.EndAsync(queued)).Problem);
        Assert.Equal((HttpStatusCode.OK, "v2"), await own.GetAsync($"{uploaded}.localhost"));

        var again = await folder.PushAsync();
        Assert.True(again.ExitCode == 0, again.Text);
        Assert.Equal((HttpStatusCode.OK, "v2"), await own.GetAsync($"{pushed}.localhost"));
        Assert.Empty(Directory.GetDirectories(own.Options.Builds, "tree-*"));
    }

    /// <summary>Queues a deployment whose release command takes these seconds, and waits until it runs.</summary>
    private static async Task<Deployment> SlowAsync(LiveWherry at, string project, int seconds)
    {
        var compose = ComposeText.Of(ComposeText.Web($"{project}.localhost", keys: "environment: { MARK: slow }", wherry: $"release: [node, -e, \"console.log('release begins'); setTimeout(() => 0, {seconds * 1000})\"]"));
        var upload = await at.Client.UploadAsync(project, "production", (s, ct) => LiveWherry.WriteTarAsync(s, new Dictionary<string, string> { ["compose.yaml"] = compose }, ct), default);
        var begun = await at.Client.DeployAsync(project, "production", new DeployRequest { Upload = upload.Id }, default);
        await LiveWherry.UntilAsync(async () => (await at.LogAsync(begun)).Contains("release begins", StringComparison.Ordinal));
        return begun;
    }
}
