using System.Globalization;
using Wherry.Core.Model;

namespace Wherry.Core.Health;

/// <summary>What must hold before a new replica counts as healthy.</summary>
/// <param name="Edge">The edge's probe from outside must pass.</param>
/// <param name="Engine">The engine's health check inside the container must pass.</param>
/// <param name="MinUptime">It must run this long without exit; zero where a check says more.</param>
/// <param name="MayComplete">Exiting with 0 is success, not failure.</param>
/// <param name="Monitor">It must be healthy on end for this long; the deadline is as much longer.</param>
public sealed record HealthGate(bool Edge, bool Engine, TimeSpan MinUptime, TimeSpan Deadline, bool MayComplete, TimeSpan Monitor = default)
{
    /// <summary>How long a replica without any check must run. 5 s.</summary>
    public static readonly TimeSpan Uptime = TimeSpan.FromSeconds(5);

    /// <param name="spec">The service.</param>
    /// <param name="imageHasCheck">The image brings a HEALTHCHECK.</param>
    public static HealthGate For(ServiceSpec spec, bool imageHasCheck)
    {
        var edge = spec.IsRouted();
        var deadline = spec.Health?.Deadline ?? Longer(TimeSpan.FromSeconds(60), Patience(spec.Healthcheck));
        var off = spec.Healthcheck is { Test: ["NONE"] };
        var engine = spec.Health?.Command is not null || (spec.Healthcheck is not null && !off) || (imageHasCheck && !off);
        return new(
            edge,
            engine,
            edge || engine ? TimeSpan.Zero : Shorter(Uptime, deadline),
            deadline,
            !edge && spec.Restart.Condition is RestartCondition.No or RestartCondition.OnFailure,
            spec.Deploy.Monitor);
    }

    /// <summary>Judges one replica.</summary>
    public Verdict Judge(ReplicaHealth seen, DateTimeOffset now) => seen switch
    {
        { OutOfMemory: true } => new Verdict.Fail("health/out-of-memory", "was killed because it ran out of memory"),
        { ExitCode: 0 } when MayComplete => new Verdict.Pass(),
        { Restarts: > 0, ExitCode: { } code } when !RanBefore(seen) => new Verdict.Fail("health/restarting", $"keeps restarting: it exits with code {code} before it is healthy"),
        { Restarts: > 0 } when !RanBefore(seen) => new Verdict.Fail("health/restarting", "keeps restarting: it exits before it is healthy"),
        { ExitCode: { } code } => new Verdict.Fail("health/exited", $"exited with code {code} before it was healthy"),
        { Edge: { } edge } when Edge && edge.Error is { } error => new Verdict.Fail(edge.Code, error),
        _ when Passed(seen, now) && (Monitor <= TimeSpan.Zero || now - seen.HealthySince >= Monitor) => new Verdict.Pass(),
        _ when now - Since(seen) >= Deadline + Monitor + (Edge ? TimeSpan.FromSeconds(5) : TimeSpan.Zero) => new Verdict.Fail("health/deadline", string.Create(CultureInfo.InvariantCulture, $"was not healthy{(Monitor > TimeSpan.Zero ? $" for {Monitor.TotalSeconds:0.#} s on end" : "")} after {Deadline.TotalSeconds:0.#} s ({Waiting(seen)})")),
        _ when Passed(seen, now) => new Verdict.Wait(string.Create(CultureInfo.InvariantCulture, $"healthy; it must stay so for {Monitor.TotalSeconds:0.#} s")),
        _ => new Verdict.Wait(Waiting(seen)),
    };

    /// <summary>Time that a slow check of the engine needs until it has failed as often as it may. Its defaults: 30 s between checks, 30 s for each, 3 failures.</summary>
    private static TimeSpan Patience(Healthcheck? check) => check is null ? TimeSpan.Zero :
        (check.StartPeriod ?? TimeSpan.Zero) + ((check.Retries ?? 3) * (check.Interval ?? TimeSpan.FromSeconds(30))) + (check.Timeout ?? TimeSpan.FromSeconds(30));

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static TimeSpan Longer(TimeSpan a, TimeSpan b) => a > b ? a : b;

    /// <summary>One that ran before anybody asked has had no time yet.</summary>
    private static DateTimeOffset Since(ReplicaHealth seen) => seen.AwaitedSince is { } awaited && awaited > seen.StartedAt ? awaited : seen.StartedAt;

    /// <summary>It has run without exit for so long that its restarts are of another time.</summary>
    private bool RanBefore(ReplicaHealth seen) => seen.AwaitedSince - seen.StartedAt >= Deadline;

    /// <summary>Its checks pass at this moment, however long they do.</summary>
    public bool Passed(ReplicaHealth seen, DateTimeOffset now) =>
        (!Edge || seen.Edge is { Passed: true }) && (!Engine || seen.Engine == EngineHealth.Healthy) && now - seen.StartedAt >= MinUptime;

    private string Waiting(ReplicaHealth seen) => (Edge && seen.Edge is not { Passed: true }, Engine, seen.Engine) switch
    {
        (true, _, _) => "the edge's probe",
        (_, true, EngineHealth.Unhealthy) => $"health check fails: {seen.EngineOutput ?? "no output"}",
        (_, true, _) => "health check",
        _ => string.Create(CultureInfo.InvariantCulture, $"{MinUptime.TotalSeconds:0.#} s without exit"),
    };
}

/// <summary>What a gate says of a replica.</summary>
public abstract record Verdict
{
    private Verdict()
    {
    }

    public sealed record Pass : Verdict;

    public sealed record Wait(string For) : Verdict;

    /// <param name="Code">Code of the problem.</param>
    /// <param name="Reason">Follows the replica's name in a sentence.</param>
    public sealed record Fail(string Code, string Reason) : Verdict;
}

/// <summary>What is known of a replica's health.</summary>
/// <param name="ExitCode"><see langword="null"/> while it runs.</param>
/// <param name="Restarts">Times that the engine started it again.</param>
/// <param name="EngineOutput">Last output of the engine's check.</param>
/// <param name="Edge"><see langword="null"/> while the edge still probes.</param>
/// <param name="HealthySince">Since when it has been healthy on end; <see langword="null"/> while it is not.</param>
/// <param name="FirstHealthy">When it was healthy for the first time since it is looked at.</param>
/// <param name="LastHealthy">When it was seen healthy last.</param>
/// <param name="AwaitedSince">When the gate began to wait; the deadline counts from here when the replica ran before.</param>
public sealed record ReplicaHealth(
    int Number,
    DateTimeOffset StartedAt,
    int? ExitCode = null,
    bool OutOfMemory = false,
    int Restarts = 0,
    EngineHealth Engine = EngineHealth.None,
    string? EngineOutput = null,
    EdgeVerdict? Edge = null,
    DateTimeOffset? AwaitedSince = null,
    DateTimeOffset? HealthySince = null,
    DateTimeOffset? FirstHealthy = null,
    DateTimeOffset? LastHealthy = null);

/// <summary>Outcome of the edge's gate.</summary>
/// <param name="Error">Why it failed; <see langword="null"/> when it passed.</param>
/// <param name="Code">Code of the problem when it failed.</param>
public sealed record EdgeVerdict(string? Error, string Code = "health/deadline")
{
    public bool Passed => Error is null;
}

/// <summary>The engine's health check.</summary>
public enum EngineHealth
{
    None,
    Starting,
    Healthy,
    Unhealthy,
}
