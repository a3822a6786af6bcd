using Wherry.Core.Health;
using Wherry.Core.Model;
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

    public PresentGate(Engine engine, EdgeClient edge, string key, ServiceSpec spec, Step.AwaitHealthy step, IReadOnlyList<ObservedReplica> replicas, HealthGate gate, CancellationToken ct)
    {
        _engine = engine;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        Step = step;
        Gate = gate;
        Replicas = replicas;
        _edge = gate.Edge && replicas.All(r => r.Address is not null) ? ProbeAsync(edge, key, spec, replicas, _stop.Token) : null;
    }

    public Step.AwaitHealthy Step { get; }

    public HealthGate Gate { get; }

    public IReadOnlyList<ObservedReplica> Replicas { get; }

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

    private static async Task<EdgeVerdict> ProbeAsync(EdgeClient edge, string key, ServiceSpec spec, IReadOnlyList<ObservedReplica> replicas, CancellationToken ct)
    {
        try
        {
            await edge.GateAsync(key, EdgeServices.For(spec, replicas), ct);
            return new EdgeVerdict(null);
        }
        catch (ProblemException e)
        {
            return new EdgeVerdict($"was not healthy: {e.Problem.Message}");
        }
    }

    private static ReplicaHealth Health(ObservedReplica replica, ContainerInfo info, EdgeVerdict? edge) => new(
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
        info.LastHealthOutput,
        edge);
}
