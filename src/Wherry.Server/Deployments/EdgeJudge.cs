using Wherry.Core.Health;
using Wherry.Core.Problems;
using Wherry.Core.Routing;

namespace Wherry.Server.Deployments;

/// <summary>What the edge says of replicas that are waited for: it probes those without traffic at our call, and those with traffic by itself.</summary>
/// <param name="edge">Asked.</param>
/// <param name="key">The edge's name for the service.</param>
/// <param name="service">The replicas as its targets.</param>
/// <param name="serving">They have traffic already.</param>
/// <param name="time">Its clock.</param>
internal sealed class EdgeJudge(EdgeClient edge, string key, EdgeService service, bool serving, TimeProvider time)
{
    private volatile EdgeVerdict? _verdict;

    public bool Serving => serving;

    /// <summary>The last probe of each replica that the edge found not to be well.</summary>
    public IReadOnlyList<ProbeReport> Probes { get; private set; } = [];

    /// <summary>Lets the edge probe until all are well or the deadline has passed; then, while they have to stay well, again and again.</summary>
    public async Task<EdgeVerdict> ProbeAsync(CancellationToken ct)
    {
        try
        {
            // An edge that restarts in between says nothing about the replicas.
            await Patience.AskAsync(() => edge.GateAsync(key, service, ct), service.Probe.Deadline, time, ct);
            return _verdict = new EdgeVerdict(null);
        }
        catch (ProblemException e)
        {
            Probes = e.Probes;
            return _verdict = new EdgeVerdict(e.Probes.Count == 0 ? $"cannot be probed: {e.Problem.Message.TrimEnd('.')}" : $"was not healthy: {string.Join("; ", e.Probes.Select(p => $"{p.Asked}: {p.Said}").Distinct())}", e.Problem.Code);
        }
    }

    /// <summary>Probes again and again; one that fails is not well until the next that passes.</summary>
    public async Task KeepProbingAsync(CancellationToken ct)
    {
        var once = service with { Probe = service.Probe with { Deadline = service.Probe.Timeout } };
        while (true)
        {
            await Task.Delay(service.Probe.Interval, time, ct);
            try
            {
                await edge.GateAsync(key, once, ct);
                _verdict = new EdgeVerdict(null);
            }
            catch (ProblemException e) when (e.Problem.Code is not "edge/unreachable")
            {
                _verdict = null;
            }
            catch (ProblemException)
            {
                // The edge restarts: the replicas are as they were.
            }
        }
    }

    /// <summary>The edge's present opinion of each target, by its id; <see langword="null"/> while it has none.</summary>
    public async Task<Func<string, EdgeVerdict?>> LookAsync(CancellationToken ct)
    {
        if (!serving)
        {
            return _ => _verdict;
        }

        var targets = (await edge.ListAsync(ct)).FirstOrDefault(s => s.Key == key)?.Targets ?? [];
        return id => targets.FirstOrDefault(t => t.Id == id) is { Healthy: true, Draining: false } ? new EdgeVerdict(null) : null;
    }
}
