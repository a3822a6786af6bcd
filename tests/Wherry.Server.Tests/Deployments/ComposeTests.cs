using Microsoft.Extensions.DependencyInjection;
using Wherry.Client;
using Wherry.Core.Model;
using Wherry.Server.Deployments;
using Wherry.Server.Environments;
using Wherry.Server.Store;

namespace Wherry.Server.Tests.Deployments;

/// <summary>A Compose file becomes what it says, and a changed one changes no more than it says.</summary>
public sealed class ComposeTests(LiveWherry wherry)
{
    [Theory]
    [InlineData("networks", "[out]", "network/not-found")]
    [InlineData("volumes", "[\"out:/out\"]", "volume/not-found")]
    public async Task What_is_external_must_be_there_and_is_not_made(string word, string use, string code)
    {
        var project = await wherry.ProjectAsync();

        var failed = await wherry.DeployComposeAsync(project, ComposeText.Of(ComposeText.Service("web", keys: $"{word}: {use}")) + $"{word}: {{ out: {{ external: true, name: {project}-out }} }}\n");

        Assert.Equal(code, failed.Problem?.Code);
        Assert.Null(await wherry.Engine.Volumes.FindAsync($"{project}-out", default));
        Assert.Empty(await wherry.ContainersAsync(project));
    }

    [Fact]
    public async Task Labels_of_Wherrys_own_in_a_file_are_left_out()
    {
        await using var own = new LiveWherry();
        await own.InitializeAsync();
        var project = await own.ProjectAsync();

        Assert.Null((await own.DeployComposeAsync(project, ComposeText.Of(ComposeText.Service("web", keys: "labels: { wherry.oneoff: run, wherry.home: other, mine: yes }")))).Problem);

        var labels = Assert.Single(await own.ContainersAsync(project)).Labels;
        Assert.Equal("yes", labels["mine"]);
        Assert.DoesNotContain(Labels.OneOff, labels.Keys);
        await own.RestartServerAsync();
        Assert.Null((await own.DeployComposeAsync(project, ComposeText.Of(ComposeText.Service("web", "v2")))).Problem);
    }

    [Fact]
    public async Task DC_01_Everything_is_labelled_and_a_second_deployment_changes_nothing()
    {
        var project = await wherry.ProjectAsync();
        var compose = ComposeText.Of(ComposeText.Web($"{project}.localhost"), ComposeText.Service("db", keys: "volumes: [\"data:/data\"]")) + "volumes:\n  data: {}\n";
        Assert.Null((await wherry.DeployComposeAsync(project, compose)).Problem);
        var before = await wherry.ContainersAsync(project);

        var again = await wherry.DeployComposeAsync(project, compose);

        Assert.Equal(DeploymentOutcome.Succeeded, again.Outcome);
        Assert.Empty(again.Steps);
        Assert.Equal(before.Select(c => c.Id).Order(), (await wherry.ContainersAsync(project)).Select(c => c.Id).Order());
        var labels = new Dictionary<string, string?> { [Labels.Project] = project, [Labels.Environment] = "production", [Labels.Home] = null };
        Assert.Equal(2, (await wherry.Engine.Containers.ListAsync(labels, true, default)).Count);
        Assert.Single(await wherry.Engine.Networks.ListAsync(labels, default));
        Assert.Single(await wherry.Engine.Volumes.ListAsync(labels, default));
        Assert.All(before, c => Assert.Equal(("1", "1"), (c.Labels[Labels.Release], c.Labels[Labels.Replica])));
    }

    [Fact]
    public async Task DC_02_A_changed_service_is_replaced_the_others_stay_and_the_label_is_the_hash_of_the_settings()
    {
        var project = await wherry.ProjectAsync();
        string Compose(string version) => ComposeText.Of(ComposeText.Web($"{project}.localhost", version), ComposeText.Service("worker"));
        await wherry.DeployComposeAsync(project, Compose("v1"));
        var (web, worker) = (await wherry.IdsAsync(project, "web"), await wherry.IdsAsync(project, "worker"));

        Assert.Null((await wherry.DeployComposeAsync(project, Compose("v2"))).Problem);

        Assert.Equal(worker, await wherry.IdsAsync(project, "worker"));
        Assert.Empty((await wherry.IdsAsync(project, "web")).Intersect(web));
        var at = await wherry.Services.GetRequiredService<EnvironmentStore>().GetAsync(TeamId.Default, project, "production", default);
        var release = (await wherry.Services.GetRequiredService<ReleaseStore>().FindCurrentAsync(at, default))!;
        Assert.All(await wherry.ContainersAsync(project), c => Assert.Equal(SpecHash.Of(release.Model.Services[ServiceName.Parse(c.Labels[Labels.Service])]), c.Labels[Labels.Hash]));
    }

    [Fact]
    public async Task DC_03_A_service_starts_when_what_it_waits_for_has_started_is_healthy_or_is_done()
    {
        var project = await wherry.ProjectAsync();
        var deployment = await wherry.DeployComposeAsync(project, ComposeText.Of(
            ComposeText.Web($"{project}.localhost", keys: "depends_on:\n  plain: { condition: service_started }\n  db: { condition: service_healthy }\n  job: { condition: service_completed_successfully }"),
            ComposeText.Service("plain"),
            ComposeText.Service("db", keys: Checked("require('http').get('http://127.0.0.1:3000/up', r => process.exit(r.statusCode === 200 ? 0 : 1))")),
            ComposeText.Script("job", "console.log('migrated 7 tables')")));

        Assert.Null(deployment.Problem);
        var order = deployment.Steps.Select(s => s.Text).ToList();
        var web = order.FindIndex(s => s.StartsWith("start web", StringComparison.Ordinal));
        Assert.InRange(order.FindIndex(s => s.StartsWith("start plain", StringComparison.Ordinal)), 0, web - 1);
        Assert.InRange(order.FindIndex(s => s.Contains("db", StringComparison.Ordinal) && s.Contains("healthy", StringComparison.Ordinal)), 0, web - 1);
        Assert.InRange(order.FindIndex(s => s.Contains("job", StringComparison.Ordinal)), 0, web - 1);
        Assert.Contains("migrated 7 tables", await wherry.LogAsync(deployment), StringComparison.Ordinal);
        Assert.Equal("v1", (await wherry.GetAsync($"{project}.localhost")).Body);
    }

    [Fact]
    public async Task DC_03_A_job_that_fails_fails_the_deployment_and_is_named()
    {
        var project = await wherry.ProjectAsync();
        var deployment = await wherry.DeployComposeAsync(project, WithJob(project, required: true));

        Assert.Equal(DeploymentOutcome.Failed, deployment.Outcome);
        Assert.Contains("job", deployment.Problem!.Message, StringComparison.Ordinal);
        Assert.Contains("no such table", await wherry.LogAsync(deployment), StringComparison.Ordinal);
        Assert.Empty(await wherry.IdsAsync(project, "web"));
    }

    [Fact]
    public async Task DC_03_A_job_that_is_not_required_may_fail()
    {
        var project = await wherry.ProjectAsync();
        var deployment = await wherry.DeployComposeAsync(project, WithJob(project, required: false));

        Assert.Null(deployment.Problem);
        Assert.Equal("v1", (await wherry.GetAsync($"{project}.localhost")).Body);
        Assert.Contains("job", (await wherry.LogAsync(deployment)).Split('\n').First(l => l.Contains("exited with code 4", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task DC_05_A_service_that_left_the_file_is_reported_and_goes_when_asked()
    {
        var project = await wherry.ProjectAsync();
        var web = ComposeText.Web($"{project}.localhost");
        await wherry.DeployComposeAsync(project, ComposeText.Of(web, ComposeText.Service("old")));
        var old = await wherry.IdsAsync(project, "old");

        var reported = await wherry.DeployComposeAsync(project, ComposeText.Of(web));
        Assert.Equal(DeploymentOutcome.Succeeded, reported.Outcome);
        Assert.Contains("old", await wherry.LogAsync(reported), StringComparison.Ordinal);
        Assert.Equal(old, await wherry.IdsAsync(project, "old"));

        Assert.Null((await wherry.DeployComposeAsync(project, ComposeText.Of(web), new DeployRequest { RemoveOrphans = true })).Problem);
        Assert.Empty(await wherry.IdsAsync(project, "old"));
        Assert.Single(await wherry.IdsAsync(project, "web"));
    }

    [Fact]
    public async Task DC_14_Variables_of_the_environment_win_over_the_file_beside_and_defaults_fill_the_rest()
    {
        var project = await wherry.ProjectAsync();
        await wherry.Client.ChangeVariablesAsync(project, "production", new ChangeVariables(new Dictionary<string, string> { ["TAG"] = "v2", ["BOTH"] = "environment" }, []), default);
        var deployment = await wherry.DeployAsync(project, new Dictionary<string, string>
        {
            [".env"] = "BOTH=file\nBESIDE=file\n",
            ["compose.yaml"] = ComposeText.Of(ComposeText.Web($"{project}.localhost", "${TAG:?name a version}", "environment:\n  A: \"$BOTH\"\n  B: \"${BESIDE}\"\n  C: \"${NOWHERE:-default}\"\n  D: \"$$HOME\"\n  E: \"${TAG:+set}\"")),
        });

        Assert.Null(deployment.Problem);
        Assert.Equal("v2", (await wherry.GetAsync($"{project}.localhost")).Body);
        var has = await wherry.VariablesAtAsync($"{project}.localhost");
        Assert.Equal(["environment", "file", "default", "$HOME", "set"], new[] { "A", "B", "C", "D", "E" }.Select(n => has[n]));
    }

    [Fact]
    public async Task DC_14_A_required_variable_that_is_not_set_is_named_and_nothing_is_started()
    {
        var project = await wherry.ProjectAsync();
        var failed = await wherry.DeployComposeAsync(project, ComposeText.Of(ComposeText.Web($"{project}.localhost", "${TAG:?name a version}")));

        Assert.Equal("compose/variable-missing", failed.Problem!.Code);
        Assert.Contains("name a version", failed.Problem.Message, StringComparison.Ordinal);
        Assert.Empty(await wherry.ContainersAsync(project));
    }

    [Fact]
    public async Task DP_28_A_grace_period_of_zero_stays_zero()
    {
        var project = await wherry.ProjectAsync();
        var at = new Func<string, string>(v => ComposeText.Of(ComposeText.Script("worker", $"process.on('SIGTERM', () => {{}}); setInterval(() => {{}}, 1000); '{v}'", "stop_grace_period: 0s")));
        await wherry.DeployComposeAsync(project, at("one"));

        var container = (await wherry.Engine.Containers.FindAsync(Assert.Single(await wherry.IdsAsync(project, "worker")), default))!;
        var (exit, text) = await DockerAsync("inspect", "--format", "{{.Config.StopTimeout}}", container.Id);
        Assert.Equal((0, "0"), (exit, text.Trim()));

        var stopped = await wherry.EndAsync(await wherry.Client.StopAsync(project, "production", new ServicesRequest(), default));
        var took = Assert.Single(stopped.Steps, s => s.Text.StartsWith("stop", StringComparison.Ordinal));
        Assert.InRange(took.FinishedAt!.Value - took.StartedAt!.Value, TimeSpan.Zero, TimeSpan.FromSeconds(8));
    }

    private static async Task<(int Exit, string Output)> DockerAsync(params string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("docker", arguments) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output);
    }

    private static string Checked(string script) => $"healthcheck:\n  test: [CMD, node, -e, \"{script}\"]\n  interval: 500ms\n  timeout: 10s\n  retries: 20";

    private static string WithJob(string project, bool required) => ComposeText.Of(
        ComposeText.Web($"{project}.localhost", keys: $"depends_on:\n  job: {{ condition: service_completed_successfully, required: {(required ? "true" : "false")} }}"),
        ComposeText.Script("job", "console.error('no such table'); process.exit(4)"));
}
