using System.Globalization;
using Wherry.Core.Problems;

namespace Wherry.Core.Health;

/// <summary>Why nobody answers at the port that the edge probes, from where the process really listens.</summary>
internal static class PortCause
{
    public static Problem Of(Findings seen, int port, IReadOnlyList<Listener> listeners)
    {
        var there = listeners.Where(l => l.Port == port).ToList();
        return (there, listeners) switch
        {
            ([_, ..], _) when there.All(l => l.IsLoopback) => Loopback(seen, there),
            ([_, ..], _) when seen.Probe!.WasRefused => TooLate(seen, port),
            ([_, ..], _) => Silent(seen, port),
            (_, []) => Nowhere(seen, port),
            _ when listeners.All(l => l.IsLoopback) => Loopback(seen, listeners, port),
            _ => Elsewhere(seen, port, [.. listeners.Where(l => !l.IsLoopback)]),
        };
    }

    private static Problem Loopback(Findings seen, IReadOnlyList<Listener> at, int? probed = null) => new(
        "health/listens-on-loopback",
        $"{seen.Name} listens on {string.Join(", ", at)} only, where nobody outside of its container reaches it{(probed is { } port ? $"; port {Number(port)} is probed" : "")}.",
        $"Let it listen on 0.0.0.0: `wherry env set HOST=0.0.0.0` for many frameworks, others want `--host 0.0.0.0` or `--bind 0.0.0.0:{Number(probed ?? at[0].Port)}` in `command`.{(probed is { } other ? $" Let it also listen on port {Number(other)}, or route to port {Number(at[0].Port)}." : "")}");

    private static Problem Elsewhere(Findings seen, int port, IReadOnlyList<Listener> at)
    {
        var ports = at.Select(l => l.Port).Distinct().ToList();
        return new(
            "health/listens-elsewhere",
            $"{seen.Name} listens on port {string.Join(" and ", ports.Select(Number))}, but port {Number(port)} is probed.",
            $"Route to port {Number(ports[0])} (`port: {Number(ports[0])}` in `x-wherry.routes`; `--port {Number(ports[0])}` without a Compose file), or let it listen on {Number(port)}: `wherry env set PORT={Number(port)}` for many frameworks.");
    }

    private static Problem Nowhere(Findings seen, int port) => new(
        "health/not-listening",
        $"{seen.Name} runs, but listens on no port; port {Number(port)} is probed.",
        $"Its log says what it is waiting for. Let it listen on 0.0.0.0:{Number(port)}; one that needs longer gets more time with `x-wherry.health.deadline`, one that serves no requests needs no route.");

    /// <summary>The last probe was refused, and now somebody listens: the start took just longer than the deadline.</summary>
    private static Problem TooLate(Findings seen, int port) => new(
        "health/deadline",
        $"{seen.Name} listens on port {Number(port)} now, but did not in time.",
        "It needs longer to start than it is given: raise `x-wherry.health.deadline`, or let it do less before it listens. Then deploy again; what served before serves on.");

    private static Problem Silent(Findings seen, int port) => new(
        "health/no-answer",
        $"{seen.Name} listens on port {Number(port)}, but does not answer its health check: {seen.Probe!.Said} ({seen.Probe.Asked}).",
        "It may be stuck, still busy with its start, or speak something else than HTTP/1.1 there. Its log says more; `x-wherry.health` has `path`, `timeout` and `deadline`.");

    private static string Number(int port) => port.ToString(CultureInfo.InvariantCulture);
}
