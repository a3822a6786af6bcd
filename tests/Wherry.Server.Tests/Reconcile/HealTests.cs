using System.Diagnostics;
using System.Net;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Wherry.Client;
using Wherry.Docker;
using Wherry.Server.Store;
using Wherry.Server.Tests.Deployments;

namespace Wherry.Server.Tests.Reconcile;

/// <summary>What dies or is taken away from outside comes back by itself.</summary>
public sealed class HealTests(LiveWherry wherry)
{
    [Fact]
    public async Task A_replica_that_was_removed_from_outside_is_replaced_behind_its_gate_and_serves()
    {
        var project = await DeployedAsync(2);
        var (host, gone) = ($"{project}.localhost", (await wherry.IdsAsync(project, "web")).First());

        await wherry.Engine.Containers.RemoveAsync(gone, TimeSpan.Zero, true, default);

        await HealedAsync(project, 2);
        Assert.DoesNotContain(gone, await wherry.IdsAsync(project, "web"));
        Assert.Equal((HttpStatusCode.OK, "v1"), await wherry.GetAsync(host));
        await LiveWherry.UntilAsync(async () => (await KindsAsync(project)).Contains("replica/replaced"));
        Assert.Contains("replica/died", await KindsAsync(project));
        Assert.Contains(await wherry.Client.DeploymentsAsync(project, "production", default), d => d.Kind == "heal" && d.Outcome == DeploymentOutcome.Succeeded);
        Assert.Equal("deploy", (await wherry.Client.StatusAsync(default)).Environments.Single(e => e.Environment.Project == project).Deployment!.Kind);
    }

    [Fact]
    public async Task A_replica_that_was_taken_off_its_network_is_replaced()
    {
        var project = await DeployedAsync(2);
        var cut = (await wherry.ContainersAsync(project))[0];

        await wherry.Engine.Networks.DisconnectAsync(cut.Networks.Keys.Single(), cut.Id, default);

        await LiveWherry.UntilAsync(async () => !(await wherry.IdsAsync(project, "web")).Contains(cut.Id), 90);
        await HealedAsync(project, 2);
        Assert.Equal((HttpStatusCode.OK, "v1"), await wherry.GetAsync($"{project}.localhost"));
    }

    [Fact]
    public async Task A_replica_that_was_stopped_from_outside_is_started_again_as_it_is()
    {
        var project = await DeployedAsync(1);
        var id = Assert.Single(await wherry.IdsAsync(project, "web"));

        await wherry.Engine.Containers.StopAsync(id, TimeSpan.Zero, default);

        await LiveWherry.UntilAsync(async () => !await RunsAsync(project, 1));
        await HealedAsync(project, 1);
        Assert.Equal(id, Assert.Single(await wherry.IdsAsync(project, "web")));
        // The engine may have given it another address, which the edge learns right after.
        await LiveWherry.UntilAsync(async () => await wherry.GetAsync($"{project}.localhost") == (HttpStatusCode.OK, "v1"));
    }

    [Fact]
    public async Task A_replica_whose_process_was_killed_is_the_engines_to_restart_and_serves_again()
    {
        var project = await DeployedAsync(1);
        var id = Assert.Single(await wherry.IdsAsync(project, "web"));
        var before = (await wherry.Engine.Containers.FindAsync(id, default))!;

        using (var kill = Process.Start("kill", ["-9", $"{before.HostPid}"]))
        {
            await kill.WaitForExitAsync();
        }

        await LiveWherry.UntilAsync(async () => (await wherry.Engine.Containers.FindAsync(id, default)) is { IsRunning: true, RestartCount: > 0 });
        await LiveWherry.UntilAsync(async () => (await wherry.GetAsync($"{project}.localhost")).Status == HttpStatusCode.OK);
        await LiveWherry.UntilAsync(async () => (await KindsAsync(project)).Contains("replica/died"));
        Assert.Equal(id, Assert.Single(await wherry.IdsAsync(project, "web")));
    }

    [Fact]
    public async Task A_replica_that_ends_again_and_again_is_called_crash_looping_with_its_last_words()
    {
        var project = await wherry.ProjectAsync();
        var compose = ComposeText.Of(ComposeText.Script("worker", "console.log('cannot reach the database'); setTimeout(() => process.exit(3), 6500)", "x-wherry: { deploy: { drain: 0s } }"));
        Assert.Null((await wherry.DeployComposeAsync(project, compose)).Problem);

        // It outlives its gate; then it is helped to end, more often than it would by itself.
        await LiveWherry.UntilAsync(
            async () =>
            {
                foreach (var c in (await wherry.ContainersAsync(project)).Where(c => c.State == ContainerState.Running))
                {
                    if (await wherry.Engine.Containers.FindAsync(c.Id, default) is { HostPid: > 0 and var pid })
                    {
                        using var kill = Process.Start("kill", ["-9", $"{pid}"]);
                        await kill.WaitForExitAsync();
                    }
                }

                await Task.Delay(300);
                return (await wherry.Client.ServicesAsync(project, "production", default)).Single().State == "crash-looping";
            },
            120);

        var (_, after) = (await EventsAsync(project)).Single(e => e.Kind == "replica/crash-looping");
        Assert.Contains("exit code", after, StringComparison.Ordinal);
        Assert.Contains("cannot reach the database", after, StringComparison.Ordinal);
        Assert.Contains(await wherry.Client.DriftAsync(project, default), d => d.Kind == "crash-loop");
    }

    /// <summary>KM-30, NO-15.</summary>
    [Fact]
    public async Task KM_30_NO_15_What_was_started_besides_is_removed_after_a_grace_and_the_right_one_stays()
    {
        var project = await DeployedAsync(1);
        var right = Assert.Single(await wherry.ContainersAsync(project));
        var labels = new Dictionary<string, string>(right.Labels) { [Labels.Replica] = "7", [Labels.Release] = "0" };
        var extra = await wherry.Engine.Containers.CreateAsync(
            new ContainerSpec { Name = $"{project}-besides", Image = LiveWherry.Image("v1"), Labels = labels, Networks = [new NetworkJoin(right.Networks.Keys.First(), [])] }, default);
        await wherry.Engine.Containers.StartAsync(extra, default);

        await LiveWherry.UntilAsync(async () => (await wherry.Client.DriftAsync(project, default)).Any(d => d is { Kind: "extra", Heals: true }));
        await LiveWherry.UntilAsync(async () => await wherry.Engine.Containers.FindAsync(extra, default) is null, 120);

        Assert.Equal(right.Id, Assert.Single(await wherry.IdsAsync(project, "web")));
        Assert.Equal((HttpStatusCode.OK, "v1"), await wherry.GetAsync($"{project}.localhost"));
    }

    [Fact]
    public async Task What_was_stopped_by_hand_stays_stopped()
    {
        var project = await wherry.ProjectAsync();
        var compose = ComposeText.Of(ComposeText.Web($"{project}.localhost"), ComposeText.Service("worker"));
        Assert.Null((await wherry.DeployComposeAsync(project, compose)).Problem);
        await wherry.EndAsync(await wherry.Client.StopAsync(project, "production", new ServicesRequest(["worker"]), default));

        Assert.Empty(await wherry.Client.DriftAsync(project, default));
        await Task.Delay(4000); // longer than the first waiting time: nobody may wake it
        Assert.Empty(await wherry.Client.DriftAsync(project, default));
        Assert.Equal("stopped", (await wherry.Client.ServicesAsync(project, "production", default)).Single(s => s.Name == "worker").State);

        Assert.Null((await wherry.EndAsync(await wherry.Client.StartAsync(project, "production", new ServicesRequest(["worker"]), default))).Problem);
        var id = Assert.Single(await wherry.IdsAsync(project, "worker"));
        await wherry.Engine.Containers.StopAsync(id, TimeSpan.Zero, default);
        await LiveWherry.UntilAsync(async () => (await wherry.ContainersAsync(project)).All(c => c.State == ContainerState.Running));
    }

    [Fact]
    public async Task A_route_that_the_edge_lost_comes_back()
    {
        var project = await DeployedAsync(1);
        await wherry.Services.GetRequiredService<Server.Deployments.EdgeClient>().RemoveAsync($"{project}.production.web", default);
        Assert.Contains(await wherry.Client.DriftAsync(project, default), d => d is { Kind: "traffic", Heals: true });

        await LiveWherry.UntilAsync(async () => (await wherry.GetAsync($"{project}.localhost")).Status == HttpStatusCode.OK);
    }

    private async Task<string> DeployedAsync(int replicas)
    {
        var project = await wherry.ProjectAsync();
        Assert.Null((await wherry.DeployComposeAsync(project, ComposeText.Of(ComposeText.Web($"{project}.localhost", keys: $"scale: {replicas}")))).Problem);
        return project;
    }

    private Task HealedAsync(string project, int replicas) => LiveWherry.UntilAsync(
        async () => await RunsAsync(project, replicas) && (await wherry.Client.DriftAsync(project, default)).Count == 0 && (await wherry.Client.DeploymentsAsync(project, "production", default)).All(d => d.Outcome is not null));

    private async Task<bool> RunsAsync(string project, int replicas) => (await wherry.ContainersAsync(project)).Count(c => c.State == ContainerState.Running) == replicas;

    private async Task<List<string>> KindsAsync(string project) => [.. (await EventsAsync(project)).Select(e => e.Kind)];

    private async Task<List<(string Kind, string After)>> EventsAsync(string project)
    {
        await using var connection = await wherry.Services.GetRequiredService<Database>().Dialect.ConnectAsync(default);
        return [.. await connection.QueryAsync<(string, string)>("SELECT kind, after FROM event WHERE project = @project ORDER BY id", new { project })];
    }
}
