using Wherry.Core.Deployments;
using Wherry.Core.Health;
using Wherry.Core.Model;
using Wherry.Core.Planning;
using Wherry.Core.Problems;

namespace Wherry.Core.Tests.Deployments;

/// <summary>What a rollout does while new replicas come up: progress, watching, canaries, and what a failure costs.</summary>
public sealed class RolloutTests
{
    private static readonly ServiceName Web = A.Name("web");

    private static readonly HealthGate Gate = new(Edge: true, Engine: false, TimeSpan.Zero, TimeSpan.FromHours(1), MayComplete: false);

    private static readonly Problem Flaky = new("docker/failed", "The engine failed.", "Look.");

    /// <summary>NO-01: no new replica became healthy for the progress deadline.</summary>
    [Theory]
    [InlineData(599, typeof(Step.Wait))]
    [InlineData(600, typeof(Step.Abandon))]
    public void NO_01_RG_18_A_rollout_without_progress_fails_at_its_deadline(int seconds, Type expected)
    {
        var step = DeployFlow.Next(Rolling(seconds), At([Young(3)]), A.Noon);

        Assert.IsType(expected, step);
        Assert.True(step is not Step.Abandon a || a.Problem.Code == "health/no-progress");
    }

    /// <summary>NO-01, NO-05: each newly healthy replica, and each step done, begins it anew.</summary>
    [Fact]
    public void NO_01_NO_05_Each_newly_healthy_replica_begins_the_progress_deadline_anew()
    {
        var well = Young(2) with { Edge = new EdgeVerdict(null), FirstHealthy = A.Noon - TimeSpan.FromSeconds(10) };

        Assert.IsType<Step.Wait>(DeployFlow.Next(Rolling(3000, 2, 3), At([well, Young(3)]), A.Noon));
        Assert.IsType<Step.Abandon>(DeployFlow.Next(Rolling(3000, 2, 3), At([well with { FirstHealthy = A.Noon - TimeSpan.FromHours(1) }, Young(3)]), A.Noon));
    }

    /// <summary>NO-03, SW-01: what cannot be put back ends the deployment; nothing is undone twice.</summary>
    [Theory]
    [InlineData(FailureAction.Rollback)]
    [InlineData(FailureAction.Pause)]
    [InlineData(FailureAction.Continue)]
    public void NO_03_An_undo_that_fails_too_stops(FailureAction action)
    {
        var d = Deployment(new Rollout(Web, action, TimeSpan.FromMinutes(10), false), Stage.Undoing, new Step.StartReplicas(Web, [2]), new Step.AwaitHealthy(Web, [2])) with { Done = 1 };

        var step = DeployFlow.Next(d, At([new ReplicaHealth(2, A.Noon, ExitCode: 1)]), A.Noon);

        Assert.IsType<Step.Skip>(step);
        Assert.IsType<Step.Finish>(DeployFlow.Next(d.After(step, A.Noon), At([]), A.Noon));
    }

    /// <summary>SW-01.</summary>
    [Theory]
    [InlineData(FailureAction.Rollback, Stage.Starting, typeof(Step.Abandon))]
    [InlineData(FailureAction.Rollback, Stage.Switched, typeof(Step.Revert))]
    [InlineData(FailureAction.Pause, Stage.Starting, typeof(Step.Finish))]
    [InlineData(FailureAction.Pause, Stage.Switched, typeof(Step.Finish))]
    [InlineData(FailureAction.Continue, Stage.Switched, typeof(Step.LeaveOut))]
    public void SW_01_The_failure_action_says_what_a_failing_replica_costs(FailureAction action, Stage stage, Type expected)
    {
        var d = Deployment(new Rollout(Web, action, TimeSpan.FromMinutes(10), false), stage, new Step.StartReplicas(Web, [2, 3]), new Step.AwaitHealthy(Web, [2, 3]), new Step.SwitchTraffic(Web, [1, 2, 3])) with { Done = 1 };

        var step = DeployFlow.Next(d, At([Young(2) with { Edge = new EdgeVerdict(null) }, new ReplicaHealth(3, A.Noon, ExitCode: 1)]), A.Noon);

        Assert.IsType(expected, step);
        if (step is Step.LeaveOut)
        {
            Assert.Equal("send traffic to web-1, web-2 and drain the others", d.After(step, A.Noon).Present!.Describe());
        }
    }

    /// <summary>SW-01: the first batch proves the image.</summary>
    [Fact]
    public void SW_01_Continue_needs_one_replica_that_is_well()
    {
        var d = Deployment(new Rollout(Web, FailureAction.Continue, TimeSpan.FromMinutes(10), false), Stage.Starting, new Step.StartReplicas(Web, [2]), new Step.AwaitHealthy(Web, [2])) with { Done = 1 };

        Assert.IsType<Step.Abandon>(DeployFlow.Next(d, At([new ReplicaHealth(2, A.Noon, ExitCode: 1)]), A.Noon));
    }

    /// <summary>SW-01: a service whose requests are held cannot wait for a person.</summary>
    [Fact]
    public void SW_01_A_pause_does_not_leave_a_service_dark()
    {
        var d = Deployment(new Rollout(Web, FailureAction.Pause, TimeSpan.FromMinutes(10), false), Stage.Starting, new Step.HoldTraffic(Web), new Step.StartReplicas(Web, [2]), new Step.AwaitHealthy(Web, [2])) with { Done = 2 };

        Assert.IsType<Step.Abandon>(DeployFlow.Next(d, At([new ReplicaHealth(2, A.Noon, ExitCode: 1)]), A.Noon));
    }

    /// <summary>FL-04: an old replica that is dead at a gate is left out while others are well.</summary>
    [Fact]
    public void FL_04_A_dead_old_replica_at_a_gate_is_left_out()
    {
        var d = A.Deployment(steps: [new Step.AwaitHealthy(Web, [1, 4]), new Step.SwitchTraffic(Web, [1, 4])]);

        var step = DeployFlow.Next(d, At([new ReplicaHealth(1, A.Noon, ExitCode: 137), Young(4) with { Edge = new EdgeVerdict(null) }]), A.Noon);

        Assert.Equal("send traffic to web-4 and drain the others", d.After(Assert.IsType<Step.LeaveOut>(step), A.Noon).Present!.Describe());
    }

    /// <summary>FL-04: only a new replica's death counts.</summary>
    [Fact]
    public void FL_04_A_switch_leaves_out_old_replicas_that_died_and_fails_for_new_ones()
    {
        var d = A.Deployment(steps: [new Step.StartReplicas(Web, [4]), new Step.SwitchTraffic(Web, [1, 2, 4])]) with { Done = 1 };
        var spec = A.Web();
        var world = new Observed { Replicas = [A.Replica(spec, 1, ReplicaState.Failed, serving: true), A.Replica(spec, 4)] };

        Assert.Equal([4], SwitchTargets.Of(d, world, (Step.SwitchTraffic)d.Present!));
        Assert.Equal("service/replica-gone", Assert.Throws<ProblemException>(() => SwitchTargets.Of(d, new Observed { Replicas = [A.Replica(spec, 1)] }, (Step.SwitchTraffic)d.Present!)).Problem.Code);
    }

    /// <summary>FL-05, FL-10: what may have been a moment's failure is tried again, a limited number of times.</summary>
    [Theory]
    [InlineData(1, typeof(Step.Wait))]
    [InlineData(4, typeof(Step.Wait))]
    [InlineData(5, typeof(Step.Abandon))]
    public void FL_05_FL_10_Transient_errors_are_tried_again_and_others_are_not(int attempts, Type expected)
    {
        var d = A.Deployment(attempts: attempts, steps: new Step.StartReplicas(Web, [2]));

        Assert.IsType(expected, DeployFlow.OnProblem(d, Observed.Nothing, d.Present!, Flaky));
        Assert.IsType<Step.Abandon>(DeployFlow.OnProblem(d, Observed.Nothing, d.Present!, A.Problem));
    }

    /// <summary>FL-12.</summary>
    [Fact]
    public void FL_12_What_cannot_be_removed_is_a_warning_with_the_command_that_does()
    {
        var d = A.Deployment(Stage.Switched, attempts: 5, steps: new Step.RemoveReplicas(Web, [1]));
        var world = new Observed { Replicas = [A.Replica(A.Web()) with { Id = "0123456789abcdef" }] };

        var skip = Assert.IsType<Step.Skip>(DeployFlow.OnProblem(d, world, d.Present!, A.Problem));

        Assert.Contains("docker rm -f 0123456789ab", skip.Describe(), StringComparison.Ordinal);
        Assert.Null(Assert.IsType<Step.Finish>(DeployFlow.Next(d.After(skip, A.Noon), At([]), A.Noon)).Problem);
    }

    private static ReplicaHealth Young(int number) => new(number, A.Noon);

    private static Seen At(IReadOnlyList<ReplicaHealth> health) => new(Observed.Nothing, Gate, health, TimeSpan.Zero);

    private static Deployment Rolling(int secondsAgo, params IReadOnlyList<int> numbers) =>
        A.Deployment(ago: TimeSpan.FromSeconds(secondsAgo), steps: [new Step.StartReplicas(Web, numbers.Count > 0 ? numbers : [3]), new Step.AwaitHealthy(Web, numbers.Count > 0 ? numbers : [3])]) with { Done = 1 };

    private static Deployment Deployment(Rollout rollout, Stage stage, params IReadOnlyList<Step> steps) =>
        A.Deployment(stage) is var d ? d with { Plan = new Plan { Steps = steps, Rollouts = [rollout] } } : d;
}
