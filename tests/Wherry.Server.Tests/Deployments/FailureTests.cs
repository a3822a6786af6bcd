using System.Net;
using System.Net.Sockets;
using Wherry.Client;

namespace Wherry.Server.Tests.Deployments;

/// <summary>What goes wrong is told, and what served before serves on.</summary>
public sealed class FailureTests(LiveWherry wherry)
{
    [Fact]
    public async Task KM_17_A_bad_web_leaves_the_old_one_serving_and_never_starts_the_new_worker()
    {
        var project = await wherry.ProjectAsync();
        string Compose(string version, string behaves) => ComposeText.Of(
            ComposeText.Web($"{project}.localhost", version, $"environment: {{ BEHAVE: {behaves} }}"),
            ComposeText.Service("worker", version, "depends_on: [web]"));
        Assert.Null((await wherry.DeployComposeAsync(project, Compose("v1", "well"))).Problem);
        var before = await wherry.ContainersAsync(project);

        var failed = await wherry.DeployComposeAsync(project, Compose("v2", "crash"));

        Assert.Equal(DeploymentOutcome.Failed, failed.Outcome);
        Assert.Contains("web", failed.Problem!.Message, StringComparison.Ordinal);
        Assert.Contains("cannot reach the database", await wherry.LogAsync(failed), StringComparison.Ordinal);
        Assert.DoesNotContain("version v2 behaves well", await wherry.LogAsync(failed), StringComparison.Ordinal);
        Assert.DoesNotContain(failed.Steps, s => s.Text.StartsWith("start worker", StringComparison.Ordinal) && s.State == "done");
        Assert.Equal(before.Select(c => c.Id).Order(), (await wherry.ContainersAsync(project)).Select(c => c.Id).Order());
        Assert.Equal((HttpStatusCode.OK, "v1"), await wherry.GetAsync($"{project}.localhost"));
    }

    [Fact]
    public async Task FL_03_An_image_that_does_not_exist_is_named_and_the_old_one_serves_on()
    {
        var project = await wherry.ProjectAsync();
        await wherry.DeployAsync(project, new DeployRequest { Image = LiveWherry.Image("v1") });
        await using var visitors = Visitors.Of(wherry, $"{project}.localhost");
        await visitors.SeeAsync("v1");

        var failed = await wherry.DeployAsync(project, new DeployRequest { Image = "127.0.0.1:9/wherry-test/nowhere:v1" });

        await visitors.LeaveAsync();
        Assert.Equal(DeploymentOutcome.Failed, failed.Outcome);
        Assert.Contains("wherry-test/nowhere", failed.Problem!.Message, StringComparison.Ordinal);
        Assert.Empty(visitors.Failures);
        Assert.Single(await wherry.IdsAsync(project, "web"));
    }

    [Fact]
    public async Task DC_04_What_never_gets_healthy_fails_at_the_deadline()
    {
        var project = await wherry.ProjectAsync();
        string Compose(string version, string behaves) => ComposeText.Of(ComposeText.Web($"{project}.localhost", version, $"environment: {{ BEHAVE: {behaves} }}", "health: { path: /up, interval: 100ms, deadline: 6s }"));
        Assert.Null((await wherry.DeployComposeAsync(project, Compose("v1", "well").Replace("6s", "40s", StringComparison.Ordinal))).Problem);

        var failed = await wherry.DeployComposeAsync(project, Compose("v2", "unhealthy"));

        Assert.Equal("health/probe-status", failed.Problem!.Code);
        Assert.Contains("500", failed.Problem.Message, StringComparison.Ordinal);
        Assert.InRange(failed.FinishedAt!.Value - failed.StartedAt!.Value, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(40));
        Assert.Equal("v1", (await wherry.GetAsync($"{project}.localhost")).Body);
        Assert.Single(await wherry.IdsAsync(project, "web"));
    }

    [Fact]
    public async Task DC_04_A_check_inside_the_container_is_waited_for_and_its_last_words_are_shown()
    {
        var project = await wherry.ProjectAsync();
        string Compose(string mark, string check) => ComposeText.Of(ComposeText.Service("worker", "v1", $"environment: {{ MARK: {mark} }}\nx-wherry:\n  health:\n    command: [node, -e, \"{check}\"]\n    interval: 500ms\n    timeout: 5s\n    deadline: 8s"));
        Assert.Null((await wherry.DeployComposeAsync(project, Compose("a", "process.exit(0)").Replace("8s", "40s", StringComparison.Ordinal))).Problem);
        Assert.Equal("healthy", Assert.Single(Assert.Single(await wherry.Client.ServicesAsync(project, "production", default)).Replicas).Health);
        var before = await wherry.IdsAsync(project, "worker");

        var failed = await wherry.DeployComposeAsync(project, Compose("b", "console.log('queue is stuck'); process.exit(1)"));

        Assert.Equal("health/deadline", failed.Problem!.Code);
        Assert.Contains("queue is stuck", failed.Problem.Message, StringComparison.Ordinal);
        Assert.Equal(before, await wherry.IdsAsync(project, "worker"));
    }

    [Fact]
    public async Task DC_04_A_deadline_alone_bounds_the_engines_own_check()
    {
        var project = await wherry.ProjectAsync();

        var failed = await wherry.DeployComposeAsync(project, ComposeText.Of(ComposeText.Service("worker", "v1", "healthcheck: { test: [CMD, 'false'], interval: 1s, retries: 100 }\nx-wherry: { health: { deadline: 4s } }")));

        Assert.Equal("health/deadline", failed.Problem!.Code);
        Assert.Contains("after 4 s", failed.Problem.Message, StringComparison.Ordinal);
        Assert.Empty(await wherry.ContainersAsync(project));
    }

    [Fact]
    public async Task DK_020_A_release_command_runs_once_before_traffic_and_its_failure_leaves_the_old_one_serving()
    {
        var project = await wherry.ProjectAsync();
        string Compose(string version, string script) => ComposeText.Of(ComposeText.Web($"{project}.localhost", version, "deploy: { replicas: 2 }", $"release: [node, -e, \"{script}\"]"));
        var good = await wherry.DeployComposeAsync(project, Compose("v1", "console.log('migrated ' + process.env.VERSION)"));
        Assert.Null(good.Problem);
        Assert.Single((await wherry.LogAsync(good)).Split('\n'), l => l.Trim() == "migrated v1");

        var failed = await wherry.DeployComposeAsync(project, Compose("v2", "console.error('lock timeout'); process.exit(9)"));

        Assert.Equal("release/failed", failed.Problem!.Code);
        Assert.Contains("9", failed.Problem.Message, StringComparison.Ordinal);
        Assert.Contains("lock timeout", await wherry.LogAsync(failed), StringComparison.Ordinal);
        Assert.Equal("v1", (await wherry.GetAsync($"{project}.localhost")).Body);
        Assert.Equal(2, (await wherry.ContainersAsync(project)).Count);
    }

    [Fact]
    public async Task A_host_of_another_project_is_refused_and_nothing_changes()
    {
        var (first, second) = (await wherry.ProjectAsync(), await wherry.ProjectAsync());
        await wherry.DeployAsync(first, new DeployRequest { Image = LiveWherry.Image("v1") });

        var refused = await wherry.DeployAsync(second, new DeployRequest { Image = LiveWherry.Image("v2"), Host = $"{first}.localhost" });

        Assert.Equal("route/host-taken", refused.Problem!.Code);
        Assert.Contains(first, refused.Problem.Message, StringComparison.Ordinal);
        Assert.Empty(await wherry.ContainersAsync(second));
        Assert.Equal((HttpStatusCode.OK, "v1"), await wherry.GetAsync($"{first}.localhost"));
    }

    [Fact]
    public async Task A_host_port_that_is_bound_is_told_and_nothing_changes()
    {
        var project = await wherry.ProjectAsync();
        using var holder = new TcpListener(IPAddress.Any, 0);
        holder.Start();
        var port = ((IPEndPoint)holder.LocalEndpoint).Port;
        var web = ComposeText.Web($"{project}.localhost");
        await wherry.DeployComposeAsync(project, ComposeText.Of(web));
        var before = await wherry.ContainersAsync(project);

        var failed = await wherry.DeployComposeAsync(project, ComposeText.Of(web, ComposeText.Service("game", keys: $"ports: [\"{port}:3000\"]")));

        Assert.Equal("port/taken", failed.Problem!.Code);
        Assert.Contains($"(process {Environment.ProcessId})", failed.Problem.Message, StringComparison.Ordinal);
        Assert.Equal(before.Select(c => c.Id), (await wherry.ContainersAsync(project)).Select(c => c.Id));
        Assert.Equal("v1", (await wherry.GetAsync($"{project}.localhost")).Body);
    }

    [Fact]
    public async Task Bad_names_are_refused_at_the_door()
    {
        var project = await wherry.ProjectAsync();
        await RefusedAsync(() => wherry.Client.CreateProjectAsync(new CreateProject("../x"), default));
        await RefusedAsync(() => wherry.Client.CreateEnvironmentAsync(project, new CreateEnvironment("../x"), default));
        foreach (var request in new DeployRequest[] { new() { Image = "app:v1\nFROM evil" }, new() { Path = "../x" }, new() { Host = "../x" }, new() { GitUrl = "--upload-pack=x" }, new() { GitRef = "--x" }, new() { Image = LiveWherry.Image("v1"), Port = 70000 } })
        {
            await RefusedAsync(() => wherry.Client.DeployAsync(project, "production", request, default));
        }

        Assert.Empty(await wherry.Client.DeploymentsAsync(project, "production", default));
    }

    private static async Task RefusedAsync(Func<Task> act) => Assert.InRange((await Assert.ThrowsAsync<ApiException>(act)).Status, 400, 422);
}
