using Wherry.Core.Deployments;
using Wherry.Core.Health;
using Wherry.Core.Model;
using Wherry.Core.Planning;

namespace Wherry.Core.Tests.Deployments;

public sealed class DeployFlowTests
{
    private static readonly ServiceName Web = A.Name("web");

    private static readonly HealthGate Gate = new(Edge: true, Engine: false, TimeSpan.Zero, TimeSpan.FromSeconds(60), MayComplete: false);

    [Fact]
    public void A_deployment_goes_through_its_stages_in_order()
    {
        var d = A.Deployment(Stage.Queued, steps: [new Step.StartReplicas(Web, [2]), new Step.SwitchTraffic(Web, [2]), new Step.RemoveReplicas(Web, [1])]);
        var seen = new List<string>();
        while (d.Stage != Stage.Finished)
        {
            var step = DeployFlow.Next(d, A.Seen(), A.Noon);
            seen.Add($"{d.Stage}: {step}");
            d = d.After(step, A.Noon);
        }

        Assert.Equal(
            [
                "Queued: fetch the source and read the model",
                "Prepared: build and cut the release",
                "Cut: plan",
                "Starting: start web-2",
                "Starting: send traffic to web-2 and drain the others",
                "Switched: remove web-1",
                "Switched: finish",
            ],
            seen);
    }

    [Theory]
    [InlineData(59, typeof(Step.Wait))]
    [InlineData(64, typeof(Step.Wait))]
    [InlineData(65, typeof(Step.Abandon))]
    public void DC_04_Gate_gives_up_when_the_edge_has_had_its_deadline_and_time_to_tell(int secondsAfterStart, Type expected) =>
        Assert.IsType(expected, AtGate(new ReplicaHealth(2, A.Noon - TimeSpan.FromSeconds(secondsAfterStart))));

    [Fact]
    public void A_gate_passes_when_all_its_replicas_pass()
    {
        var well = new ReplicaHealth(2, A.Noon, Edge: new EdgeVerdict(null));

        Assert.IsType<Step.AwaitHealthy>(AtGate(well));
        Assert.IsType<Step.Wait>(AtGate(well, new ReplicaHealth(3, A.Noon)));
        Assert.IsType<Step.Abandon>(AtGate(well, new ReplicaHealth(3, A.Noon, ExitCode: 1)));
    }

    [Fact]
    public void UC_09_A_crash_names_the_replica_and_says_what_to_do()
    {
        var problem = Assert.IsType<Step.Abandon>(AtGate(new ReplicaHealth(2, A.Noon, ExitCode: 3))).Problem;

        Assert.Equal(("health/exited", "web-2 exited with code 3 before it was healthy."), (problem.Code, problem.Message));
        Assert.NotEmpty(problem.Hint);
    }

    [Fact]
    public void A_replica_that_vanished_at_its_gate_fails_it() =>
        Assert.Equal("health/gone", Assert.IsType<Step.Abandon>(DeployFlow.Next(A.Deployment(steps: new Step.AwaitHealthy(Web, [2])), A.Seen(), A.Noon)).Problem.Code);

    [Fact]
    public void DC_03_A_gate_that_nobody_requires_only_warns()
    {
        var step = new Step.AwaitHealthy(Web, [2], Required: false);

        Assert.IsType<Step.Skip>(DeployFlow.Next(A.Deployment(steps: step), A.Seen(), A.Noon));
        Assert.IsType<Step.Skip>(DeployFlow.OnProblem(A.Deployment(steps: step), Observed.Nothing, step, A.Problem));
        Assert.IsType<Step.Skip>(DeployFlow.OnProblem(A.Deployment(), Observed.Nothing, new Step.RunToCompletion(Web, 1, Required: false), A.Problem));
    }

    [Theory]
    [InlineData(1, 29, typeof(Step.Wait))]
    [InlineData(1, 30, typeof(Step.RemoveReplicas))]
    [InlineData(0, 0, typeof(Step.RemoveReplicas))]
    public void Old_replicas_get_their_whole_drain_time(int inFlight, int seconds, Type expected)
    {
        var world = new Observed { Replicas = [A.Replica(A.Web(), inFlight: inFlight)] };
        var d = A.Deployment(Stage.Starting, ago: TimeSpan.FromMinutes(9), steps: [new Step.SwitchTraffic(Web, [2]), new Step.RemoveReplicas(Web, [1])]);

        d = d.After(d.Present!, A.Noon - TimeSpan.FromSeconds(seconds));

        Assert.IsType(expected, DeployFlow.Next(d, A.Seen(world, TimeSpan.FromSeconds(30)), A.Noon));
    }

    [Fact]
    public void Drain_time_counts_from_the_latest_switch_and_not_from_the_first()
    {
        var d = A.Deployment(Stage.Starting, ago: TimeSpan.FromMinutes(9), steps: [new Step.SwitchTraffic(Web, [2]), new Step.SwitchTraffic(Web, [3]), new Step.RemoveReplicas(Web, [1])]);
        d = d.After(d.Present!, A.Noon - TimeSpan.FromSeconds(100));
        d = d.After(d.Present!, A.Noon - TimeSpan.FromSeconds(10));

        var step = DeployFlow.Next(d, A.Seen(new Observed { Replicas = [A.Replica(A.Web(), inFlight: 1)] }, TimeSpan.FromSeconds(30)), A.Noon);

        Assert.IsType<Step.Wait>(step);
    }

    [Fact]
    public void What_still_gets_requests_is_left_alone_at_last()
    {
        var world = new Observed { Replicas = [A.Replica(A.Web(), serving: true)] };

        Assert.IsType<Step.Wait>(Next(new Step.RemoveReplicas(Web, [1]), seconds: 119));
        Assert.Equal("edge/still-serving", Assert.IsType<Step.Skip>(Next(new Step.RemoveReplicas(Web, [1]), seconds: 120)).Problem.Code);
        Assert.IsType<Step.Abandon>(Next(new Step.StopReplicas(Web, [1]), seconds: 120));

        Step Next(Step step, int seconds) => DeployFlow.Next(A.Deployment(ago: TimeSpan.FromSeconds(seconds), steps: step), A.Seen(world), A.Noon);
    }

    [Theory]
    [InlineData(1, typeof(Step.Wait))]
    [InlineData(59, typeof(Step.Wait))]
    [InlineData(60, typeof(Step.Finish))]
    public void An_outage_is_waited_out_for_a_minute(int attempts, Type expected) =>
        Assert.IsType(expected, DeployFlow.OnProblem(A.Deployment(attempts: attempts), Observed.Nothing, new Step.StartReplicas(Web, [2]), A.EngineOutage));

    [Theory]
    [InlineData(4, typeof(Step.Wait))]
    [InlineData(5, typeof(Step.Skip))]
    public void A_clean_up_that_fails_is_tried_again_and_then_only_told(int attempts, Type expected) =>
        Assert.IsType(expected, DeployFlow.OnProblem(A.Deployment(Stage.Switched, attempts: attempts), Observed.Nothing, new Step.RemoveReplicas(Web, [1]), A.Problem));

    [Theory]
    [InlineData(Stage.Queued)]
    [InlineData(Stage.Prepared)]
    [InlineData(Stage.Cut)]
    public void Before_anything_runs_a_problem_touches_nothing(Stage stage) =>
        Assert.Equal(new Step.Finish(A.Problem), DeployFlow.OnProblem(A.Deployment(stage), Observed.Nothing, new Step.Prepare(), A.Problem));

    [Fact]
    public void A_switch_whose_answer_was_lost_counts_as_switched()
    {
        var d = A.Deployment(steps: [new Step.StartReplicas(Web, [2]), new Step.SwitchTraffic(Web, [2])]) with { Done = 1 };

        Assert.IsType<Step.Abandon>(DeployFlow.OnProblem(d, new Observed { Replicas = [A.Replica(A.Web(), 2)] }, d.Present!, A.Problem));
        Assert.IsType<Step.Revert>(DeployFlow.OnProblem(d, new Observed { Replicas = [A.Replica(A.Web(), 2, serving: true)] }, d.Present!, A.Problem));
    }

    [Fact]
    public void A_failed_end_never_costs_what_is_live()
    {
        var d = A.Deployment(Stage.Switched, attempts: 1);

        Assert.IsType<Step.Wait>(DeployFlow.OnProblem(d, Observed.Nothing, new Step.Finish(null), A.Problem));
        Assert.Equal(new Step.Finish(A.Problem), DeployFlow.OnProblem(d with { Attempts = 5 }, Observed.Nothing, new Step.Finish(null), A.Problem));
    }

    [Fact]
    public void A_service_that_cannot_be_put_back_keeps_no_other_from_it_and_its_requests_go_on()
    {
        var api = A.Name("api");
        var failed = new Step.StartReplicas(Web, [3]);
        var d = A.Deployment(Stage.Undoing, attempts: 5, steps: [failed, new Step.AwaitHealthy(Web, [3]), new Step.SwitchTraffic(Web, [3]), new Step.ReleaseTraffic(Web), new Step.StartReplicas(api, [1])]);

        var after = d.After(DeployFlow.OnProblem(d, Observed.Nothing, failed, A.Problem), A.Noon);

        Assert.Equal(["let requests to web go on", "start api-1"], after.Plan.Steps.Skip(after.Done).Select(s => s.Describe()));
    }

    [Fact]
    public void A_rollback_that_left_a_service_without_replicas_goes_back_all_the_same()
    {
        var d = A.Deployment(Stage.Switched, DeploymentKind.Rollback, steps: [new Step.HoldTraffic(Web), new Step.StartReplicas(Web, [2]), new Step.ReleaseTraffic(Web)]);

        Assert.IsType<Step.Revert>(DeployFlow.OnProblem(d with { Done = 1 }, Observed.Nothing, d.Plan.Steps[1], A.Problem));
        Assert.IsType<Step.Finish>(DeployFlow.OnProblem(d with { Done = 3 }, Observed.Nothing, new Step.StartReplicas(Web, [4]), A.Problem));
    }

    [Fact]
    public void A_step_that_was_read_from_the_store_again_counts_as_the_same()
    {
        var d = A.Deployment(steps: new Step.StartReplicas(Web, [1, 2]));

        Assert.Equal(1, d.After(new Step.StartReplicas(Web, [1, 2]), A.Noon).Done);
    }

    private static Step AtGate(params IReadOnlyList<ReplicaHealth> health) => DeployFlow.Next(
        A.Deployment(steps: [new Step.StartReplicas(Web, [.. health.Select(h => h.Number)]), new Step.AwaitHealthy(Web, [.. health.Select(h => h.Number)])]) with { Done = 1 },
        new Seen(Observed.Nothing, Gate, health, TimeSpan.Zero),
        A.Noon);
}
