using Wherry.Core.Health;
using Wherry.Core.Model;

namespace Wherry.Core.Tests.Health;

public sealed class HealthGateTests
{
    private static readonly HealthGate OfEngine = new(Edge: false, Engine: true, TimeSpan.Zero, TimeSpan.FromSeconds(60), MayComplete: false);

    private static readonly HealthGate OfEdge = OfEngine with { Edge = true, Engine = false };

    private static readonly HealthGate OfUptime = OfEngine with { Engine = false, MinUptime = TimeSpan.FromSeconds(5) };

    [Theory]
    [InlineData(59.9, false)]
    [InlineData(60, true)]
    [InlineData(600, true)]
    public void UC_08_Gate_gives_up_exactly_at_the_deadline(double seconds, bool failed) =>
        Assert.Equal(failed, OfEngine.Judge(Started(seconds), A.Noon) is Verdict.Fail { Code: "health/deadline" });

    [Theory]
    [InlineData(64.9, false)]
    [InlineData(65, true)]
    public void The_deadline_of_a_replica_that_ran_before_counts_from_when_it_is_awaited(double seconds, bool failed) =>
        Assert.Equal(failed, OfEdge.Judge(Started(86_400) with { AwaitedSince = A.Noon.AddSeconds(-seconds) }, A.Noon) is Verdict.Fail { Code: "health/deadline" });

    [Fact]
    public void Restarts_of_another_time_are_not_held_against_a_replica_that_ran_before()
    {
        var old = Started(86_400) with { Restarts = 2, AwaitedSince = A.Noon, Edge = new EdgeVerdict(null) };

        Assert.IsType<Verdict.Pass>(OfEdge.Judge(old, A.Noon));
        Assert.Equal("health/restarting", Fail(OfEdge, old with { StartedAt = A.Noon.AddSeconds(1) }).Code);
        Assert.Equal("health/exited", Fail(OfEdge, old with { ExitCode = 1 }).Code);
    }

    [Fact]
    public void UC_07_A_check_that_passes_early_ends_the_wait_early() =>
        Assert.IsType<Verdict.Pass>(OfEngine.Judge(Started(0.1) with { Engine = EngineHealth.Healthy }, A.Noon));

    [Fact]
    public void UC_08_An_unhealthy_replica_gets_until_the_deadline_and_its_last_output_is_told()
    {
        var sick = Started(59) with { Engine = EngineHealth.Unhealthy, EngineOutput = "connection refused" };

        Assert.Equal("health check fails: connection refused", Assert.IsType<Verdict.Wait>(OfEngine.Judge(sick, A.Noon)).For);
        Assert.Equal("was not healthy after 60 s (health check fails: connection refused)", Fail(OfEngine, sick with { StartedAt = A.Noon.AddSeconds(-60) }).Reason);
    }

    [Theory]
    [InlineData(null, 1, "health/restarting", "keeps restarting: it exits before it is healthy")]
    [InlineData(3, 1, "health/restarting", "keeps restarting: it exits with code 3 before it is healthy")]
    [InlineData(3, 0, "health/exited", "exited with code 3 before it was healthy")]
    [InlineData(0, 0, "health/exited", "exited with code 0 before it was healthy")]
    public void UC_09_A_crash_at_the_start_fails_at_once_with_and_without_a_check(int? exit, int restarts, string code, string reason)
    {
        var crashed = Started(1) with { ExitCode = exit, Restarts = restarts, Engine = EngineHealth.Healthy, Edge = new EdgeVerdict(null) };

        Assert.All([OfEngine, OfEdge, OfUptime], gate => Assert.Equal(new Verdict.Fail(code, reason), Fail(gate, crashed)));
    }

    [Fact]
    public void Running_out_of_memory_is_told_as_that_and_not_as_an_exit_code() =>
        Assert.Equal("health/out-of-memory", Fail(OfEngine, Started(1) with { OutOfMemory = true, ExitCode = 137, Restarts = 2 }).Code);

    [Theory]
    [InlineData(4.9, false)]
    [InlineData(5, true)]
    public void Without_any_check_five_seconds_without_exit_are_enough(double seconds, bool passed) =>
        Assert.Equal(passed, OfUptime.Judge(Started(seconds), A.Noon) is Verdict.Pass);

    [Fact]
    public void NO_14_A_task_that_ends_well_counts_as_healthy_when_it_may_end()
    {
        var done = Started(1) with { ExitCode = 0 };

        Assert.IsType<Verdict.Pass>((OfUptime with { MayComplete = true }).Judge(done, A.Noon));
        Assert.IsType<Verdict.Fail>((OfUptime with { MayComplete = true }).Judge(done with { ExitCode = 1 }, A.Noon));
        Assert.IsType<Verdict.Fail>(OfUptime.Judge(done, A.Noon));
    }

    [Theory]
    [InlineData(64.9, false)]
    [InlineData(65, true)]
    public void The_edge_keeps_the_deadline_itself_and_has_five_seconds_more_to_tell(double seconds, bool failed) =>
        Assert.Equal(failed, OfEdge.Judge(Started(seconds), A.Noon) is Verdict.Fail);

    [Fact]
    public void The_edges_reason_is_told() => Assert.Equal(
        new Verdict.Fail("health/deadline", "answered 500"),
        Fail(OfEdge, Started(1) with { Edge = new EdgeVerdict("answered 500") }));

    [Fact]
    public void Both_checks_have_to_pass_where_there_are_both()
    {
        var both = OfEdge with { Engine = true };

        Assert.IsType<Verdict.Wait>(both.Judge(Started(1) with { Edge = new EdgeVerdict(null), Engine = EngineHealth.Starting }, A.Noon));
        Assert.IsType<Verdict.Wait>(both.Judge(Started(1) with { Engine = EngineHealth.Healthy }, A.Noon));
        Assert.IsType<Verdict.Pass>(both.Judge(Started(1) with { Edge = new EdgeVerdict(null), Engine = EngineHealth.Healthy }, A.Noon));
    }

    [Fact]
    public void What_a_service_is_asked_for_follows_from_what_it_says()
    {
        var never = new Healthcheck(["NONE"], null, null, null, null);
        var check = new Healthcheck(["CMD", "true"], null, null, null, null);

        Assert.Equal((true, false, 0), Asked(A.Web(), imageHasCheck: false));
        Assert.Equal((false, false, 5), Asked(A.Worker("w"), imageHasCheck: false));
        Assert.Equal((false, true, 0), Asked(A.Worker("w"), imageHasCheck: true));
        Assert.Equal((false, false, 5), Asked(A.Worker("w") with { Healthcheck = never }, imageHasCheck: true));
        Assert.Equal((false, true, 0), Asked(A.Worker("w") with { Healthcheck = check }, imageHasCheck: false));
        Assert.Equal((true, true, 0), Asked(A.Web() with { Health = new() { Command = ["true"] } }, imageHasCheck: false));

        static (bool, bool, int) Asked(ServiceSpec spec, bool imageHasCheck)
        {
            var gate = HealthGate.For(spec, imageHasCheck);
            return (gate.Edge, gate.Engine, (int)gate.MinUptime.TotalSeconds);
        }
    }

    [Fact]
    public void What_has_routes_may_not_end_whatever_its_restart_policy_says()
    {
        var once = new RestartPolicy(RestartCondition.No);

        Assert.True(HealthGate.For(A.Worker("w") with { Restart = once }, false).MayComplete);
        Assert.False(HealthGate.For(A.Web() with { Restart = once }, false).MayComplete);
        Assert.False(HealthGate.For(A.Worker("w"), false).MayComplete);
    }

    [Fact]
    public void SW_03_The_deadline_is_what_was_asked_for_else_a_minute_else_what_a_slow_check_needs()
    {
        Assert.Equal(60, Deadline(A.Worker("w")));
        Assert.Equal(7, Deadline(A.Worker("w") with { Health = new() { Deadline = TimeSpan.FromSeconds(7) } }));
        Assert.Equal(60, Deadline(A.Worker("w") with { Healthcheck = Every(seconds: 1) }));
        Assert.Equal(300, Deadline(A.Worker("w") with { Healthcheck = Every(seconds: 90) }));

        static double Deadline(ServiceSpec spec) => HealthGate.For(spec, false).Deadline.TotalSeconds;
        static Healthcheck Every(int seconds) => new(["CMD", "true"], TimeSpan.FromSeconds(seconds), TimeSpan.FromSeconds(10), 3, TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void A_deadline_shorter_than_the_uptime_can_be_met()
    {
        var gate = HealthGate.For(A.Worker("w") with { Health = new() { Deadline = TimeSpan.FromSeconds(2) } }, false);

        Assert.IsType<Verdict.Pass>(gate.Judge(Started(2), A.Noon));
    }

    private static ReplicaHealth Started(double secondsAgo) => new(1, A.Noon.AddSeconds(-secondsAgo));

    private static Verdict.Fail Fail(HealthGate gate, ReplicaHealth health) => Assert.IsType<Verdict.Fail>(gate.Judge(health, A.Noon));
}
