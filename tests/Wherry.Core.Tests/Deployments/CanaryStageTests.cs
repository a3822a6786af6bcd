using Wherry.Core.Deployments;
using Wherry.Core.Health;
using Wherry.Core.Model;
using Wherry.Core.Planning;
using Wherry.Core.Problems;
using Wherry.Core.Routing;
using Wherry.Core.Tests.Simulation;

namespace Wherry.Core.Tests.Deployments;

/// <summary>A new release gets its visitors a share at a time, and loses them when it is worse.</summary>
public sealed class CanaryStageTests
{
    private static readonly ServiceName Web = A.Name("web");

    private static readonly HealthGate Gate = new(Edge: true, Engine: false, TimeSpan.Zero, TimeSpan.FromSeconds(60), MayComplete: false);

    private static readonly CanaryGuard Guard = new() { Errors = 5, P95 = TimeSpan.FromMilliseconds(100), Restarts = 1 };

    [Fact]
    public void Each_stage_has_the_replicas_that_its_share_needs_and_the_end_is_one_switch()
    {
        var plan = A.Plan(A.Release(1, A.Web(replicas: 4)), A.Release(2, Staged(A.Web(replicas: 4, image: "image:2"), new(10, Mirrored: true, For: TimeSpan.FromHours(1)), new(5, TimeSpan.FromMinutes(10)), new(50))));

        Assert.Equal(
            [
                "start web-5",
                "wait until web-5 is healthy",
                "send copies for 10 % of the visitors to web-5",
                "stage 1 of 3: copies for 10 % of the visitors on web-5 for 60 min",
                "send 5 % of the visitors to web-5",
                "stage 2 of 3: 5 % of the visitors on web-5 for 10 min",
                "start web-6",
                "wait until web-6 is healthy",
                "send 50 % of the visitors to web-5, web-6",
                "stage 3 of 3: 50 % of the visitors on web-5, web-6 until it is promoted",
                "start web-7, web-8",
                "wait until web-7, web-8 are healthy",
                "send traffic to web-5, web-6, web-7, web-8 and drain the others",
                "remove web-1, web-2, web-3, web-4",
            ],
            plan.Steps.Select(s => s.Describe()));
        Assert.Equal([1, 2, 3, 4, 5], plan.Steps.OfType<Step.SwitchTraffic>().First().Numbers);
    }

    [Fact]
    public void One_replica_is_switched_wholly_at_the_end_though_the_same_two_serve_before()
    {
        var plan = A.Plan(A.Release(1, A.Web()), A.Release(2, Staged(A.Web(image: "image:2"), new CanaryStage(5))));

        Assert.Equal("send traffic to web-2 and drain the others", plan.Steps[^2].Describe());
        Assert.Equal("remove web-1", plan.Steps[^1].Describe());
    }

    [Fact]
    public void A_first_deployment_going_back_scaling_and_restarting_have_no_stages()
    {
        var web = Staged(A.Web(), new CanaryStage(5));
        var seen = World.Running(A.Release(1, web)).Observe();
        Plan Made(ServiceSpec wanted, bool canaries = true, bool restart = false) => Planner.Make(new PlanInput { Current = A.Release(1, web), Wanted = A.Release(2, wanted), Seen = seen, Canaries = canaries, Restart = restart ? new HashSet<ServiceName> { Web } : [] });

        Assert.DoesNotContain(Planner.Make(new PlanInput { Wanted = A.Release(1, web), Seen = Observed.Nothing }).Steps, s => s is Step.AwaitPromotion);
        Assert.DoesNotContain(Made(web with { Replicas = 3 }).Steps, s => s is Step.AwaitPromotion);
        Assert.DoesNotContain(Made(web, restart: true).Steps, s => s is Step.AwaitPromotion);
        Assert.DoesNotContain(Made(web with { Image = ImageReference.Parse("image:2") }, canaries: false).Steps, s => s is Step.AwaitPromotion);
        Assert.Contains(Made(web with { Image = ImageReference.Parse("image:2") }).Steps, s => s is Step.AwaitPromotion);
    }

    [Theory]
    [InlineData(null, "10 % of the visitors")]
    [InlineData(20.0, "20 % of the visitors")]
    public void Who_asks_for_a_trial_gets_one_of_a_service_that_names_no_stages(double? share, string told)
    {
        var plan = Try(A.Web(), A.Web(image: "image:2"), share);

        Assert.Contains($"stage 1 of 1: {told} on web-2 until it is promoted", plan.Steps.Select(s => s.Describe()));
    }

    [Fact]
    public void A_trial_that_cannot_be_is_refused_and_not_made_a_whole_deployment()
    {
        Assert.Equal("deployment/canary-impossible", Assert.Throws<ProblemException>(() => Try(A.Web(), A.Web(image: "image:2", strategy: DeployStrategy.Recreate), 5)).Problem.Code);
        Assert.Equal("deployment/canary-impossible", Assert.Throws<ProblemException>(() => Try(A.Web(), A.Web(image: "image:2") with { Routes = [A.Route("web.test", port: 81)] }, 5)).Problem.Code);
        Assert.Contains(Try(A.Worker("web"), A.Worker("web", "image:2"), 5).Steps, s => s is Step.StartReplicas);
    }

    [Theory]
    [InlineData(599, 0, false)]
    [InlineData(600, 0, true)]
    [InlineData(100, 500, true)]
    [InlineData(100, 499, false)]
    public void A_stage_lasts_its_time_what_an_earlier_process_waited_included(int seconds, int before, bool over)
    {
        var step = DeployFlow.Next(Waiting(TimeSpan.FromMinutes(10), seconds) with { WaitedBefore = TimeSpan.FromSeconds(before) }, Seen(), A.Noon);

        Assert.Equal(over ? typeof(Step.AwaitPromotion) : typeof(Step.Wait), step.GetType());
    }

    [Fact]
    public void Somebody_promotes_to_the_next_stage_or_wholly()
    {
        var d = Waiting(TimeSpan.FromMinutes(10), 1);

        Assert.IsType<Step.AwaitPromotion>(DeployFlow.Next(d with { PromotedStep = 3 }, Seen(), A.Noon));
        Assert.IsType<Step.Wait>(DeployFlow.Next(d with { PromotedStep = 1 }, Seen(), A.Noon));
        Assert.IsType<Step.AwaitPromotion>(DeployFlow.Next(d with { Promoted = true }, Seen(), A.Noon));
        Assert.IsType<Step.Wait>(DeployFlow.Next(Waiting(null, 3600), Seen(), A.Noon));
        Assert.Equal("deployment/not-promoted", Assert.IsType<Step.Revert>(DeployFlow.Next(Waiting(null, 24 * 3600), Seen(), A.Noon)).Problem.Code);
    }

    [Theory]
    [InlineData(19, 19, 0, 0, 0, null)]
    [InlineData(100, 5, 0, 0, 0, null)]
    [InlineData(100, 6, 0, 0, 0, "deployment/canary-errors")]
    [InlineData(100, 6, 19, 19, 0, "deployment/canary-errors")]
    [InlineData(100, 6, 100, 6, 0, null)]
    [InlineData(100, 7, 100, 6, 0, "deployment/canary-errors")]
    [InlineData(100, 0, 100, 0, 100, null)]
    [InlineData(100, 0, 100, 0, 101, "deployment/canary-slow")]
    public void A_guard_counts_what_is_worse_than_it_and_than_the_release_before(int requests, int failed, int othersRequests, int othersFailed, int milliseconds, string? code)
    {
        var sides = new SplitTraffic(new(requests, failed, TimeSpan.FromMilliseconds(milliseconds)), new(othersRequests, othersFailed, TimeSpan.FromMilliseconds(50)));
        var d = Waiting(TimeSpan.FromMinutes(10), 1);
        var seen = Seen() with { World = new Observed { Sides = new Dictionary<ServiceName, SplitTraffic> { [Web] = sides } } };

        var step = DeployFlow.Next(d, seen, A.Noon);

        Assert.Equal(code, (step as Step.Revert)?.Problem.Code);
        Assert.Equal(code is null, DeployFlow.Next(d with { Stage = Stage.Undoing }, seen, A.Noon) is Step.Wait && code is null);
        Assert.Null(CanaryWatch.Ends(d with { Done = 2 }, seen)); // numbers that an earlier trial left behind
    }

    [Fact]
    public void The_problem_of_a_guard_names_number_limit_and_what_was_before()
    {
        var sides = new SplitTraffic(new(200, 25, TimeSpan.FromMilliseconds(1)), new(1000, 2, TimeSpan.FromMilliseconds(50)));

        var problem = CanaryWatch.Ends(Waiting(null, 1), Seen() with { World = new Observed { Sides = new Dictionary<ServiceName, SplitTraffic> { [Web] = sides } } })!;

        Assert.Equal("The new release of web answered 12.5 % of 200 requests with 5xx; its guard allows 5 %, and the release before had 0.2 %.", problem.Message);
    }

    [Theory]
    [InlineData(1, null)]
    [InlineData(2, "deployment/canary-restarts")]
    public void Restarts_that_the_guard_allows_end_nothing(int restarts, string? code)
    {
        var seen = Seen(Healthy with { Restarts = restarts });

        Assert.Equal(code, (DeployFlow.Next(Waiting(null, 1), seen, A.Noon) as Step.Revert)?.Problem.Code);
    }

    [Fact]
    public void A_split_that_a_lost_replica_left_behind_goes_with_the_undo()
    {
        var (before, after) = (A.Release(1, A.Web()), A.Release(2, Staged(A.Web(image: "image:2"), new CanaryStage(5))));
        var seen = World.Running(before).Observe() with { Sides = new Dictionary<ServiceName, SplitTraffic> { [Web] = new(new(0, 0, default), new(0, 0, default)) } };

        Assert.Equal(["send traffic to web-1 and drain the others"], Planner.MakeUndo(before, after, seen).Steps.Select(s => s.Describe()));
    }

    private static ReplicaHealth Healthy => new(2, A.Noon - TimeSpan.FromMinutes(1), Edge: new EdgeVerdict(null), AwaitedSince: A.Noon - TimeSpan.FromMinutes(1), HealthySince: A.Noon, LastHealthy: A.Noon);

    private static Plan Try(ServiceSpec before, ServiceSpec after, double? share) => Planner.Make(new PlanInput
    {
        Current = A.Release(1, before),
        Wanted = A.Release(2, after),
        Seen = World.Running(A.Release(1, before)).Observe(),
        Trial = new Trial(share),
    });

    private static ServiceSpec Staged(ServiceSpec spec, params IReadOnlyList<CanaryStage> stages) => spec with { Canary = new() { Stages = stages } };

    private static Deployment Waiting(TimeSpan? time, int seconds)
    {
        var stage = new CanaryStage(5, time);
        return A.Deployment(Stage.Switched, ago: TimeSpan.FromSeconds(seconds)) with
        {
            Plan = new Plan
            {
                Steps = [new Step.StartReplicas(Web, [2]), new Step.AwaitHealthy(Web, [2]), new Step.SwitchTraffic(Web, [1, 2], new([2], stage)), new Step.AwaitPromotion(Web, [2], new(1, 1, stage))],
                Rollouts = [new Rollout(Web, FailureAction.Rollback, TimeSpan.FromMinutes(10), false, Guard)],
            },
            Done = 3,
        };
    }

    private static Seen Seen(ReplicaHealth? health = null) => new(Observed.Nothing, Gate, [health ?? Healthy], TimeSpan.Zero);
}
