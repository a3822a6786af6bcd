using Wherry.Core.Health;
using Wherry.Core.Planning;
using Wherry.Core.Problems;
using Wherry.Docker;

namespace Wherry.Server.Deployments;

/// <summary>One gate while it is waited for: the edge probes in the background, the engine is asked each time.</summary>
internal sealed class PresentGate : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop;
    private readonly Task<EdgeVerdict>? _edge;
    private readonly Engine _engine;

    /// <param name="engine">Asked at each look.</param>
    /// <param name="step">What is waited for.</param>
    /// <param name="gate">What is asked for.</param>
    /// <param name="replicas">The step's replicas that exist.</param>
    /// <param name="probe">Lets the edge judge them; ends with a problem when one is not well in time.</param>
    /// <param name="ct">Ends the probe.</param>
    public PresentGate(Engine engine, Step.AwaitHealthy step, HealthGate gate, IReadOnlyList<ObservedReplica> replicas, Func<CancellationToken, Task> probe, CancellationToken ct)
    {
        _engine = engine;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        Step = step;
        Gate = gate;
        Replicas = replicas;
        _edge = gate.Edge && replicas.All(r => r.Address is not null) ? ProbeAsync(probe, _stop.Token) : null;
    }

    public Step.AwaitHealthy Step { get; }

    public HealthGate Gate { get; }

    public IReadOnlyList<ObservedReplica> Replicas { get; }

    /// <summary>The last probe of each replica that the edge found not to be well.</summary>
    public IReadOnlyList<ProbeReport> Probes { get; private set; } = [];

    /// <summary>When the waiting began.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>Completes when the edge has decided; waiting for the next look ends early then.</summary>
    public Task EdgeDecided => _edge ?? Task.Delay(Timeout.Infinite, _stop.Token);

    public async Task<IReadOnlyList<ReplicaHealth>> LookAsync(CancellationToken ct)
    {
        var verdict = _edge is { IsCompletedSuccessfully: true } ? await _edge : null;
        var seen = await Task.WhenAll(Replicas.Select(r => _engine.Containers.FindAsync(r.Id, ct)));
        return [.. Replicas.Zip(seen).Where(p => p.Second is not null).Select(p => Health(p.First, p.Second!, verdict))];
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _stop.Dispose();
    }

    internal static string? OneLine(string? output) => output?.Trim().ReplaceLineEndings(" ");

    private async Task<EdgeVerdict> ProbeAsync(Func<CancellationToken, Task> probe, CancellationToken ct)
    {
        try
        {
            await probe(ct);
            return new EdgeVerdict(null);
        }
        catch (ProblemException e)
        {
            Probes = e.Probes;
            return new EdgeVerdict(e.Probes.Count == 0 ? $"cannot be probed: {e.Problem.Message.TrimEnd('.')}" : $"was not healthy: {string.Join("; ", e.Probes.Select(p => $"{p.Asked}: {p.Said}").Distinct())}", e.Problem.Code);
        }
    }

    private ReplicaHealth Health(ObservedReplica replica, ContainerInfo info, EdgeVerdict? edge) => new(
        replica.Number,
        info.StartedAt ?? info.Created,
        info.State is ContainerState.Exited or ContainerState.Dead ? info.ExitCode : null,
        info.OomKilled,
        info.RestartCount,
        info.Health switch
        {
            ContainerHealth.Starting => EngineHealth.Starting,
            ContainerHealth.Healthy => EngineHealth.Healthy,
            ContainerHealth.Unhealthy => EngineHealth.Unhealthy,
            _ => EngineHealth.None,
        },
        OneLine(info.LastHealthOutput),
        edge,
        Since);
}
