using Wherry.Core.Model;

namespace Wherry.Core.Planning;

/// <summary>The steps of one service, in the phases that the planner puts side by side.</summary>
internal sealed partial class ServiceSteps
{
    private readonly List<Step> _start = [];
    private readonly List<Step> _gate = [];
    private readonly List<Step> _canary = [];
    private readonly List<Step> _promotion = [];
    private readonly List<Step> _switch = [];
    private readonly List<Step> _monitor = [];
    private readonly List<Step> _retire = [];
    private readonly PlanInput _input;
    private readonly string _hash;
    private bool? _changed;
    private readonly List<ObservedReplica> _all;
    private readonly List<ObservedReplica> _kept;
    private readonly List<ObservedReplica> _stale;

    private ServiceSteps(ServiceSpec spec, PlanInput input)
    {
        Spec = spec;
        _input = input;
        _hash = SpecHash.Of(spec);
        _all = [.. input.Seen.Of(spec.Name).OrderBy(r => r.Number)];

        // What serves is not given up for an equal that does not.
        _kept = [.. _all.Where(r => r.Hash == _hash && IsAlive(r) && !IsRestarted).OrderByDescending(r => r.Serving).ThenBy(r => r.Unwell).ThenBy(r => r.Number).Take(Count).OrderBy(r => r.Number)];

        // Dead ones go first, then those without traffic, then those that are unwell, then other settings, then the highest numbers.
        _stale = [.. _all.Except(_kept).OrderBy(IsRunning).ThenBy(r => r.Serving).ThenBy(r => !r.Unwell).ThenBy(r => r.Hash == _hash).ThenByDescending(r => r.Number)];
        Fill();
        Change = Explain();
    }

    public ServiceSpec Spec { get; }

    public Change Change { get; }

    /// <summary>Numbers of the replicas that stay as they are.</summary>
    public IReadOnlyList<int> Kept => Numbers(_kept);

    public IReadOnlyList<Step> Start => _start;

    public IReadOnlyList<Step> Gate => _gate;

    /// <summary>Gives canaries their share of the traffic beside all old replicas.</summary>
    public IReadOnlyList<Step> Canary => _canary;

    public IReadOnlyList<Step> Promotion => _promotion;

    public IReadOnlyList<Step> Switch => _switch;

    /// <summary>After all traffic has moved and before the old replicas go.</summary>
    public IReadOnlyList<Step> Monitor => _monitor;

    public IReadOnlyList<Step> Retire => _retire;

    /// <summary>All that it needs runs already.</summary>
    public bool IsComplete => Missing == 0;

    /// <summary>Its containers are exchanged for others, so that who asked for <c>restart: true</c> restarts too.</summary>
    public bool IsReplaced => Change.Kind == ChangeKind.Replace && !IsComplete;

    /// <summary>It runs to its end; others wait for that.</summary>
    public bool IsJob => Dependents.WaitForCompletion(_input.Wanted.Model, Spec.Name);

    /// <summary>The old replicas are stopped before the new ones start.</summary>
    public bool Interrupts { get; private set; }

    private bool IsRouted => Spec.IsRouted();

    private bool IsKnownToEdge => _input.Seen.Routed.Contains(Spec.Name);

    private bool IsRestarted => _input.Restart.Contains(Spec.Name);

    /// <summary>A job runs once, however many replicas it names.</summary>
    private int Count => IsJob ? Math.Min(1, Spec.Replicas) : Spec.Replicas;

    private int Missing => Count - _kept.Count;

    private ServiceSpec? Before => _input.Current?.Model.Services.GetValueOrDefault(Spec.Name);

    /// <summary>What the edge has.</summary>
    private IReadOnlyList<Route> RoutesNow => !IsKnownToEdge ? [] : _input.Seen.Routes.GetValueOrDefault(Spec.Name) ?? Before?.Routes ?? [];

    private IReadOnlyList<TcpRoute> TcpNow => !IsKnownToEdge ? [] : _input.Seen.Tcp.GetValueOrDefault(Spec.Name) ?? Before?.Tcp ?? [];

    private bool SettingsChanged => _changed ??= Before is not { } before || SpecHash.Of(before) != _hash;

    public static ServiceSteps For(ServiceSpec spec, PlanInput input) => new(spec, input);

    private void Fill()
    {
        // Scaling and healing start more of the same: its release command has run.
        if (Missing > 0 && Spec.Release is not null && SettingsChanged && _input.ReleaseCommands)
        {
            _start.Add(new Step.RunRelease(Spec.Name));
        }

        if (IsJob)
        {
            RunJob();
        }
        else if (Missing > 0 && _stale.Any(MayRun) && (UpdateOrder.Of(Spec) == DeployStrategy.Recreate || TakesPortOver()))
        {
            RefuseWholeTrial("its old replicas must stop before new ones start");
            Recreate();
        }
        else
        {
            Roll();
            Prove();
        }

        if (Spec.Deploy.Monitor > TimeSpan.Zero && !IsJob && !_input.Undo && Started() is { Count: > 0 } fresh)
        {
            _monitor.Add(new Step.Monitor(Spec.Name, fresh));
        }

        if (!IsRouted)
        {
            RemoveRoutes(_switch);
        }
        else if (_input.Seen.Held.Contains(Spec.Name) && !_start.Concat(_switch).Any(s => s is Step.ReleaseTraffic))
        {
            _switch.Add(new Step.ReleaseTraffic(Spec.Name));
        }
    }

    /// <summary>The edge is to take a port that the engine still holds for the old replicas.</summary>
    private bool TakesPortOver() => Before?.Ports.Any(p => p.Protocol == "tcp" && Spec.Tcp?.Any(t => t.Listen == p.HostPort) == true) == true;

    /// <summary>Numbers of all replicas that it starts and wants to keep.</summary>
    private List<int> Started() => Count == 0 ? [] : [.. _start.Concat(_promotion).Concat(_switch).OfType<Step.StartReplicas>().SelectMany(s => s.Numbers).Order()];

    private void RunJob()
    {
        // One that still runs is run again under its own number: two at once might step on each other.
        var again = IsRestarted ? null : _stale.FirstOrDefault(r => r.Hash == _hash && IsRunning(r));
        if (Missing > 0)
        {
            _start.Add(new Step.RunToCompletion(Spec.Name, again?.Number ?? Free(1)[0], Dependents.Require(_input.Wanted.Model, Spec.Name)));
        }

        Remove(_retire, _stale.Where(r => Missing == 0 || r != again));
    }

    private Step.AwaitHealthy Await(IReadOnlyList<int> numbers) => new(Spec.Name, numbers, IsRouted || Dependents.Require(_input.Wanted.Model, Spec.Name));

    private void Remove(List<Step> phase, IEnumerable<ObservedReplica> replicas)
    {
        if (Numbers(replicas) is { Count: > 0 } numbers)
        {
            phase.Add(new Step.RemoveReplicas(Spec.Name, [.. numbers.Order()]));
        }
    }

    /// <summary>Once, when the edge still has routes of a service that has none any more: before anything of it stops.</summary>
    private void RemoveRoutes(List<Step> phase)
    {
        if (!IsRouted && IsKnownToEdge && !_start.Concat(_switch).Any(s => s is Step.RemoveRoutes))
        {
            phase.Add(new Step.RemoveRoutes(Spec.Name));
        }
    }

    private bool IsAlive(ObservedReplica r) => IsJob
        ? r.State == ReplicaState.Completed
        : IsRunning(r) || (r.State == ReplicaState.Completed && !IsRouted && Spec.Restart.Condition is RestartCondition.No or RestartCondition.OnFailure);

    private static bool IsRunning(ObservedReplica r) => r.State == ReplicaState.Running;

    /// <summary>Runs, or may be started again by the engine at any moment.</summary>
    private static bool MayRun(ObservedReplica r) => r.State is ReplicaState.Running or ReplicaState.Failed;

    /// <summary>The lowest numbers that no container of the service has.</summary>
    private List<int> Free(int count)
    {
        var taken = _all.Select(r => r.Number).ToHashSet();
        return [.. Enumerable.Range(1, taken.Count + count).Where(n => !taken.Contains(n)).Take(count)];
    }

    private Change Explain() => (Missing, _stale.Count) switch
    {
        _ when _start.Count + _gate.Count + _switch.Count + _retire.Count == 0 => new(Spec.Name, ChangeKind.None, "unchanged"),
        _ when Proves => new(Spec.Name, ChangeKind.Replace, $"{SpecHash.Differences(Before!, Spec)}; one replica proves it, none is wanted"),
        _ when _all.Count == 0 => new(Spec.Name, ChangeKind.Add, "not running yet"),
        _ when IsRestarted => new(Spec.Name, ChangeKind.Replace, "restart"),
        (0, 0) => new(Spec.Name, ChangeKind.Reroute, "routes, TLS, health or drain settings"),
        _ when Before is { } before && SettingsChanged => new(Spec.Name, ChangeKind.Replace, SpecHash.Differences(before, Spec)),
        _ when _stale.All(r => r.Hash == _hash && IsRunning(r)) => new(Spec.Name, ChangeKind.Scale, $"{_all.Count} → {Spec.Replicas}"),
        _ => new(Spec.Name, ChangeKind.Replace, "what runs differs from what is wanted"),
    };

    private static List<int> Numbers(IEnumerable<ObservedReplica> replicas) => [.. replicas.Select(r => r.Number)];
}
