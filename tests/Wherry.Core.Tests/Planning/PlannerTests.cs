using Wherry.Core.Model;
using Wherry.Core.Planning;
using Wherry.Core.Tests.Simulation;

namespace Wherry.Core.Tests.Planning;

/// <summary>Plans as people read them.</summary>
public sealed class PlannerTests
{
    [Fact]
    public void DC_01_The_first_plan_makes_networks_volumes_and_containers()
    {
        var db = A.Worker("db") with { Mounts = [A.Volume("data")], Networks = new Dictionary<string, NetworkAttachment> { ["default"] = new([]) } };
        var web = A.Web().After("db", DependencyCondition.Healthy) with { Networks = db.Networks, Release = ["migrate"] };

        AssertSteps(
            Planner.Make(new PlanInput { Wanted = A.Release(1, web, db), Seen = Observed.Nothing }),
            "create network default",
            "create volume data",
            "start db-1",
            "wait until db-1 is healthy",
            "run the release command of web",
            "start web-1",
            "wait until web-1 is healthy",
            "send traffic to web-1 and drain the others");
    }

    [Fact]
    public void UC_03_DC_02_Only_the_changed_service_is_replaced()
    {
        var plan = A.Plan(A.Release(1, A.Web(), A.Worker("worker"), A.Worker("db")), A.Release(2, A.Web(), A.Worker("worker", "image:2"), A.Worker("db")));

        AssertSteps(plan, "start worker-2", "wait until worker-2 is healthy", "remove worker-1");
        Assert.Equal(new Change(A.Name("worker"), ChangeKind.Replace, "image"), Assert.Single(plan.Changes, c => c.Kind != ChangeKind.None));
    }

    [Fact]
    public void KP_011_Another_way_of_TLS_is_told_to_the_edge_and_replaces_no_container()
    {
        var plan = A.Plan(A.Release(1, A.Web(replicas: 2)), A.Release(2, A.Web(replicas: 2) with { Tls = new(), CanonicalHost = HostName.Parse("web.test") }));

        AssertSteps(plan, "send traffic to web-1, web-2 and drain the others");
        Assert.Equal(new Change(A.Name("web"), ChangeKind.Reroute, "routes, TLS, health or drain settings"), Assert.Single(plan.Changes));
    }

    [Fact]
    public void KP_010_Rolling_never_takes_traffic_off_before_the_next_replica_is_healthy() => AssertSteps(
        A.Plan(A.Release(1, A.Web(replicas: 3)), A.Release(2, A.Web(replicas: 3, image: "image:2"))),
        "start web-4",
        "wait until web-4 is healthy",
        "send traffic to web-1, web-2, web-4 and drain the others",
        "remove web-3",
        "start web-5",
        "wait until web-5 is healthy",
        "send traffic to web-1, web-4, web-5 and drain the others",
        "remove web-2",
        "start web-6",
        "wait until web-6 is healthy",
        "send traffic to web-4, web-5, web-6 and drain the others",
        "remove web-1");

    [Fact]
    public void FL_01_Blue_green_starts_all_before_it_moves_traffic_once() => AssertSteps(
        A.Plan(A.Release(1, A.Web(replicas: 2)), A.Release(2, A.Web(replicas: 2, image: "image:2", strategy: DeployStrategy.BlueGreen))),
        "start web-3, web-4",
        "wait until web-3, web-4 are healthy",
        "send traffic to web-3, web-4 and drain the others",
        "remove web-1, web-2");

    [Fact]
    public void Recreate_holds_requests_while_nothing_runs() => AssertSteps(
        A.Plan(A.Release(1, A.Web()), A.Release(2, A.Web(image: "image:2", strategy: DeployStrategy.Recreate))),
        "hold requests to web",
        "take traffic off web and drain",
        "stop web-1",
        "start web-2",
        "wait until web-2 is healthy",
        "send traffic to web-2 and drain the others",
        "let requests to web go on",
        "remove web-1");

    [Fact]
    public void Rolling_to_another_port_goes_all_at_once_because_old_and_new_do_not_share_a_route() => AssertSteps(
        A.Plan(A.Release(1, A.Web(replicas: 2)), A.Release(2, A.Web(replicas: 2, image: "image:2") with { Routes = [A.Route("web.test", port: 8080)] })),
        "start web-3, web-4",
        "wait until web-3, web-4 are healthy",
        "send traffic to web-3, web-4 and drain the others",
        "remove web-1, web-2");

    [Fact]
    public void Replicas_that_stay_are_judged_before_they_get_traffic_on_another_port() => AssertSteps(
        A.Plan(A.Release(1, A.Web()), A.Release(2, A.Web() with { Routes = [A.Route("web.test", port: 8080)] })),
        "wait until web-1 is healthy",
        "send traffic to web-1 and drain the others");

    [Fact]
    public void KM_17_Workers_start_after_the_gates_of_what_has_routes()
    {
        var steps = A.Plan(A.Release(1, A.Web(), A.Worker("a-worker")), A.Release(2, A.Web(image: "image:2"), A.Worker("a-worker", "image:2"))).Steps.Select(s => s.Describe()).ToList();

        Assert.InRange(steps.IndexOf("wait until web-2 is healthy"), 0, steps.IndexOf("start a-worker-2"));
    }

    [Fact]
    public void DC_06_Scaling_up_keeps_what_runs() => AssertSteps(
        A.Plan(A.Release(1, A.Web() with { Release = ["migrate"] }), A.Release(1, A.Web(replicas: 3) with { Release = ["migrate"] })),
        "start web-2, web-3",
        "wait until web-2, web-3 are healthy",
        "send traffic to web-1, web-2, web-3 and drain the others");

    [Fact]
    public void DC_06_Scaling_down_takes_the_highest_numbers() => AssertSteps(
        A.Plan(A.Release(1, A.Web(replicas: 4)), A.Release(1, A.Web(replicas: 2))),
        "send traffic to web-1, web-2 and drain the others",
        "remove web-3, web-4");

    [Fact]
    public void DC_06_Scaling_down_takes_dead_ones_and_those_without_traffic_first()
    {
        var spec = A.Web(replicas: 5);
        var world = World.Running(A.Release(1, spec));
        world.Containers[(spec.Name, 1)].State = ReplicaState.Failed;
        world.Edge[spec.Name].Targets.Remove(2);

        AssertSteps(
            Planner.Make(new PlanInput { Current = A.Release(1, spec), Wanted = A.Release(1, spec with { Replicas = 2 }), Seen = world.Observe() }),
            "send traffic to web-3, web-4 and drain the others",
            "remove web-2, web-5",
            "remove web-1");
    }

    [Fact]
    public void DC_06_Scaling_to_zero_takes_traffic_off_first() => AssertSteps(
        A.Plan(A.Release(1, A.Web(replicas: 2)), A.Release(1, A.Web(replicas: 0))),
        "take traffic off web and drain",
        "remove web-1, web-2");

    [Fact]
    public void DC_03_A_job_runs_to_its_end_before_who_waits_for_it_and_once_only()
    {
        var first = A.Release(1, A.Web().After("migrate", DependencyCondition.CompletedSuccessfully), A.Worker("migrate", replicas: 2));
        var second = A.Release(2, A.Web(image: "image:2").After("migrate", DependencyCondition.CompletedSuccessfully), A.Worker("migrate", replicas: 2));

        Assert.Equal(["run migrate to completion", "start web-1"], Planner.Make(new PlanInput { Wanted = first, Seen = Observed.Nothing }).Steps.Take(2).Select(s => s.Describe()));
        Assert.DoesNotContain(A.Plan(first, second).Steps, s => s is Step.RunToCompletion);
    }

    [Fact]
    public void DC_03_With_required_false_a_failing_dependency_only_warns()
    {
        var steps = Planner.Make(new PlanInput { Wanted = A.Release(1, A.Web().After("cache", DependencyCondition.Healthy, required: false).After("seed", DependencyCondition.CompletedSuccessfully, required: false), A.Worker("cache"), A.Worker("seed")), Seen = Observed.Nothing }).Steps;

        Assert.False(Assert.Single(steps.OfType<Step.AwaitHealthy>(), s => s.Service == A.Name("cache")).Required);
        Assert.False(Assert.Single(steps.OfType<Step.RunToCompletion>()).Required);
        Assert.True(Assert.Single(steps.OfType<Step.AwaitHealthy>(), s => s.Service == A.Name("web")).Required);
    }

    [Fact]
    public void What_gets_traffic_has_to_be_healthy_even_if_those_who_depend_on_it_could_do_without() =>
        Assert.All(Planner.Make(new PlanInput { Wanted = A.Release(1, A.Web(), A.Worker("w").After("web", required: false)), Seen = Observed.Nothing }).Steps.OfType<Step.AwaitHealthy>(), s => Assert.True(s.Required));

    [Fact]
    public void DC_28_Who_asks_for_it_restarts_with_its_dependency()
    {
        ServiceSpec[] others = [A.Web().After("db", restart: true), A.Worker("worker").After("db")];

        var plan = A.Plan(A.Release(1, [A.Worker("db"), .. others]), A.Release(2, [A.Worker("db", "image:2"), .. others]));

        Assert.Equal(["db", "web"], plan.Steps.OfType<Step.StartReplicas>().Select(s => s.Service.Value));
    }

    [Fact]
    public void Routes_are_taken_off_before_a_service_without_any_loses_its_replicas() => AssertSteps(
        A.Plan(A.Release(1, A.Web(strategy: DeployStrategy.Recreate)), A.Release(2, A.Worker("web", "image:2") with { Deploy = new() { Strategy = DeployStrategy.Recreate } })),
        "remove the routes of web",
        "stop web-1",
        "start web-2",
        "wait until web-2 is healthy",
        "remove web-1");

    [Fact]
    public void A_renamed_service_takes_its_host_along() => AssertSteps(
        A.Plan(A.Release(1, A.Web("web")), A.Release(2, A.Web("site") with { Routes = A.Web("web").Routes })),
        "start site-1",
        "wait until site-1 is healthy",
        "send traffic to site-1 and drain the others");

    [Fact]
    public void A_renamed_service_takes_its_port_of_the_edge_along()
    {
        var (old, renamed) = (A.Worker("db") with { Tcp = [new(5432, 5432)] }, A.Worker("store") with { Tcp = [new(5432, 5432)] });
        var seen = new Observed { Replicas = [A.Replica(old, serving: true)], Routed = new HashSet<ServiceName> { old.Name }, Tcp = new Dictionary<ServiceName, IReadOnlyList<TcpRoute>> { [old.Name] = old.Tcp } };

        AssertSteps(
            Planner.Make(new PlanInput { Current = A.Release(1, old), Wanted = A.Release(2, renamed), Seen = seen, RemoveOrphans = true }),
            "start store-1",
            "wait until store-1 is healthy",
            "send traffic to store-1 and drain the others",
            "remove db-1");
    }

    [Fact]
    public void A_host_that_moves_is_taken_over_before_the_other_service_gets_its_own() => AssertSteps(
        A.Plan(A.Release(1, A.Web("a"), A.Web("b")), A.Release(2, A.Web("a") with { Routes = [A.Route("new.test")] }, A.Web("b") with { Routes = A.Web("a").Routes })),
        "send traffic to b-1 and drain the others",
        "send traffic to a-1 and drain the others");

    [Fact]
    public void A_service_that_was_left_on_hold_is_let_go()
    {
        var world = World.Running(A.Release(1, A.Web()));
        world.Edge[A.Name("web")].Held = true;

        AssertSteps(Planner.MakeUndo(A.Release(1, A.Web()), A.Release(2, A.Web()), world.Observe()), "let requests to web go on");
    }

    [Fact]
    public void Going_back_moves_traffic_before_anything_else_starts()
    {
        var before = A.Release(1, A.Web(), A.Worker("a-worker"));
        var candidate = A.Release(2, A.Web(image: "image:2", strategy: DeployStrategy.BlueGreen), A.Worker("a-worker", "image:2"));
        var world = World.Running(before);
        Watch.Run(world, before, candidate, atMost: 6);

        AssertSteps(
            Planner.MakeUndo(before, candidate, world.Observe()),
            "wait until web-1 is healthy",
            "send traffic to web-1 and drain the others",
            "start a-worker-1",
            "wait until a-worker-1 is healthy",
            "remove a-worker-2",
            "remove web-2");
    }

    private static void AssertSteps(Plan plan, params IEnumerable<string> expected) =>
        Assert.Equal(string.Join('\n', expected), string.Join('\n', plan.Steps));
}
