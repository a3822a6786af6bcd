using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Wherry.Core.Problems;
using Wherry.Core.Routing;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Switching;

public sealed class GateTests : OnAnEdge
{
    private static readonly Probe Short = A.Probe with { Deadline = TimeSpan.FromMilliseconds(600), Timeout = TimeSpan.FromMilliseconds(200) };

    private string State => Path.Combine(Edge.Home, "state.json");

    [Fact]
    public async Task KP_014_Redeploy_with_invalid_options_fails_and_leaves_service_and_state_byte_for_byte()
    {
        await using var old = await Backend.StartAsync("old");
        await using var next = await Backend.StartAsync("next");
        await Edge.Control.PutAsync(A.Service(old), Ct);
        var before = await File.ReadAllBytesAsync(State, Ct);

        var problem = await EdgeControl.ProblemOfAsync(() => Edge.Control.PutAsync(A.Service(next) with { Probe = new() { Path = "no slash" } }, Ct));

        Assert.Equal("edge/service", problem.Code);
        Assert.Contains("probe.path", problem.Message, StringComparison.Ordinal);
        Assert.Equal("old", await Edge.GetAsync("/"));
        Assert.Equal(before, await File.ReadAllBytesAsync(State, Ct));
    }

    [Fact]
    public async Task KP_027_A_first_deploy_that_never_gets_healthy_names_the_deadline_and_the_route_stays_404()
    {
        await using var web = await Backend.StartAsync("web1");
        web.On("/up", 500, "database is missing");

        var problem = await EdgeControl.ProblemOfAsync(() => Edge.Control.PutAsync(A.Service(web) with { Probe = Short }, Ct));

        Assert.Equal("health/deadline", problem.Code);
        Assert.Contains("0.6 s", problem.Message, StringComparison.Ordinal);
        Assert.Contains("500", problem.Message, StringComparison.Ordinal);
        Assert.Contains("database is missing", problem.Message, StringComparison.Ordinal);
        Assert.Contains("ms", problem.Message, StringComparison.Ordinal);
        Assert.Equal(404, await Edge.StatusAsync("/"));
    }

    [Fact]
    public async Task KP_028_An_update_that_never_gets_healthy_leaves_the_old_target_serving_every_request()
    {
        await using var old = await Backend.StartAsync("old");
        await using var bad = await Backend.StartAsync("bad");
        bad.On("/up", 503);
        await Edge.Control.PutAsync(A.Service(old), Ct);
        await using var visitor = new Visitor(Edge.Http, $"http://{A.Host}/");

        var problem = await EdgeControl.ProblemOfAsync(() => Edge.Control.PutAsync(A.Service(bad) with { Probe = Short }, Ct));

        await visitor.MoreAsync();
        Assert.Equal("health/deadline", problem.Code);
        Assert.All(await visitor.StopAsync(), answer => Assert.Equal("old", answer));
        Assert.Equal(["old"], (await Edge.Control.GetAsync()).Targets.Select(t => t.Id));
        Assert.Equal(0, bad.Hits);
    }

    [Fact]
    public async Task KP_052_A_target_that_fails_a_few_probes_first_gets_through()
    {
        await using var web = await Backend.StartAsync("web1");
        var probes = 0;
        web.On("/up", http =>
        {
            http.Response.StatusCode = Interlocked.Increment(ref probes) < 5 ? 503 : 200;
            return Task.CompletedTask;
        });

        await Edge.Control.PutAsync(A.Service(web), Ct);

        Assert.True(probes >= 5);
        Assert.Equal("web1", await Edge.GetAsync("/"));
        Assert.True((await Edge.Control.GetAsync()).Targets.Single().Healthy);
    }

    [Fact]
    public async Task A_target_that_starts_to_listen_late_gets_through()
    {
        await using var neighbour = await Backend.StartAsync("neighbour");
        await using var web = Backend.Prepare("late", beside: neighbour);
        var put = Edge.Control.PutAsync(A.Service(web), Ct);
        await Task.Delay(200, Ct);
        Assert.False(put.IsCompleted);

        await web.StartAsync();

        Assert.Equal(["late"], (await put).Switched);
    }

    [Fact]
    public async Task KP_058_All_new_targets_must_be_healthy_and_the_problem_tells_each_that_is_not()
    {
        await using var good = await Backend.StartAsync("good");
        await using var failing = await Backend.StartAsync("failing", beside: good);
        failing.On("/up", 500, "out of order");
        var absent = Backend.Prepare("absent", good);

        var problem = await EdgeControl.ProblemOfAsync(() => Edge.Control.PutAsync(A.Service(good, failing, absent) with { Probe = Short }, Ct));

        Assert.Contains("500 Internal Server Error from ", problem.Message, StringComparison.Ordinal);
        Assert.Contains("connection refused at ", problem.Message, StringComparison.Ordinal);
        Assert.Equal(2, problem.Message.Split("; ").Length);
        Assert.Equal(404, await Edge.StatusAsync("/"));
    }

    [Fact]
    public async Task KP_059_A_probe_that_passes_after_the_deadline_counts_for_nothing()
    {
        await using var web = await Backend.StartAsync("web1");
        web.On("/up", async http => await Task.Delay(900, http.RequestAborted));

        var watch = Stopwatch.StartNew();
        var problem = await EdgeControl.ProblemOfAsync(() => Edge.Control.PutAsync(A.Service(web) with { Probe = Short with { Timeout = TimeSpan.FromSeconds(5) } }, Ct));

        Assert.Equal("health/deadline", problem.Code);
        Assert.InRange(watch.Elapsed, TimeSpan.FromMilliseconds(550), TimeSpan.FromSeconds(5));
        await Task.Delay(500, Ct);
        Assert.Equal(404, await Edge.StatusAsync("/"));
    }

    [Fact]
    public async Task The_last_probe_is_told_also_when_it_may_take_longer_than_the_gate_waits()
    {
        await using var web = await Backend.StartAsync("web1");
        var probes = 0;
        web.On("/up", async http =>
        {
            http.Response.StatusCode = Interlocked.Increment(ref probes) == 1 ? 503 : 418;
            await http.Response.WriteAsync("short and stout");
        });

        var failure = await Assert.ThrowsAsync<ProblemException>(() => Edge.Control.PutAsync(A.Service(web) with { Probe = Short with { Timeout = TimeSpan.FromSeconds(5) } }, Ct));

        Assert.Contains("418", failure.Problem.Message, StringComparison.Ordinal);
        Assert.Equal((418, "short and stout"), (Assert.Single(failure.Probes).Status, failure.Probes[0].Body));
    }

    [Fact]
    public async Task A_caller_that_leaves_before_the_switch_changes_nothing()
    {
        await using var old = await Backend.StartAsync("old");
        await using var next = await Backend.StartAsync("next");
        var well = false;
        var probes = 0;
        next.On("/up", http =>
        {
            Interlocked.Increment(ref probes);
            http.Response.StatusCode = Volatile.Read(ref well) ? 200 : 503;
            return Task.CompletedTask;
        });
        await Edge.Control.PutAsync(A.Service(old), Ct);
        using var leave = new CancellationTokenSource();
        var put = Edge.Control.PutAsync(A.Service(next), leave.Token);
        await Eventually.TrueAsync(() => Volatile.Read(ref probes) > 0);

        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => put);
        await Task.Delay(300, Ct);
        Volatile.Write(ref well, true);
        var seen = Volatile.Read(ref probes);
        await Task.Delay(300, Ct);

        Assert.Equal(seen, Volatile.Read(ref probes));
        Assert.Equal("old", await Edge.GetAsync("/"));
        await Edge.Control.PutAsync(A.Service(next), Ct);
        Assert.Equal("next", await Edge.GetAsync("/"));
    }

    [Fact]
    public async Task Calls_for_one_service_run_one_after_the_other_and_the_last_one_wins()
    {
        await using var slow = await Backend.StartAsync("slow");
        await using var quick = await Backend.StartAsync("quick");
        var probed = false;
        slow.On("/up", async http =>
        {
            Volatile.Write(ref probed, true);
            await Task.Delay(300, http.RequestAborted);
        });

        var first = Edge.Control.PutAsync(A.Service(slow), Ct);
        await Eventually.TrueAsync(() => Volatile.Read(ref probed));
        var second = Edge.Control.PutAsync(A.Service(quick), Ct);
        await Task.WhenAll(first, second);

        Assert.Equal("quick", await Edge.GetAsync("/"));
        Assert.Equal(["quick"], (await Edge.Control.GetAsync()).Targets.Select(t => t.Id));
    }

    [Fact]
    public async Task A_gate_that_waits_holds_up_no_other_service()
    {
        await using var stuck = await Backend.StartAsync("stuck");
        stuck.On("/up", 503);
        await using var web = await Backend.StartAsync("web1");
        var waiting = Edge.Control.PutAsync("p.e.stuck", A.Service(stuck) with { Routes = [A.Route(stuck.Port, "stuck.test")], Probe = A.Probe with { Deadline = TimeSpan.FromSeconds(2) } }, Ct);

        await Edge.Control.PutAsync(A.Service(web), Ct);

        Assert.False(waiting.IsCompleted);
        Assert.Equal("health/deadline", (await EdgeControl.ProblemOfAsync(() => waiting)).Code);
    }

    [Fact]
    public async Task Gating_alone_tells_whether_targets_are_well_and_changes_nothing()
    {
        await using var good = await Backend.StartAsync("good");
        await using var bad = await Backend.StartAsync("bad");
        bad.On("/up", 500, "broken");

        await Edge.Control.GateAsync(A.Service(good));
        var problem = await EdgeControl.ProblemOfAsync(() => Edge.Control.GateAsync(A.Service(bad) with { Probe = Short }));

        Assert.Equal("health/deadline", problem.Code);
        Assert.Contains("broken", problem.Message, StringComparison.Ordinal);
        Assert.Equal(404, await Edge.StatusAsync("/"));
    }
}
