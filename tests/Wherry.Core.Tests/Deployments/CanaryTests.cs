using Wherry.Core.Deployments;
using Wherry.Core.Health;
using Wherry.Core.Model;
using Wherry.Core.Planning;
using Wherry.Core.Tests.Simulation;

namespace Wherry.Core.Tests.Deployments;

public sealed class CanaryTests
{
    private static readonly ServiceName Web = A.Name("web");

    private static readonly HealthGate Gate = new(Edge: true, Engine: false, TimeSpan.Zero, TimeSpan.FromSeconds(60), MayComplete: false, TimeSpan.FromSeconds(30));

    /// <summary>NO-04.</summary>
    [Fact]
    public void NO_04_Canaries_serve_beside_all_old_replicas_until_they_are_promoted()
    {
        var plan = A.Plan(A.Release(1, A.Web(replicas: 3)), A.Release(2, Canaried(A.Web(replicas: 3, image: "image:2", surge: 2), 1)));

        Assert.Equal(
            [
                "start web-4",
                "wait until web-4 is healthy",
                "send traffic to web-1, web-2, web-3, web-4 and drain the others",
                "wait for the promotion of web-4",
                "start web-5",
                "wait until web-5 is healthy",
                "send traffic to web-1, web-4, web-5 and drain the others",
                "remove web-2, web-3",
                "start web-6",
                "wait until web-6 is healthy",
                "send traffic to web-4, web-5, web-6 and drain the others",
                "remove web-1",
            ],
            plan.Steps.Select(s => s.Describe()));
    }

    /// <summary>NO-04: scaling, restarting and going back need nobody's promotion.</summary>
    [Fact]
    public void NO_04_Only_other_settings_are_tried_on_canaries()
    {
        var web = Canaried(A.Web(replicas: 2), 1);
        var world = World.Running(A.Release(1, web));
        Plan Made(ServiceSpec to, bool canaries = true, bool restart = false) => Planner.Make(new PlanInput { Current = A.Release(1, web), Wanted = A.Release(2, to), Seen = world.Observe(), Canaries = canaries, Restart = restart ? new HashSet<ServiceName> { Web } : [] });

        Assert.DoesNotContain(Made(web with { Replicas = 4 }).Steps, s => s is Step.AwaitPromotion);
        Assert.DoesNotContain(Made(web, restart: true).Steps, s => s is Step.AwaitPromotion);
        Assert.DoesNotContain(Made(web with { Image = ImageReference.Parse("image:2") }, canaries: false).Steps, s => s is Step.AwaitPromotion);
        Assert.Contains(Made(web with { Image = ImageReference.Parse("image:2") }).Steps, s => s is Step.AwaitPromotion);
    }

    /// <summary>NO-04: promotion needs healthy canaries; with auto_promote it is all that is needed.</summary>
    [Theory]
    [InlineData(false, false, 40, typeof(Step.Wait))]
    [InlineData(true, false, 40, typeof(Step.AwaitPromotion))]
    [InlineData(false, true, 40, typeof(Step.AwaitPromotion))]
    [InlineData(false, true, 20, typeof(Step.Wait))]
    [InlineData(true, false, null, typeof(Step.Wait))]
    [InlineData(false, true, null, typeof(Step.Wait))]
    public void NO_04_NO_13_Canaries_are_promoted_when_they_have_been_healthy_for_long_enough(bool promoted, bool auto, int? healthyFor, Type expected)
    {
        var step = DeployFlow.Next(Waiting(auto) with { Promoted = promoted }, Seen(Health(healthyFor)), A.Noon);

        Assert.IsType(expected, step);
    }

    [Fact]
    public void NO_04_An_unhealthy_canary_may_not_be_promoted()
    {
        var step = new Step.AwaitPromotion(Web, [2]);

        Assert.Null(GateFlow.WhyNotPromoted(step, Seen(Health(1))));
        Assert.Equal("web-2 is not healthy", GateFlow.WhyNotPromoted(step, Seen(Health(null))));
        Assert.Equal("web-2 is not healthy", GateFlow.WhyNotPromoted(step, Seen()));
    }

    /// <summary>NO-05: a promotion that comes late goes on with a fresh progress deadline; RG-18: nobody waits for it for ever.</summary>
    [Fact]
    public void NO_05_RG_18_A_late_promotion_goes_on_and_none_at_all_goes_back()
    {
        var late = Waiting(auto: false) with { Promoted = true, StageSince = A.Noon - TimeSpan.FromHours(20) };
        Assert.IsType<Step.AwaitPromotion>(DeployFlow.Next(late, Seen(Health(40)), A.Noon));
        Assert.Equal(A.Noon, late.After(late.Present!, A.Noon).StepSince);

        var never = Waiting(auto: false) with { StageSince = A.Noon - TimeSpan.FromHours(24) };
        Assert.Equal("deployment/not-promoted", Assert.IsType<Step.Revert>(DeployFlow.Next(never, Seen(Health(40)), A.Noon)).Problem.Code);
    }

    /// <summary>NO-07.</summary>
    [Fact]
    public void NO_07_A_newer_deployment_takes_the_canaries_of_a_waiting_one_away()
    {
        var newer = Seen(Health(40)) with { NewerWaits = true };

        Assert.Equal("deployment/superseded", Assert.IsType<Step.Revert>(DeployFlow.Next(Waiting(auto: false), newer, A.Noon)).Problem.Code);
        Assert.IsType<Step.AwaitPromotion>(DeployFlow.Next(Waiting(auto: false) with { Promoted = true }, newer, A.Noon));
    }

    /// <summary>NO-08.</summary>
    [Fact]
    public void NO_08_A_canary_that_dies_fails_the_deployment_and_the_undo_removes_all_canaries()
    {
        var (before, after) = (A.Release(1, A.Web(replicas: 2)), A.Release(2, Canaried(A.Web(replicas: 2, image: "image:2"), 2)));
        var world = World.Running(before);
        foreach (var step in Planner.Make(new PlanInput { Current = before, Wanted = after, Seen = world.Observe() }).Steps.TakeWhile(s => s is not Step.AwaitPromotion))
        {
            world.Run(step, after);
        }

        Assert.IsType<Step.Revert>(DeployFlow.Next(Waiting(auto: false), Seen(new ReplicaHealth(2, A.Noon, ExitCode: 1)), A.Noon));
        foreach (var step in Planner.MakeUndo(before, after, world.Observe()).Steps)
        {
            world.Run(step, before);
        }

        Assert.Equal([1, 2], world.Of(Web).Select(c => c.Number).Order());
        Assert.Equal([1, 2], world.Edge[Web].Targets.Order());
    }

    /// <summary>NO-09: one that is gone without a fault of its own is replaced, and judged again before it gets traffic.</summary>
    [Fact]
    public void NO_09_A_lost_canary_is_replaced_and_not_for_ever()
    {
        var d = Waiting(auto: false);
        for (var again = 0; again < 3; again++)
        {
            var step = Assert.IsType<Step.ReplaceCanaries>(DeployFlow.Next(d, Seen(), A.Noon));
            d = d.After(step, A.Noon);
            Assert.Equal(["start web-2", "wait until web-2 is healthy", "send traffic to web-1, web-2 and drain the others", "wait for the promotion of web-2"], d.Plan.Steps.Skip(d.Done).Select(s => s.Describe()));
            d = d with { Done = d.Done + 3 };
        }

        Assert.IsType<Step.Revert>(DeployFlow.Next(d, Seen(), A.Noon));
    }

    private static ServiceSpec Canaried(ServiceSpec spec, int count) => spec with { Deploy = spec.Deploy with { Canary = count } };

    private static Deployment Waiting(bool auto) => A.Deployment(Stage.Switched, ago: TimeSpan.FromMinutes(1)) with
    {
        Plan = new Plan
        {
            Steps = [new Step.StartReplicas(Web, [2]), new Step.AwaitHealthy(Web, [2]), new Step.SwitchTraffic(Web, [1, 2]), new Step.AwaitPromotion(Web, [2])],
            Rollouts = [new Rollout(Web, FailureAction.Rollback, TimeSpan.FromMinutes(10), auto)],
        },
        Done = 3,
    };

    private static Seen Seen(params IReadOnlyList<ReplicaHealth> health) => new(Observed.Nothing, Gate, health, TimeSpan.Zero);

    /// <summary>A canary that has been healthy for so long, or is not healthy at the moment.</summary>
    private static ReplicaHealth Health(int? seconds) => new(
        2,
        A.Noon - TimeSpan.FromMinutes(1),
        Edge: seconds is null ? null : new EdgeVerdict(null),
        AwaitedSince: A.Noon - TimeSpan.FromMinutes(1),
        HealthySince: seconds is { } s ? A.Noon - TimeSpan.FromSeconds(s) : null,
        LastHealthy: A.Noon);
}
