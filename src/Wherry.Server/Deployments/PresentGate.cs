using Wherry.Core.Health;
using Wherry.Core.Planning;
using Wherry.Docker;

namespace Wherry.Server.Deployments;

/// <summary>One gate while it is waited for: the edge probes in the background, the engine is asked each time.</summary>
internal sealed class PresentGate : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop;
    private readonly Task<EdgeVerdict>? _edge;
    private readonly Task _again;
    private readonly Engine _engine;
    private readonly EdgeJudge _judge;
    private readonly HealthHistory _history = new();
    private readonly Dictionary<(int Number, DateTimeOffset Told), DateTimeOffset> _starts = [];

    /// <param name="engine">Asked at each look.</param>
    /// <param name="step">What waits.</param>
    /// <param name="gate">What is asked for.</param>
    /// <param name="replicas">The step's replicas that exist.</param>
    /// <param name="judge">What the edge says of them.</param>
    /// <param name="ct">Ends the probes.</param>
    public PresentGate(Engine engine, Step step, HealthGate gate, IReadOnlyList<ObservedReplica> replicas, EdgeJudge judge, CancellationToken ct)
    {
        _engine = engine;
        _judge = judge;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        Step = step;
        Gate = gate;
        Replicas = replicas;
        _edge = gate.Edge && !judge.Serving && replicas.All(r => r.Address is not null) ? judge.ProbeAsync(_stop.Token) : null;
        _again = _edge is { } first && gate.Monitor > TimeSpan.Zero ? AgainAsync(first, _stop.Token) : Task.CompletedTask;
    }

    public Step Step { get; }

    public HealthGate Gate { get; }

    public IReadOnlyList<ObservedReplica> Replicas { get; }

    /// <summary>The last probe of each replica that the edge found not to be well.</summary>
    public IReadOnlyList<ProbeReport> Probes => _judge.Probes;

    /// <summary>When the waiting began.</summary>
    public required DateTimeOffset Since { get; init; }

    public required SteadyClock Clock { get; init; }

    /// <summary>A replica cannot have been started before this.</summary>
    public required Func<int, DateTimeOffset> Began { get; init; }

    /// <summary>Completes when the edge has decided; waiting for the next look ends early then.</summary>
    public Task EdgeDecided => _edge ?? Task.Delay(Timeout.Infinite, _stop.Token);

    public async Task<IReadOnlyList<ReplicaHealth>> LookAsync(CancellationToken ct)
    {
        var edge = Gate.Edge ? await _judge.LookAsync(ct) : _ => null;
        var seen = await Task.WhenAll(Replicas.Select(r => _engine.Containers.FindAsync(r.Id, ct)));
        return _history.With([.. Replicas.Zip(seen).Where(p => p.Second is not null).Select(p => Health(p.First, p.Second!, edge(EdgeServices.TargetId(p.First.Id))))], Gate, Clock.GetUtcNow());
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _again.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    internal static string? OneLine(string? output) => output?.Trim().ReplaceLineEndings(" ");

    private async Task AgainAsync(Task<EdgeVerdict> first, CancellationToken ct)
    {
        if ((await first).Passed)
        {
            await _judge.KeepProbingAsync(ct);
        }
    }

    /// <summary>The same at every look: worked out once for each start that the engine tells.</summary>
    private DateTimeOffset StartedAt(ObservedReplica replica, DateTimeOffset told) =>
        _starts.TryGetValue((replica.Number, told), out var known) ? known : _starts[(replica.Number, told)] = Clock.From(told, Began(replica.Number), Since);

    private ReplicaHealth Health(ObservedReplica replica, ContainerInfo info, EdgeVerdict? edge) => new(
        replica.Number,
        StartedAt(replica, info.StartedAt ?? info.Created),
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
