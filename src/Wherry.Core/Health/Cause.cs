using Wherry.Core.Problems;

namespace Wherry.Core.Health;

/// <summary>Picks the most telling cause from what was found.</summary>
/// <remarks>Pure: the same findings, the same problem.</remarks>
public static class Cause
{
    public static Problem Of(Findings seen)
    {
        var cause = seen switch
        {
            { OutOfMemory: true } => OutOfMemory(seen),
            { ExitCode: { } code } => ExitCause.Of(seen, code),
            { Told.Code: "health/restarting" } => ExitCause.Of(seen, null),
            { Probe: { Status: { } status } probe } => AnswerCause.Of(seen, probe, status),
            { ProbedPort: { } port, Probe: not null, Listeners: { } listeners } => PortCause.Of(seen, port, listeners),
            { ProbedPort: not null, Probe: { } probe } => Unreached(seen, probe),
            _ => seen.Told,
        };
        return Awaited(seen, cause) with { Evidence = [.. seen.Told.Evidence, .. seen.Evidence()] };
    }

    private static Problem OutOfMemory(Findings seen) => new(
        "health/out-of-memory",
        seen.MemoryLimit is { } limit ? $"{seen.Name} was killed because it needed more than its memory limit of {limit}." : $"{seen.Name} was killed because the server's memory ran out.",
        seen.MemoryLimit is not null ? "Raise the limit (`deploy.resources.limits.memory` or `mem_limit`), or make it need less, and deploy again." : "Give the server more memory, or its services limits (`deploy.resources.limits.memory`), and deploy again.");

    /// <summary>Where it listens cannot be told: the engine runs elsewhere, or the process is gone.</summary>
    private static Problem Unreached(Findings seen, ProbeReport probe) => new(
        "health/deadline",
        $"{seen.Name} was not healthy in time: {probe.Said} ({probe.Asked}).",
        "Let it listen on 0.0.0.0 and on the route's port, or name the right port (`x-wherry.routes`, `--port`), and deploy again; what served before serves on.");

    /// <summary>A dependency that runs and is just never healthy says little by itself; who waits for it says more.</summary>
    private static Problem Awaited(Findings seen, Problem cause) => seen.Waiting.Count == 0 || cause.Code != "health/deadline" ? cause : new Problem(
        "service/dependency-unhealthy",
        $"{seen.Those} for {seen.Service}, which never became healthy: {cause.Message}",
        $"Run the health check of {seen.Service} by hand (`wherry exec {seen.Service} -- COMMAND`), mend it or its `start_period`, `interval` and `retries`, and deploy again.");
}
