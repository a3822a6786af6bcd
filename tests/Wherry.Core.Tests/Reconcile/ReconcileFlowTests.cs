using Wherry.Core.Model;
using Wherry.Core.Reconcile;

namespace Wherry.Core.Tests.Reconcile;

/// <summary>When something is mended, and what is left alone.</summary>
public sealed class ReconcileFlowTests
{
    private static readonly ServiceSpec Web = A.Web();

    [Fact]
    public void What_runs_as_wanted_is_left_alone()
    {
        var result = ReconcileFlow.Next(EnvironmentMemory.Empty, View([Web], Up(Web, serving: true)), A.Noon);

        Assert.Empty(result.Drifts);
        Assert.Null(result.Heal);
        Assert.Empty(result.OneOffs);
        Assert.Empty(result.Happenings);
    }

    [Fact]
    public void A_dead_replica_is_started_again_after_a_second_then_replaced_each_time_twice_as_late()
    {
        var view = View([Web], Up(Web) with { Doing = Doing.Exited, ExitCode = 137 });
        var memory = EnvironmentMemory.Empty;
        var at = A.Noon;
        var pauses = new List<double>();
        for (var i = 0; i < 12; i++)
        {
            var seen = ReconcileFlow.Next(memory, view, at);
            Assert.Null(seen.Heal);
            pauses.Add((seen.LookAgainAt!.Value - at).TotalSeconds);
            Assert.Null(ReconcileFlow.Next(seen.Memory, view, seen.LookAgainAt.Value - TimeSpan.FromMilliseconds(1)).Heal);
            var due = ReconcileFlow.Next(seen.Memory, view, seen.LookAgainAt.Value);
            Assert.Equal(["web"], due.Heal!.Services);
            Assert.Equal(i == 0 ? ["web"] : [], due.Heal.Wake);
            (memory, at) = (due.Memory, seen.LookAgainAt.Value);
        }

        Assert.Equal([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300], pauses);
    }

    [Fact]
    public void Ten_minutes_of_running_leave_the_failures_behind()
    {
        var dead = View([Web], Up(Web) with { Doing = Doing.Exited, ExitCode = 1 });
        var well = View([Web], Up(Web, serving: true));
        var first = ReconcileFlow.Next(EnvironmentMemory.Empty, dead, A.Noon);
        var healed = ReconcileFlow.Next(first.Memory, dead, A.Noon.AddSeconds(1));
        var whole = ReconcileFlow.Next(healed.Memory, well, A.Noon.AddSeconds(3));
        Assert.Equal(HappeningKind.Replaced, Assert.Single(whole.Happenings).Kind);

        var early = ReconcileFlow.Next(ReconcileFlow.Next(whole.Memory, well, A.Noon.AddMinutes(9)).Memory, dead, A.Noon.AddMinutes(9));
        Assert.Equal(A.Noon.AddMinutes(9).AddSeconds(2), early.LookAgainAt);

        var late = ReconcileFlow.Next(ReconcileFlow.Next(whole.Memory, well, A.Noon.AddMinutes(11)).Memory, dead, A.Noon.AddMinutes(11));
        Assert.Equal(A.Noon.AddMinutes(11).AddSeconds(1), late.LookAgainAt);
    }

    [Fact]
    public void The_fifth_end_without_a_steady_run_is_a_crash_loop_that_is_told_once()
    {
        var memory = EnvironmentMemory.Empty;
        var told = new List<HappeningKind>();
        for (var i = 1; i <= 7; i++)
        {
            var view = View([Web], Up(Web, serving: true)) with { Deaths = [new Death("web-1", Web.Name, 1, 3, false, A.Noon)] };
            var result = ReconcileFlow.Next(memory, view, A.Noon.AddSeconds(i));
            told.AddRange(result.Happenings.Select(h => h.Kind));
            Assert.Equal(i >= 5, result.Drifts.Any(d => d.Kind == DriftKind.CrashLoop));
            memory = result.Memory;
        }

        Assert.Equal([HappeningKind.Died, HappeningKind.Died, HappeningKind.Died, HappeningKind.Died, HappeningKind.CrashLooping], told);
        var well = View([Web], Up(Web, serving: true));
        var whole = ReconcileFlow.Next(memory, well, A.Noon.AddMinutes(1));
        var steady = ReconcileFlow.Next(whole.Memory, well, A.Noon.AddMinutes(12));
        Assert.Equal(HappeningKind.Steady, Assert.Single(steady.Happenings).Kind);
        Assert.Empty(steady.Drifts);
    }

    [Fact]
    public void What_the_engine_starts_again_by_itself_is_left_to_it() =>
        Assert.Empty(ReconcileFlow.Next(EnvironmentMemory.Empty, View([Web], Up(Web, serving: true) with { Doing = Doing.Restarting }), A.Noon).Drifts);

    /// <summary>SW-04.</summary>
    [Theory]
    [InlineData(RestartCondition.Always, null, 1, true)]
    [InlineData(RestartCondition.UnlessStopped, null, 0, true)]
    [InlineData(RestartCondition.OnFailure, null, 1, true)]
    [InlineData(RestartCondition.OnFailure, 3, 1, false)]
    [InlineData(RestartCondition.OnFailure, 3, 137, true)]
    [InlineData(RestartCondition.No, null, 1, false)]
    public void SW_04_The_restart_policy_says_what_is_started_again(RestartCondition condition, int? attempts, int code, bool started)
    {
        var spec = A.Worker("worker") with { Restart = new RestartPolicy(condition, attempts) };
        var view = View([spec], Up(spec) with { Doing = Doing.Exited, ExitCode = code });
        var first = ReconcileFlow.Next(EnvironmentMemory.Empty, view, A.Noon);

        Assert.Equal(started, Assert.Single(first.Drifts).Heals);
        Assert.Equal(started, ReconcileFlow.Next(first.Memory, view, A.Noon.AddHours(1)).Heal is not null);
    }

    [Theory]
    [InlineData(RestartCondition.No)]
    [InlineData(RestartCondition.OnFailure)]
    public void SW_04_What_ended_well_is_done(RestartCondition condition)
    {
        var spec = A.Worker("task") with { Restart = new RestartPolicy(condition) };

        Assert.Empty(ReconcileFlow.Next(EnvironmentMemory.Empty, View([spec], Up(spec) with { Doing = Doing.Exited, ExitCode = 0 }), A.Noon).Drifts);
    }

    [Fact]
    public void RG_11_What_has_a_health_check_is_to_run_on_even_if_the_engines_stop_ended_it_well()
    {
        var spec = A.Worker("db") with { Restart = new RestartPolicy(RestartCondition.OnFailure), Healthcheck = new Healthcheck(["CMD", "true"], null, null, null, null) };
        var view = View([spec], Up(spec) with { Doing = Doing.Exited, ExitCode = 0 });
        var first = ReconcileFlow.Next(EnvironmentMemory.Empty, view, A.Noon);

        Assert.Equal(["db"], ReconcileFlow.Next(first.Memory, view, A.Noon.AddSeconds(1)).Heal!.Wake);
    }

    [Fact]
    public void A_job_whose_container_is_gone_is_not_run_again()
    {
        var job = A.Worker("migrate") with { Restart = new RestartPolicy(RestartCondition.No) };
        var web = Web.After("migrate", DependencyCondition.CompletedSuccessfully);
        var first = ReconcileFlow.Next(EnvironmentMemory.Empty, View([job, web], Up(web, serving: true)), A.Noon);

        Assert.Empty(first.Drifts);
        Assert.Null(ReconcileFlow.Next(first.Memory, View([job, web]), A.Noon.AddHours(1)).Heal?.Services.FirstOrDefault(s => s == "migrate"));
    }

    /// <summary>KM-30.</summary>
    [Fact]
    public void KM_30_A_container_too_many_goes_after_a_grace_and_one_that_serves_never()
    {
        var old = Up(Web, 2) with { Hash = "older", Release = 1 };
        var serving = Up(Web, 3, serving: true) with { Hash = "older" };
        var view = View([Web], Up(Web, serving: true), old, serving);
        var first = ReconcileFlow.Next(EnvironmentMemory.Empty, view, A.Noon);
        Assert.Null(first.Heal);
        Assert.Equal(2, first.Drifts.Count(d => d.Kind == DriftKind.Extra));

        var later = ReconcileFlow.Next(first.Memory, view, A.Noon + Backoff.Grace);

        Assert.Equal([old.Id], later.Heal!.Remove);
    }

    [Fact]
    public void KM_30_A_release_command_that_was_left_goes_and_a_session_does_not()
    {
        var left = Up(Web) with { Id = "left", Number = 0, OneOff = "release", Doing = Doing.Exited };
        var view = View([Web], Up(Web, serving: true), left, left with { Id = "session", OneOff = "run", Doing = Doing.Running });
        var first = ReconcileFlow.Next(EnvironmentMemory.Empty, view, A.Noon);

        Assert.Empty(first.OneOffs);
        Assert.Equal(["left"], ReconcileFlow.Next(first.Memory, view, A.Noon + Backoff.Grace).OneOffs);
    }

    /// <summary>NO-15.</summary>
    [Fact]
    public void NO_15_Of_two_that_are_one_too_many_the_newest_release_stays_then_the_healthiest()
    {
        var cutOff = Up(Web, 1) with { Release = 3 };
        var replacement = Up(Web, 2) with { Release = 4, Unhealthy = true };
        Assert.Equal([cutOff.Id], Removed(cutOff, replacement));

        var sick = Up(Web, 1) with { Unhealthy = true };
        var well = Up(Web, 2);
        Assert.Equal([sick.Id], Removed(sick, well));
    }

    [Theory]
    [InlineData(Doing.Paused)]
    [InlineData(Doing.CutOff)]
    public void A_replica_that_is_paused_or_on_no_network_is_dead_after_a_while(Doing doing)
    {
        var view = View([Web], Up(Web, serving: true) with { Doing = doing });
        var first = ReconcileFlow.Next(EnvironmentMemory.Empty, view, A.Noon);
        Assert.DoesNotContain(first.Drifts, d => d.Kind == DriftKind.Missing);
        var later = ReconcileFlow.Next(first.Memory, view, first.LookAgainAt!.Value);
        Assert.Contains(later.Drifts, d => d.Kind == DriftKind.Missing);
        var due = ReconcileFlow.Next(later.Memory, view, later.LookAgainAt!.Value);

        Assert.Equal(["web"], due.Heal!.Services);
        Assert.Empty(due.Heal.Wake);
    }

    [Fact]
    public void Nothing_is_decided_while_a_deployment_is_at_work()
    {
        var dead = View([Web], Up(Web) with { Doing = Doing.Exited, ExitCode = 1 });
        var memory = ReconcileFlow.Next(EnvironmentMemory.Empty, dead, A.Noon).Memory;

        var result = ReconcileFlow.Next(memory, dead with { Busy = true, Deaths = [new Death("x", Web.Name, 1, 1, false, A.Noon)] }, A.Noon.AddHours(1));

        Assert.Null(result.Heal);
        Assert.Empty(result.Happenings);
    }

    [Fact]
    public void What_was_stopped_by_hand_is_reported_when_it_runs_and_not_missed_when_it_does_not()
    {
        var stopped = View([Web]) with { Stopped = new HashSet<ServiceName> { Web.Name } };

        Assert.Empty(ReconcileFlow.Next(EnvironmentMemory.Empty, stopped, A.Noon).Drifts);
        var drift = Assert.Single(ReconcileFlow.Next(EnvironmentMemory.Empty, stopped with { Containers = [Up(Web)] }, A.Noon).Drifts);
        Assert.Equal((DriftKind.Running, false), (drift.Kind, drift.Heals));
    }

    [Fact]
    public void A_service_that_is_not_to_be_healed_is_only_reported()
    {
        var spec = Web with { Deploy = Web.Deploy with { Heal = false } };
        var view = View([spec], Up(spec) with { Doing = Doing.Exited, ExitCode = 1 });
        var first = ReconcileFlow.Next(EnvironmentMemory.Empty, view, A.Noon);

        Assert.False(Assert.Single(first.Drifts).Heals);
        Assert.Null(ReconcileFlow.Next(first.Memory, view, A.Noon.AddHours(1)).Heal);
    }

    [Fact]
    public void RG_11_What_is_woken_waits_for_what_has_to_be_made_first()
    {
        var db = A.Worker("db");
        var web = Web.After("db");
        var view = View([db, web], Up(web) with { Doing = Doing.Exited, ExitCode = 0 });
        var first = ReconcileFlow.Next(EnvironmentMemory.Empty, view, A.Noon);

        Assert.Equal(["db"], ReconcileFlow.Next(first.Memory, view, A.Noon.AddSeconds(1)).Heal!.Services);
    }

    [Fact]
    public void Other_targets_than_wanted_at_the_edge_are_put_right()
    {
        var view = View([Web], Up(Web)) with { Traffic = new Dictionary<ServiceName, SeenTraffic>() };
        var first = ReconcileFlow.Next(EnvironmentMemory.Empty, view, A.Noon);

        Assert.Equal(DriftKind.Traffic, Assert.Single(first.Drifts).Kind);
        Assert.Equal(["web"], ReconcileFlow.Next(first.Memory, view, A.Noon.AddSeconds(1)).Heal!.Services);
    }

    [Fact]
    public void A_clock_that_is_set_back_does_not_delay_what_is_due()
    {
        var view = View([Web], Up(Web) with { Doing = Doing.Exited, ExitCode = 1 });
        var memory = ReconcileFlow.Next(EnvironmentMemory.Empty, view, A.Noon).Memory;
        var back = ReconcileFlow.Next(memory, view, A.Noon.AddDays(-1));

        Assert.Equal(A.Noon.AddDays(-1).AddSeconds(1), back.LookAgainAt);
    }

    internal static SeenContainer Up(ServiceSpec spec, int number = 1, bool serving = false) =>
        new($"{spec.Name}-{number}", spec.Name, number, 1, SpecHash.Of(spec), Doing.Running, Serving: serving);

    internal static EnvironmentView View(IReadOnlyList<ServiceSpec> services, params IReadOnlyList<SeenContainer> containers) => new()
    {
        Services = WantedService.Of(A.Model(services)),
        Containers = containers,
        Traffic = services.Where(s => s.Routes.Count > 0).ToDictionary(s => s.Name, s => new SeenTraffic(s.Routes, containers.Where(c => c.Serving && c.Service == s.Name).Select(c => c.Id).ToHashSet())),
    };

    private static IReadOnlyList<string> Removed(params IReadOnlyList<SeenContainer> containers)
    {
        var view = View([A.Worker("web")], [.. containers.Select(c => c with { Hash = SpecHash.Of(A.Worker("web")) })]);
        var first = ReconcileFlow.Next(EnvironmentMemory.Empty, view, A.Noon);
        return ReconcileFlow.Next(first.Memory, view, A.Noon + Backoff.Grace).Heal!.Remove;
    }
}
