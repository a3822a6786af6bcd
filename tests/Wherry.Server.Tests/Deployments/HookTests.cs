using Wherry.Client;

namespace Wherry.Server.Tests.Deployments;

/// <summary>Commands beside start and stop, and when an image is pulled.</summary>
public sealed class HookTests(LiveWherry wherry)
{
    [Fact]
    public async Task DC_20_Hooks_run_after_the_start_and_before_the_stop()
    {
        var project = await wherry.ProjectAsync();
        string Compose(string version) => ComposeText.Of(ComposeText.Service("web", version, """
            stop_grace_period: 1s
            volumes: ["data:/data"]
            post_start: [{ command: [sh, -c, "echo started $$WHO; echo started >> /data/log"], environment: { WHO: ann } }]
            pre_stop: [{ command: [sh, -c, "echo leaving; echo leaving >> /data/log"] }, { command: [sh, -c, "exit 3"] }]
            """)) + "volumes: { data: }\n";
        var first = await wherry.DeployComposeAsync(project, Compose("v1"));
        Assert.Null(first.Problem);
        Assert.Contains("started ann", await wherry.LogAsync(first), StringComparison.Ordinal);

        var second = await wherry.DeployComposeAsync(project, Compose("v2"));

        Assert.Null(second.Problem);
        var log = await wherry.LogAsync(second);
        Assert.Contains("leaving", log, StringComparison.Ordinal);
        Assert.Contains("The pre_stop hook of web failed: \"sh -c exit 3\" exited with code 3", log, StringComparison.Ordinal);
        var id = Assert.Single(await wherry.IdsAsync(project, "web"));
        Assert.Equal("started leaving started", string.Join(' ', (await wherry.Engine.Exec.RunAsync(id, ["cat", "/data/log"], default)).Stdout.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
    }

    [Fact]
    public async Task DC_20_A_post_start_that_fails_fails_the_deployment_and_the_old_replica_stays()
    {
        var project = await wherry.ProjectAsync();
        string Compose(string hook) => ComposeText.Of(ComposeText.Web($"{project}.localhost", keys: $"post_start: [{{ command: [{hook}] }}]"));
        Assert.Null((await wherry.DeployComposeAsync(project, Compose("\"true\""))).Problem);
        var before = await wherry.IdsAsync(project, "web");

        var failed = await wherry.DeployComposeAsync(project, Compose("\"false\""));

        Assert.Equal((DeploymentOutcome.Failed, "service/hook-failed"), (failed.Outcome, failed.Problem?.Code));
        Assert.Equal(before, await wherry.IdsAsync(project, "web"));
        Assert.Equal("v1", (await wherry.GetAsync($"{project}.localhost")).Body);
    }

    [Fact]
    public async Task DC_26_An_image_that_must_not_be_pulled_is_missed_and_one_that_always_is_is_asked_for()
    {
        var project = await wherry.ProjectAsync();

        var never = await wherry.DeployComposeAsync(project, "services: { web: { image: \"wherry-test/none:1\", pull_policy: never } }");
        var always = await wherry.DeployComposeAsync(project, ComposeText.Of(ComposeText.Service("web", keys: "pull_policy: always")));
        var weekly = await wherry.DeployComposeAsync(project, ComposeText.Of(ComposeText.Service("web", keys: "pull_policy: weekly")));

        Assert.Equal("image/not-found", never.Problem?.Code);
        Assert.Contains("pull_policy is never", never.Problem!.Message, StringComparison.Ordinal);
        Assert.Contains("pulling wherry-test/app:v1", await wherry.LogAsync(always), StringComparison.Ordinal);
        Assert.DoesNotContain("pulling", await wherry.LogAsync(weekly), StringComparison.Ordinal);
        Assert.Null(weekly.Problem);
    }
}
