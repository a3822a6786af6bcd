using Wherry.Core.Routing;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Switching;

/// <summary>A host moves from one service to another in one step.</summary>
public sealed class TakeOverTests : OnAnEdge
{
    private const string Old = "shop.production.old";

    [Fact]
    public async Task A_host_moves_without_a_gap_and_what_is_in_flight_on_the_old_one_finishes_first()
    {
        await using var old = await Backend.StartAsync("old");
        await using var next = await Backend.StartAsync("next");
        var finish = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        old.On("/slow", http => finish.Task.WaitAsync(http.RequestAborted));
        await Edge.Control.PutAsync(Old, A.Service(old), Ct);
        var slow = Edge.StatusAsync("/slow");
        await Eventually.TrueAsync(() => old.Hits == 1);
        await using var visitor = new Visitor(Edge.Http, "http://shop.test/");
        await visitor.MoreAsync();

        var put = Edge.Control.PutAsync(Taking(next), Ct);
        await Eventually.TrueAsync(async () => await Edge.GetAsync("/") == "next");
        Assert.False(put.IsCompleted);
        finish.SetResult();
        var report = await put;

        Assert.Equal(200, await slow);
        Assert.InRange(report.Drained, 1, 2); // the visitor may have been there too
        Assert.Equal(0, report.Cut);
        await visitor.MoreAsync();
        var answers = await visitor.StopAsync();
        Assert.Equal(["old", "next"], answers.Distinct());
        Assert.Equal("edge/unknown-service", (await EdgeControl.ProblemOfAsync(() => Edge.Control.GetAsync(Old))).Code);
    }

    [Fact]
    public async Task It_outlives_a_restart_and_holds_for_the_one_call_only()
    {
        await using var old = await Backend.StartAsync("old");
        await using var next = await Backend.StartAsync("next");
        await Edge.Control.PutAsync(Old, A.Service(old), Ct);
        await Edge.Control.PutAsync(Taking(next), Ct);

        await Edge.RestartAsync();

        Assert.Equal("next", await Edge.GetAsync("/"));
        Assert.Null((await Edge.Control.GetAsync()).Service.TakesFrom);
        Assert.Equal("route/host-taken", (await EdgeControl.ProblemOfAsync(() => Edge.Control.PutAsync(Old, A.Service(old), Ct))).Code);
        Assert.Equal("next", await Edge.GetAsync("/"));
    }

    [Fact]
    public async Task A_service_that_keeps_other_routes_serves_on_and_is_probed_by_those()
    {
        await using var old = await Backend.StartAsync("old");
        await using var next = await Backend.StartAsync("next");
        await Edge.Control.PutAsync(Old, A.Service(old) with { Routes = [A.Route(old.Port), A.Route(old.Port, "kept.test")] }, Ct);

        await Edge.Control.PutAsync(Taking(next), Ct);

        Assert.Equal("next", await Edge.GetAsync("/"));
        Assert.Equal("old", await Edge.GetAsync("http://kept.test/"));
        var state = await Edge.Control.GetAsync(Old);
        Assert.Equal("kept.test", Assert.Single(state.Service.Routes).Host?.Value);
        Assert.False(Assert.Single(state.Targets).Draining);
        old.On("/up", 500);
        await Eventually.TrueAsync(async () => !(await Edge.Control.GetAsync(Old)).Targets[0].Healthy);
    }

    [Fact]
    public async Task Requests_that_are_held_for_the_old_one_go_to_the_new_one()
    {
        await using var old = await Backend.StartAsync("old");
        await using var next = await Backend.StartAsync("next");
        await Edge.Control.PutAsync(Old, A.Service(old), Ct);
        await Edge.Control.PauseAsync(TimeSpan.FromSeconds(30), Old);
        var held = Edge.GetAsync("/");
        await Task.Delay(100, Ct);

        await Edge.Control.PutAsync(Taking(next), Ct);

        Assert.Equal("next", await held);
    }

    [Fact]
    public async Task The_gate_lets_it_pass_and_what_fails_its_gate_takes_nothing()
    {
        await using var old = await Backend.StartAsync("old");
        await using var next = await Backend.StartAsync("next");
        await Edge.Control.PutAsync(Old, A.Service(old), Ct);
        await Edge.Control.GateAsync(Taking(next));
        Assert.Equal("route/host-taken", (await EdgeControl.ProblemOfAsync(() => Edge.Control.GateAsync(A.Service(next)))).Code);
        next.On("/up", 500);

        var problem = await EdgeControl.ProblemOfAsync(() => Edge.Control.PutAsync(Taking(next) with { Probe = A.Probe with { Deadline = TimeSpan.FromMilliseconds(300) } }, Ct));

        Assert.Equal("health/deadline", problem.Code);
        Assert.Equal("old", await Edge.GetAsync("/"));
    }

    [Fact]
    public async Task Two_that_take_from_each_other_at_once_both_end()
    {
        await using var one = await Backend.StartAsync("one");
        await using var two = await Backend.StartAsync("two");
        EdgeService Service(Backend web, string host, string from) => A.Service(web) with { Routes = [A.Route(web.Port, host)], TakesFrom = [from] };
        for (var i = 0; i < 10; i++)
        {
            await Task.WhenAll(
                Edge.Control.PutAsync("p.e.one", Service(one, i % 2 == 0 ? "a.test" : "b.test", "p.e.two"), Ct),
                Edge.Control.PutAsync("p.e.two", Service(two, i % 2 == 0 ? "b.test" : "a.test", "p.e.one"), Ct));
        }

        await Edge.Control.PutAsync("p.e.one", Service(one, "a.test", "p.e.two"), Ct);
        Assert.Equal("one", await Edge.GetAsync("http://a.test/"));
    }

    private static EdgeService Taking(Backend next) => A.Service(next) with { TakesFrom = [Old, "shop.production.unknown"] };
}
