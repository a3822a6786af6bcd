using FsCheck;
using FsCheck.Fluent;
using Wherry.Core.Model;
using Wherry.Core.Planning;
using Wherry.Core.Tests.Simulation;

namespace Wherry.Core.Tests.Planning;

public sealed class RolloutPlanTests
{
    /// <summary>FL-02.</summary>
    [Fact]
    public void FL_02_The_first_deployment_needs_nothing_to_replace() => Assert.Equal(
        ["start web-1, web-2", "wait until web-1, web-2 are healthy", "send traffic to web-1, web-2 and drain the others"],
        Texts(Planner.Make(new PlanInput { Wanted = A.Release(1, A.Web(replicas: 2) with { Deploy = new DeploySpec { Canary = 1, Surge = 2 } }), Seen = Observed.Nothing })));

    /// <summary>FL-06.</summary>
    [Fact]
    public void FL_06_A_changed_service_that_is_scaled_to_zero_is_proved_by_one_replica()
    {
        var plan = A.Plan(A.Release(1, A.Web(replicas: 0)), A.Release(2, A.Web(replicas: 0, image: "image:2")));

        Assert.Equal(["start web-1", "wait until web-1 is healthy", "remove web-1"], Texts(plan));
        Assert.Contains("one replica proves it", Assert.Single(plan.Changes).Why, StringComparison.Ordinal);
        Assert.Empty(A.Plan(A.Release(1, A.Web(replicas: 0)), A.Release(2, A.Web(replicas: 0))).Steps);
        Assert.Empty(Planner.MakeUndo(A.Release(1, A.Web(replicas: 0)), A.Release(2, A.Web(replicas: 0, image: "image:2")), World.Running(A.Release(1, A.Web(replicas: 0))).Observe()).Steps);
    }

    /// <summary>FL-08.</summary>
    [Fact]
    public void FL_08_Two_releases_at_once_are_named_and_brought_to_one()
    {
        var (old, next) = (A.Web(replicas: 2), A.Web(replicas: 2, image: "image:2"));
        var seen = new Observed { Replicas = [A.Replica(old, 1, serving: true), A.Replica(next, 2, serving: true) with { Release = 2 }], Routed = new HashSet<ServiceName> { old.Name } };

        var plan = Planner.Make(new PlanInput { Current = A.Release(1, old), Wanted = A.Release(2, next), Seen = seen });

        Assert.Equal("web runs from 2 releases at once (r1: web-1; r2: web-2); this brings it to one", Assert.Single(plan.Notes));
        Assert.Contains("remove web-1", Texts(plan));
    }

    /// <summary>NO-10.</summary>
    [Fact]
    public void NO_10_A_change_says_whether_containers_that_serve_are_exchanged()
    {
        Change Of(ServiceSpec to) => Assert.Single(A.Plan(A.Release(1, A.Web(replicas: 2)), A.Release(2, to)).Changes);

        Assert.True(Of(A.Web(replicas: 3)).InPlace);
        Assert.True(Of(A.Web(replicas: 2) with { Routes = [A.Route("other.test")] }).InPlace);
        Assert.True(Of(A.Web(replicas: 2) with { Health = new HealthSpec { Path = "/up" } }).InPlace);
        Assert.True(Of(A.Web(replicas: 2) with { Deploy = new DeploySpec { Drain = TimeSpan.FromSeconds(3) } }).InPlace);
        Assert.False(Of(A.Web(replicas: 2, image: "image:2")).InPlace);
        Assert.DoesNotContain(A.Plan(A.Release(1, A.Web(replicas: 2)), A.Release(2, A.Web(replicas: 2) with { Health = new HealthSpec { Path = "/up" } })).Steps, s => s is Step.StartReplicas or Step.RemoveReplicas);
    }

    /// <summary>NO-11: unhealthy ones count against the surge, and go first.</summary>
    [Fact]
    public void NO_11_Unhealthy_and_lost_replicas_are_counted_and_replaced_first()
    {
        var old = A.Web(replicas: 3);
        var world = new Observed
        {
            Replicas = [A.Replica(old, 1, serving: true), A.Replica(old, 2, serving: true) with { Unwell = true }, A.Replica(old, 3, ReplicaState.Failed)],
            Routed = new HashSet<ServiceName> { old.Name },
        };

        var plan = Planner.Make(new PlanInput { Current = A.Release(1, old), Wanted = A.Release(2, A.Web(replicas: 3, image: "image:2")), Seen = world });

        Assert.Equal(["start web-4, web-5", "wait until web-4, web-5 are healthy", "send traffic to web-1, web-4, web-5 and drain the others", "remove web-2"], Texts(plan).Take(4));
    }

    /// <summary>SW-02: with start-first at no time fewer run than before.</summary>
    [Fact]
    public void SW_02_Start_first_never_runs_fewer_than_before() => Prop.ForAll(Scenario.All(), s =>
    {
        var world = s.World();
        var before = s.Current.Model.Services.Keys.ToDictionary(n => n, world.RunningOf);
        foreach (var step in Planner.Make(new PlanInput { Current = s.Current, Wanted = s.Wanted, Seen = world.Observe() }).Steps)
        {
            world.Run(step, s.Wanted);
            foreach (var spec in s.Wanted.Model.Services.Values.Where(n => UpdateOrder.Of(n) != DeployStrategy.Recreate && !Dependents.WaitForCompletion(s.Wanted.Model, n.Name) && before.ContainsKey(n.Name)))
            {
                Assert.True(world.RunningOf(spec.Name) >= Math.Min(before[spec.Name], spec.Replicas), $"{step}: {world.RunningOf(spec.Name)} of {spec.Name} run");
            }
        }
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000).WithQuietOnSuccess(true));

    /// <summary>NO-13: after the last switch the new replicas are watched, before the old ones go.</summary>
    [Fact]
    public void NO_13_New_replicas_are_watched_before_the_old_ones_go()
    {
        var plan = A.Plan(A.Release(1, A.Web()), A.Release(2, A.Web(image: "image:2") with { Deploy = new DeploySpec { Monitor = TimeSpan.FromSeconds(5) } }));

        Assert.Equal(["start web-2", "wait until web-2 is healthy", "send traffic to web-2 and drain the others", "watch web-2", "remove web-1"], Texts(plan));
    }

    private static IEnumerable<string> Texts(Plan plan) => plan.Steps.Select(s => s.Describe());
}
