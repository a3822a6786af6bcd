using Wherry.Core.Deployments;
using Wherry.Core.Health;
using Wherry.Core.Model;
using Wherry.Core.Planning;

namespace Wherry.Core.Tests.Deployments;

public sealed class InterruptionTests
{
    private static readonly ServiceName Web = A.Name("web");

    private static readonly Step[] Plan = [new Step.StartReplicas(Web, [2]), new Step.AwaitHealthy(Web, [2]), new Step.SwitchTraffic(Web, [2]), new Step.RemoveReplicas(Web, [1])];

    /// <summary>FL-13.</summary>
    [Theory]
    [InlineData(Stage.Queued, typeof(Step.Finish))]
    [InlineData(Stage.Prepared, typeof(Step.Finish))]
    [InlineData(Stage.Cut, typeof(Step.Finish))]
    [InlineData(Stage.Starting, typeof(Step.Abandon))]
    [InlineData(Stage.Switched, typeof(Step.Revert))]
    public void FL_13_What_cancelling_costs_depends_on_whether_the_candidate_serves(Stage stage, Type expected) =>
        Assert.IsType(expected, DeployFlow.Next(Cancelled(stage), A.Seen(), A.Noon));

    /// <summary>FL-13: a switch whose answer was lost.</summary>
    [Fact]
    public void FL_13_A_candidate_that_serves_is_never_just_taken_away()
    {
        var world = Observed.Nothing with { Replicas = [A.Replica(A.Web(), 2, serving: true)] };

        Assert.IsType<Step.Revert>(DeployFlow.Next(Cancelled(Stage.Starting), A.Seen(world), A.Noon));
    }

    [Fact]
    public void What_is_undone_is_not_stopped_by_cancelling()
    {
        var undoing = Cancelled(Stage.Undoing) with { Done = 2, Problem = A.Problem };

        Assert.IsType<Step.SwitchTraffic>(DeployFlow.Next(undoing, A.Seen(), A.Noon));
    }

    [Theory]
    [InlineData(DeploymentKind.Rollback)]
    [InlineData(DeploymentKind.Stop)]
    [InlineData(DeploymentKind.Scale)]
    public void Every_kind_is_cancelled_the_same_way(DeploymentKind kind) =>
        Assert.IsType<Step.Revert>(DeployFlow.Next(Cancelled(Stage.Switched) with { Kind = kind }, A.Seen(), A.Noon));

    [Fact]
    public void A_step_that_fails_of_a_cancelled_deployment_is_not_what_it_ends_of()
    {
        var d = Cancelled(Stage.Starting);

        Assert.IsType<Step.Wait>(DeployFlow.OnProblem(d, Observed.Nothing, Plan[0], A.Problem));
        var problem = Assert.IsType<Step.Abandon>(DeployFlow.Next(d, A.Seen(), A.Noon)).Problem;
        Assert.Equal("deployment/cancelled", problem.Code);
        Assert.Contains("ann", problem.Message, StringComparison.Ordinal);
    }

    /// <summary>NO-06.</summary>
    [Fact]
    public void NO_06_A_paused_deployment_places_nothing_and_its_deadline_does_not_pass()
    {
        var paused = A.Deployment(Stage.Starting, steps: Plan) with { Done = 1, PausedBy = "ann" };
        var late = new Seen(Observed.Nothing, new HealthGate(true, false, TimeSpan.Zero, TimeSpan.FromSeconds(60), false), [new(2, A.Noon - TimeSpan.FromHours(1))], TimeSpan.Zero);

        Assert.IsType<Step.Wait>(DeployFlow.Next(paused, late, A.Noon));
        Assert.IsType<Step.Abandon>(DeployFlow.Next(paused with { PausedBy = null }, late, A.Noon));
        Assert.IsType<Step.Abandon>(DeployFlow.Next(paused with { CancelledBy = "bob" }, late, A.Noon));
    }

    /// <summary>NO-06.</summary>
    [Fact]
    public void NO_06_A_pause_waits_until_no_service_is_between_its_replicas()
    {
        Step[] recreate = [new Step.HoldTraffic(Web), new Step.SwitchTraffic(Web, []), new Step.StopReplicas(Web, [1]), new Step.StartReplicas(Web, [2]), new Step.AwaitHealthy(Web, [2]), new Step.SwitchTraffic(Web, [2]), new Step.ReleaseTraffic(Web), new Step.RemoveReplicas(Web, [1])];
        var d = A.Deployment(Stage.Starting, steps: recreate) with { PausedBy = "ann" };

        Assert.Equal([0, 7, 8], Enumerable.Range(0, 9).Where(done => Interruption.IsPaused(d with { Done = done })));
        Step[] worker = [new Step.StopReplicas(Web, [1]), new Step.StartReplicas(Web, [2]), new Step.AwaitHealthy(Web, [2])];
        var second = A.Deployment(Stage.Starting, steps: worker) with { PausedBy = "ann" };
        Assert.Equal([0, 2, 3], Enumerable.Range(0, 4).Where(done => Interruption.IsPaused(second with { Done = done })));
    }

    private static Deployment Cancelled(Stage stage) => A.Deployment(stage, steps: Plan) with { Done = stage >= Stage.Switched ? 3 : 1, CancelledBy = "ann" };
}
