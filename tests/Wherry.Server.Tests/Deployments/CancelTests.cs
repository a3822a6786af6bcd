using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Wherry.Client;
using Wherry.Server.Store;

namespace Wherry.Server.Tests.Deployments;

/// <summary>A deployment can be cancelled at any moment, and what served before serves.</summary>
public sealed class CancelTests(LiveWherry wherry)
{
    /// <summary>RG-23: a deployment that waits ends at once, and its follower with it.</summary>
    [Fact]
    public async Task One_that_waits_ends_at_once()
    {
        var project = await wherry.ProjectAsync();
        var slow = await SlowAsync(project, 20);
        var waiting = await wherry.Client.DeployAsync(project, "production", new DeployRequest { Image = LiveWherry.Image("v2") }, default);

        var cancelled = await wherry.Client.CancelDeploymentAsync(waiting.Id, default);

        Assert.Equal((DeploymentOutcome.Cancelled, "deployment/cancelled"), (cancelled.Outcome, cancelled.Problem!.Code));
        Assert.StartsWith("socket", cancelled.CancelledBy, StringComparison.Ordinal);
        Assert.Contains("cancelled by socket", await wherry.LogAsync(waiting), StringComparison.Ordinal);
        await wherry.EndAsync(waiting);
        var again = await Assert.ThrowsAsync<ApiException>(() => wherry.Client.CancelDeploymentAsync(waiting.Id, default));
        Assert.Equal("deployment/ended", again.Problem.Code);
        await wherry.Client.CancelDeploymentAsync(slow.Id, default);
        Assert.Equal(DeploymentOutcome.Cancelled, (await wherry.EndAsync(slow)).Outcome);
    }

    /// <summary>FL-13: at every step of the plan in turn, the end is old or new, whole.</summary>
    [Fact]
    public async Task FL_13_Cancelled_at_any_step_the_end_is_old_or_new_and_nothing_is_left()
    {
        var project = await wherry.ProjectAsync();
        var host = $"{project}.localhost";
        Assert.Null((await wherry.DeployComposeAsync(project, Compose(host, "v1", "first"))).Problem);
        await using var visitors = Visitors.Of(wherry, host);
        var steps = await wherry.DeployComposeAsync(project, Compose(host, "v2", "measured"));
        Assert.Null(steps.Problem);
        var (now, next) = ("v2", "v1");
        for (var at = 0; at < steps.Steps.Count; at++)
        {
            var ended = await CancelAtAsync(project, Compose(host, next, $"try {at}"), at);

            Assert.Contains(ended.Outcome, new DeploymentOutcome?[] { DeploymentOutcome.Cancelled, DeploymentOutcome.Succeeded });
            (now, next) = ended.Outcome == DeploymentOutcome.Succeeded ? (next, now) : (now, next);
            Assert.Equal((HttpStatusCode.OK, now), await wherry.GetAsync(host));
            var left = await wherry.ContainersAsync(project);
            Assert.Equal(["side", "web"], left.Select(c => c.Labels[Labels.Service]).Order());
            Assert.All(left, c => Assert.Equal(Docker.ContainerState.Running, c.State));
        }

        await visitors.LeaveAsync();
        Assert.Empty(visitors.Failures);
        Assert.Null((await wherry.DeployComposeAsync(project, Compose(host, next, "last"))).Problem);
    }

    /// <summary>RG-04.</summary>
    [Fact]
    public async Task RG_04_A_cancelled_build_leaves_no_process_behind()
    {
        var project = await wherry.ProjectAsync();
        var mark = $"86{Random.Shared.Next(1000, 9999)}";
        var upload = await wherry.Client.UploadAsync(project, "production", (s, ct) => LiveWherry.WriteTarAsync(s, new Dictionary<string, string> { ["Dockerfile"] = $"FROM {LiveWherry.Image("v1")}\nRUN node -e 'setTimeout(() => 0, {mark}000)'\n" }, ct), default);
        var begun = await wherry.Client.DeployAsync(project, "production", new DeployRequest { Upload = upload.Id }, default);
        await LiveWherry.UntilAsync(() => Task.FromResult(Processes(mark).Count > 0));

        await wherry.Client.CancelDeploymentAsync(begun.Id, default);

        Assert.Equal("deployment/cancelled", (await wherry.EndAsync(begun)).Problem!.Code);
        await LiveWherry.UntilAsync(() => Task.FromResult(Processes(mark).Count == 0), 20);
        Assert.Empty(await wherry.ContainersAsync(project));
        Assert.Null((await wherry.DeployAsync(project, new DeployRequest { Image = LiveWherry.Image("v1") })).Problem);
    }

    /// <summary>RG-04.</summary>
    [Fact]
    public async Task RG_04_A_cancelled_fetch_leaves_no_git_behind()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start(); // takes connections and never says a word
        var port = $"{((IPEndPoint)silent.LocalEndpoint).Port}";
        var project = await wherry.ProjectAsync();
        var begun = await wherry.Client.DeployAsync(project, "production", new DeployRequest { GitUrl = $"http://127.0.0.1:{port}/shop.git" }, default);
        await LiveWherry.UntilAsync(() => Task.FromResult(Processes($":{port}/shop.git").Count > 0));

        await wherry.Client.CancelDeploymentAsync(begun.Id, default);

        Assert.Equal(DeploymentOutcome.Cancelled, (await wherry.EndAsync(begun)).Outcome);
        await LiveWherry.UntilAsync(() => Task.FromResult(Processes($":{port}/shop.git").Count == 0), 20);
    }

    /// <summary>RG-04.</summary>
    [Fact]
    public async Task RG_04_A_cancelled_release_command_is_gone_with_its_container()
    {
        var project = await wherry.ProjectAsync();
        var begun = await SlowAsync(project, 600);

        await wherry.Client.CancelDeploymentAsync(begun.Id, default);

        Assert.Equal(DeploymentOutcome.Cancelled, (await wherry.EndAsync(begun)).Outcome);
        Assert.Empty(await wherry.ContainersAsync(project));
    }

    /// <summary>A wish to cancel outlives the server.</summary>
    [Fact]
    public async Task A_cancelled_deployment_that_a_crash_interrupted_is_ended_by_the_next_process()
    {
        await using var own = new LiveWherry();
        await own.InitializeAsync();
        var project = await own.ProjectAsync();
        var begun = await SlowAsync(project, 600, own);
        await using (var connection = await own.Services.GetRequiredService<Database>().Dialect.ConnectAsync(default))
        {
            // As a crash between the writing and the telling leaves it.
            await Dapper.SqlMapper.ExecuteAsync(connection, "UPDATE deployment SET cancelled_by = 'ann' WHERE id = @Id", new { begun.Id });
        }

        await own.RestartServerAsync();
        var ended = await own.EndAsync(begun);

        Assert.Equal(DeploymentOutcome.Cancelled, ended.Outcome);
        Assert.Contains("ann", ended.Problem!.Message, StringComparison.Ordinal);
        await LiveWherry.UntilAsync(async () => (await own.ContainersAsync(project)).Count == 0);
    }

    [Fact]
    public async Task A_push_whose_deployment_is_cancelled_is_refused_and_says_by_whom()
    {
        var project = await wherry.ProjectAsync();
        var folder = await wherry.FolderAsync(project);
        await folder.Write("Dockerfile", $"FROM {LiveWherry.Image("v2")}\nRUN node -e 'setTimeout(() => 0, 600000)'\n").CommitAsync();
        var push = folder.PushAsync();
        await LiveWherry.UntilAsync(async () => await wherry.Client.DeploymentsAsync(project, "production", default) is [{ StartedAt: not null }]);

        await wherry.Client.CancelDeploymentAsync((await wherry.Client.DeploymentsAsync(project, "production", default))[0].Id, default);

        var refused = await push;
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("cancelled by socket", refused.Text, StringComparison.Ordinal);
    }

    /// <summary>Deploys and cancels when the log tells the step at this position.</summary>
    private async Task<Deployment> CancelAtAsync(string project, string compose, int at)
    {
        var upload = await wherry.Client.UploadAsync(project, "production", (s, ct) => LiveWherry.WriteTarAsync(s, new Dictionary<string, string> { ["compose.yaml"] = compose }, ct), default);
        var begun = await wherry.Client.DeployAsync(project, "production", new DeployRequest { Upload = upload.Id }, default);
        await LiveWherry.UntilAsync(async () => await wherry.Client.DeploymentAsync(begun.Id, default) is var d && (d.Outcome is not null || (d.Steps.Count > at && d.Steps[at].State != "planned") || (d.Steps.Count > 0 && d.Steps.Count <= at)));
        try
        {
            await wherry.Client.CancelDeploymentAsync(begun.Id, default);
        }
        catch (ApiException e) when (e.Problem.Code == "deployment/ended")
        {
            // The last steps are quick.
        }

        return await wherry.EndAsync(begun);
    }

    private static string Compose(string host, string version, string mark) => ComposeText.Of(
        ComposeText.Web(host, version, $"environment: {{ MARK: \"{mark}\" }}", "release: [node, -e, \"setTimeout(() => 0, 300)\"]\ndeploy: { drain: 1s }"),
        ComposeText.Service("side", version, $"environment: {{ MARK: \"{mark}\" }}"));

    private static List<string> Processes(string argument) =>
    [
        .. from folder in Directory.EnumerateDirectories("/proc")
           where Path.GetFileName(folder).All(char.IsAsciiDigit) && Path.GetFileName(folder) != $"{Environment.ProcessId}"
           let line = Line(folder)
           where line.Contains(argument, StringComparison.Ordinal)
           select line,
    ];

    private static string Line(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline")).Replace('\0', ' ');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ""; // it ended in between
        }
    }

    /// <summary>Queues a deployment whose release command takes these seconds, and waits until it runs.</summary>
    private async Task<Deployment> SlowAsync(string project, int seconds, LiveWherry? at = null)
    {
        at ??= wherry;
        var compose = ComposeText.Of(ComposeText.Web($"{project}.localhost", wherry: $"release: [node, -e, \"console.log('release begins'); setTimeout(() => 0, {seconds * 1000})\"]"));
        var upload = await at.Client.UploadAsync(project, "production", (s, ct) => LiveWherry.WriteTarAsync(s, new Dictionary<string, string> { ["compose.yaml"] = compose }, ct), default);
        var begun = await at.Client.DeployAsync(project, "production", new DeployRequest { Upload = upload.Id }, default);
        await LiveWherry.UntilAsync(async () => (await at.LogAsync(begun)).Contains("release begins", StringComparison.Ordinal));
        return begun;
    }
}
