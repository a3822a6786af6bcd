using Wherry.Core.Deployments;
using Wherry.Core.Health;
using Wherry.Core.Model;
using Wherry.Core.Planning;

namespace Wherry.Core.Tests.Deployments;

/// <summary>The six invariants of the one path, over every stage, step, problem, kind and number of attempts.</summary>
public sealed class InvariantTests
{
    private static readonly ServiceName Web = A.Name("web");

    private static readonly HealthGate Gate = new(Edge: true, Engine: false, TimeSpan.Zero, TimeSpan.FromSeconds(60), MayComplete: false);

    private static readonly Step[] Steps =
    [
        new Step.Prepare(), new Step.CutRelease(), new Step.MakePlan(), new Step.EnsureNetwork("n"), new Step.EnsureVolume("v"),
        new Step.RunRelease(Web), new Step.RunToCompletion(Web, 2), new Step.RunToCompletion(Web, 2, false),
        new Step.StartReplicas(Web, [2]), new Step.WakeReplicas(Web, [2]), new Step.AwaitHealthy(Web, [2]), new Step.AwaitHealthy(Web, [2], false),
        new Step.Monitor(Web, [2]), new Step.AwaitPromotion(Web, [2]), new Step.ReplaceCanaries(Web, [2]), new Step.LeaveOut(Web, [2], A.Problem),
        new Step.HoldTraffic(Web), new Step.ReleaseTraffic(Web), new Step.SwitchTraffic(Web, [2]), new Step.SwitchTraffic(Web, []),
        new Step.RemoveRoutes(Web), new Step.StopReplicas(Web, [1]), new Step.RemoveReplicas(Web, [1]),
        new Step.Wait(TimeSpan.FromSeconds(1), "x"), new Step.Skip(new Step.Prepare(), A.Problem),
        new Step.Abandon(A.Problem), new Step.Revert(A.Problem), new Step.Finish(null), new Step.Finish(A.Problem),
    ];

    private static readonly ReplicaHealth[] Healths =
    [
        new(2, A.Noon), new(2, A.Noon, ExitCode: 0), new(2, A.Noon, ExitCode: 1), new(2, A.Noon, Restarts: 1), new(2, A.Noon, OutOfMemory: true),
        new(2, A.Noon - TimeSpan.FromHours(1)), new(2, A.Noon, Edge: new EdgeVerdict("no")), new(2, A.Noon, Edge: new EdgeVerdict(null)),
    ];

    [Fact]
    public void Every_kind_of_step_is_tried_here() =>
        Assert.Equal(typeof(Step).GetNestedTypes().Select(t => t.Name).Order(), Steps.Select(s => s.GetType().Name).Distinct().Order());

    [Fact]
    public void A_stage_never_goes_backwards() => ForAll((d, seen, step, outcome) => Assert.True(d.After(outcome, A.Noon).Stage >= d.Stage, $"{d.Stage}, {step}: {outcome}"));

    [Fact]
    public void The_old_release_is_not_retired_while_it_serves_or_works_inside_its_drain_time() => ForAll((d, seen, step, outcome) =>
    {
        var old = seen.World.Replicas.Single(r => r.Number == 1);
        if (outcome is Step.RemoveReplicas or Step.StopReplicas)
        {
            Assert.False(old.Serving, $"{d.Stage}: {outcome} while it serves");
            Assert.True(old.InFlight == 0 || A.Noon - d.StepSince >= seen.DrainFor, $"{d.Stage}: {outcome} while it works");
        }
    });

    [Fact]
    public void A_gate_is_passed_only_by_replicas_that_pass_it() => ForAll((d, seen, step, outcome) =>
    {
        if (outcome is Step.AwaitHealthy && step is Step.AwaitHealthy)
        {
            Assert.All(seen.Health, h => Assert.IsType<Verdict.Pass>(Gate.Judge(h, A.Noon)));
            Assert.NotEmpty(seen.Health);
        }
    });

    [Fact]
    public void A_release_that_serves_users_is_never_abandoned() => ForAll((d, seen, step, outcome) =>
    {
        if (d.Stage >= Stage.Switched || seen.World.Replicas.Any(r => r is { Number: 2, Serving: true }))
        {
            Assert.IsNotType<Step.Abandon>(outcome);
        }
    });

    [Fact]
    public void A_rollback_is_never_rolled_back_unless_a_service_would_stay_dark_and_an_undo_is_never_undone() => ForAll((d, seen, step, outcome) =>
    {
        if (d.Stage == Stage.Undoing || (d.Kind == DeploymentKind.Rollback && step is not Step.HoldTraffic))
        {
            Assert.IsNotType<Step.Revert>(outcome);
        }

        Assert.False(d.Stage == Stage.Undoing && outcome is Step.Abandon);
    });

    [Fact]
    public void The_same_inputs_give_the_same_step() => ForAll((d, seen, step, outcome) =>
    {
        var again = d with { Plan = d.Plan with { } };

        Assert.Equal(DeployFlow.Next(d, seen, A.Noon).Describe(), DeployFlow.Next(again, seen with { }, A.Noon).Describe());
        Assert.Equal(DeployFlow.OnProblem(d, seen.World, step, A.Problem).Describe(), DeployFlow.OnProblem(again, seen.World, step, A.Problem).Describe());
    });

    /// <summary>All deployments that stand before a step, with what comes next and what comes when the step fails.</summary>
    private static void ForAll(Action<Deployment, Seen, Step, Step> check)
    {
        foreach (var (d, seen, step) in from stage in Enum.GetValues<Stage>() from kind in Enum.GetValues<DeploymentKind>() from attempts in (int[])[0, 1, 5, 60] from step in Steps from seen in Worlds(step) select (At(stage, kind, attempts, step), seen, step))
        {
            if (IsPlanned(step))
            {
                check(d, seen, step, DeployFlow.Next(d, seen, A.Noon));
            }

            check(d, seen, step, DeployFlow.OnProblem(d, seen.World, step, A.Problem));
            check(d, seen, step, DeployFlow.OnProblem(d, seen.World, step, A.EngineOutage));
        }
    }

    /// <summary>The others are made by the flow and never stand in a plan.</summary>
    private static bool IsPlanned(Step step) => step is not (Step.ReplaceCanaries or Step.LeaveOut or Step.Prepare or Step.CutRelease or Step.MakePlan or Step.Wait or Step.Skip or Step.Abandon or Step.Revert or Step.Finish);

    private static Deployment At(Stage stage, DeploymentKind kind, int attempts, Step step) =>
        A.Deployment(stage, kind, attempts, TimeSpan.FromSeconds(10), new Step.StartReplicas(Web, [2]), step) with { Done = 1 };

    private static IEnumerable<Seen> Worlds(Step step) =>
        from oldServes in (bool[])[true, false]
        from newServes in (bool[])[true, false]
        from inFlight in (int[])[0, 1]
        from health in step is Step.AwaitHealthy ? Healths : Healths[..1]
        select new Seen(
            new Observed { Replicas = [A.Replica(A.Web(), 1, serving: oldServes, inFlight: inFlight), A.Replica(A.Web(), 2, serving: newServes)] },
            Gate,
            [health],
            TimeSpan.FromSeconds(30));
}
