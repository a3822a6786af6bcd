using Microsoft.Data.Sqlite;
using Wherry.Client;

namespace Wherry.Server.Tests.Deployments;

/// <summary>Canaries, failure actions and what goes wrong while replicas are exchanged, on the real engine and edge.</summary>
public sealed class RolloutTests(LiveWherry wherry)
{
    /// <summary>FL-04.</summary>
    [Fact]
    public async Task FL_04_A_broken_old_replica_is_left_out_and_removed()
    {
        var project = await wherry.ProjectAsync();
        string Compose(string version) => ComposeText.Of(ComposeText.Web($"{project}.localhost", version, "deploy: { replicas: 3 }\nrestart: \"no\""));
        Assert.Null((await wherry.DeployComposeAsync(project, Compose("v1"))).Problem);
        var before = await wherry.IdsAsync(project, "web");
        await wherry.Engine.Containers.StopAsync(before.First(), TimeSpan.Zero, default);
        await wherry.Engine.Containers.RemoveAsync(before.Last(), TimeSpan.Zero, removeAnonymousVolumes: true, default);

        var deployment = await wherry.DeployComposeAsync(project, Compose("v2"));

        Assert.Null(deployment.Problem);
        var after = await wherry.IdsAsync(project, "web");
        Assert.Equal(3, after.Count);
        Assert.Empty(after.Intersect(before));
        Assert.Equal("v2", (await wherry.GetAsync($"{project}.localhost")).Body);
    }

    /// <summary>NO-04, RG-17.</summary>
    [Fact]
    public async Task NO_04_RG_17_Canaries_serve_beside_the_old_ones_until_somebody_promotes_them()
    {
        var project = await wherry.ProjectAsync();
        Assert.Null((await wherry.DeployComposeAsync(project, Canaried(project, "v1"))).Problem);
        var begun = await WaitingAsync(project, "v2");
        Assert.Equal(3, (await wherry.IdsAsync(project, "web")).Count);

        await LiveWherry.UntilAsync(() => IsPromotedAsync(begun.Id));
        var ended = await wherry.EndAsync(begun);

        Assert.Null(ended.Problem);
        Assert.Equal(2, (await wherry.IdsAsync(project, "web")).Count);
        Assert.Equal("v2", (await wherry.GetAsync($"{project}.localhost")).Body);
        Assert.Contains(", without interruption", await wherry.LogAsync(ended), StringComparison.Ordinal);
        Assert.Equal("deployment/not-waiting", (await Assert.ThrowsAsync<ApiException>(() => wherry.Client.PromoteAsync(begun.Id, default))).Problem.Code);
    }

    /// <summary>NO-07.</summary>
    [Fact]
    public async Task NO_07_A_newer_deployment_takes_the_canaries_of_a_waiting_one_away()
    {
        var project = await wherry.ProjectAsync();
        await wherry.DeployComposeAsync(project, Canaried(project, "v1"));
        var waiting = await WaitingAsync(project, "v2");

        var newer = await WaitingAsync(project, "v3");
        var ended = await wherry.EndAsync(waiting);

        Assert.Equal((DeploymentOutcome.Superseded, "deployment/superseded"), (ended.Outcome, ended.Problem?.Code));
        await LiveWherry.UntilAsync(() => IsPromotedAsync(newer.Id));
        Assert.Null((await wherry.EndAsync(newer)).Problem);
        Assert.Equal("v3", (await wherry.GetAsync($"{project}.localhost")).Body);
    }

    /// <summary>FL-06.</summary>
    [Fact]
    public async Task FL_06_A_bad_image_of_a_service_that_is_scaled_to_zero_is_found_out()
    {
        var project = await wherry.ProjectAsync();
        string Compose(string behaves) => ComposeText.Of(ComposeText.Web($"{project}.localhost", "v1", $"deploy: {{ replicas: 0 }}\nenvironment: {{ BEHAVE: {behaves} }}"));
        Assert.Null((await wherry.DeployComposeAsync(project, Compose("well"))).Problem);

        Assert.NotNull((await wherry.DeployComposeAsync(project, Compose("crash"))).Problem);
        Assert.Empty(await wherry.IdsAsync(project, "web"));
        Assert.Null((await wherry.DeployComposeAsync(project, Compose("fine"))).Problem);
        Assert.Empty(await wherry.IdsAsync(project, "web"));
    }

    /// <summary>FL-07: the same image with settings that make its checks fail.</summary>
    [Fact]
    public async Task FL_07_Checks_that_fail_after_a_change_of_settings_leave_the_old_one_serving()
    {
        var project = await wherry.ProjectAsync();
        string Compose(string path) => ComposeText.Of(ComposeText.Web($"{project}.localhost", "v1", $"environment: {{ BEHAVE: {path} }}", "health: { path: /up, interval: 100ms, deadline: 3s }"));
        Assert.Null((await wherry.DeployComposeAsync(project, Compose("well"))).Problem);
        var before = await wherry.IdsAsync(project, "web");

        var failed = await wherry.DeployComposeAsync(project, Compose("unhealthy"));

        Assert.Equal("health/probe-status", failed.Problem?.Code);
        Assert.Equal(before, await wherry.IdsAsync(project, "web"));
        Assert.Equal("v1", (await wherry.GetAsync($"{project}.localhost")).Body);
    }

    /// <summary>SW-01.</summary>
    [Fact]
    public async Task SW_01_Pause_leaves_the_new_replica_to_be_looked_at_and_the_old_one_serving()
    {
        var project = await wherry.ProjectAsync();
        string Compose(string behaves) => ComposeText.Of(ComposeText.Web($"{project}.localhost", "v1", $"environment: {{ BEHAVE: {behaves} }}\ndeploy: {{ update_config: {{ failure_action: pause }} }}", "health: { path: /up, interval: 100ms, deadline: 3s }"));
        await wherry.DeployComposeAsync(project, Compose("well"));

        var failed = await wherry.DeployComposeAsync(project, Compose("unhealthy"));

        Assert.Contains("failure_action: pause", failed.Problem!.Hint, StringComparison.Ordinal);
        Assert.Equal(2, (await wherry.IdsAsync(project, "web")).Count);
        Assert.Equal("v1", (await wherry.GetAsync($"{project}.localhost")).Body);
        Assert.Null((await wherry.DeployComposeAsync(project, Compose("well"))).Problem);
        Assert.Single(await wherry.IdsAsync(project, "web"));
    }

    /// <summary>NO-12.</summary>
    [Fact]
    public async Task NO_12_Scaling_up_and_down_in_the_middle_of_a_rollout_converges()
    {
        var project = await wherry.ProjectAsync();
        string Compose(string version) => ComposeText.Of(ComposeText.Web($"{project}.localhost", version, "deploy: { replicas: 2 }", "deploy: { monitor: 1s }"));
        await wherry.DeployComposeAsync(project, Compose("v1"));

        var rolling = await wherry.BeginAsync(project, new Dictionary<string, string> { ["compose.yaml"] = Compose("v2") });
        var up = await wherry.Client.ScaleAsync(project, "production", new ScaleRequest(new Dictionary<string, int> { ["web"] = 4 }), default);
        var down = await wherry.Client.ScaleAsync(project, "production", new ScaleRequest(new Dictionary<string, int> { ["web"] = 3 }), default);

        Assert.Null((await wherry.EndAsync(rolling)).Problem);
        Assert.Null((await wherry.EndAsync(up)).Problem);
        Assert.Null((await wherry.EndAsync(down)).Problem);
        Assert.Equal(3, (await wherry.IdsAsync(project, "web")).Count);
        Assert.Equal("v2", (await wherry.GetAsync($"{project}.localhost")).Body);
    }

    /// <summary>FL-11: the journal cannot be written for a while.</summary>
    [Fact]
    public async Task FL_11_A_journal_that_cannot_be_written_does_not_end_a_deployment()
    {
        var project = await wherry.ProjectAsync();
        var begun = await wherry.BeginAsync(project, new Dictionary<string, string> { ["compose.yaml"] = ComposeText.Of(ComposeText.Web($"{project}.localhost", "v1", "", "deploy: { monitor: 3s }")) });
        await LiveWherry.UntilAsync(async () => (await wherry.Client.DeploymentAsync(begun.Id, default)).Steps.Count > 0);

        await using (var store = new SqliteConnection($"Data Source={Path.Combine(wherry.Options.Home, "wherry.db")}"))
        {
            await store.OpenAsync();
            await RunAsync(store, $"CREATE TRIGGER refuse BEFORE UPDATE ON deployment WHEN NEW.id = '{begun.Id}' BEGIN SELECT RAISE(ABORT, 'the disk is full'); END");
            await LiveWherry.UntilAsync(async () => (await wherry.LogAsync(begun)).Contains("the journal cannot be written", StringComparison.Ordinal));
            await RunAsync(store, "DROP TRIGGER refuse");
        }

        Assert.Null((await wherry.EndAsync(begun)).Problem);
        Assert.Equal("v1", (await wherry.GetAsync($"{project}.localhost")).Body);
        Assert.DoesNotContain((await wherry.Client.DeploymentAsync(begun.Id, default)).Steps, s => s.State == "running");
    }

    /// <summary>RG-17.</summary>
    [Fact]
    public async Task RG_17_A_recreated_service_says_how_long_its_requests_were_held()
    {
        var project = await wherry.ProjectAsync();
        string Compose(string version) => ComposeText.Of(ComposeText.Web($"{project}.localhost", version, "", "deploy: { strategy: recreate }"));
        await wherry.DeployComposeAsync(project, Compose("v1"));

        var log = await wherry.LogAsync(await wherry.DeployComposeAsync(project, Compose("v2")));

        Assert.Matches(", requests to web were held for [0-9.]+ s", log);
        Assert.DoesNotContain("without interruption", log, StringComparison.Ordinal);
    }

    private static string Canaried(string project, string version) =>
        ComposeText.Of(ComposeText.Web($"{project}.localhost", version, "deploy: { replicas: 2 }", "deploy: { canary: 1 }"));

    /// <summary>Deploys, and waits until its canary serves.</summary>
    private async Task<Deployment> WaitingAsync(string project, string version)
    {
        var begun = await wherry.BeginAsync(project, new Dictionary<string, string> { ["compose.yaml"] = Canaried(project, version) });
        await LiveWherry.UntilAsync(async () => (await wherry.GetAsync($"{project}.localhost")).Body == version);
        return begun;
    }

    private async Task<bool> IsPromotedAsync(string id)
    {
        try
        {
            await wherry.Client.PromoteAsync(id, default);
            return true;
        }
        catch (ApiException e) when (e.Problem.Code is "deployment/not-waiting" or "deployment/canary-unhealthy")
        {
            return false; // its canary has only just got its traffic
        }
    }

    private static async Task RunAsync(SqliteConnection store, string sql)
    {
        await using var command = store.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }
}
