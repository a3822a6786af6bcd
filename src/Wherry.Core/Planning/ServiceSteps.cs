using System.Text.Json;
using System.Text.Json.Nodes;
using Wherry.Core.Model;

namespace Wherry.Core.Planning;

/// <summary>The steps of one service, in the phases that the planner puts side by side.</summary>
internal sealed class ServiceSteps
{
    private readonly List<Step> _start = [];
    private readonly List<Step> _gate = [];
    private readonly List<Step> _switch = [];
    private readonly List<Step> _retire = [];
    private readonly PlanInput _input;
    private readonly List<ObservedReplica> _kept;
    private readonly List<ObservedReplica> _stale;

    private ServiceSteps(ServiceSpec spec, PlanInput input)
    {
        Spec = spec;
        _input = input;
        var hash = SpecHash.Of(spec);
        var all = input.Seen.Of(spec.Name).OrderBy(r => r.Number).ToList();
        _kept = [.. all.Where(r => r.Hash == hash && IsAlive(r) && !input.Restart.Contains(spec.Name)).Take(spec.Replicas)];

        // Dead ones go first, then other settings, then the highest numbers.
        _stale = [.. all.Except(_kept).OrderBy(r => r.State == ReplicaState.Running).ThenBy(r => r.Hash == hash).ThenByDescending(r => r.Number)];
        Change = Explain(all);
    }

    public ServiceSpec Spec { get; }

    public Change Change { get; }

    /// <summary>Numbers of the replicas that stay as they are.</summary>
    public IReadOnlyList<int> Kept => Numbers(_kept);

    public IReadOnlyList<Step> Start => _start;

    public IReadOnlyList<Step> Gate => _gate;

    public IReadOnlyList<Step> Switch => _switch;

    public IReadOnlyList<Step> Retire => _retire;

    private bool IsJob => Dependents.WaitForCompletion(_input.Wanted.Model, Spec.Name);

    private bool IsRouted => Spec.Routes.Count > 0;

    private int Missing => Spec.Replicas - _kept.Count;

    private ServiceSpec? Before => _input.Current?.Model.Services.GetValueOrDefault(Spec.Name);

    public static ServiceSteps For(ServiceSpec spec, PlanInput input)
    {
        var steps = new ServiceSteps(spec, input);
        if (!steps.IsRouted && input.Seen.Routed.Contains(spec.Name))
        {
            steps._switch.Add(new Step.RemoveRoutes(spec.Name));
        }

        if (steps.Missing > 0 && spec.Release is not null)
        {
            steps._start.Add(new Step.RunRelease(spec.Name));
        }

        steps.Fill();
        return steps;
    }

    private void Fill()
    {
        if (IsJob)
        {
            RunJob();
        }
        else if (Missing > 0 && _stale.Any(r => r.State == ReplicaState.Running) && UpdateOrder.Of(Spec) == DeployStrategy.Recreate)
        {
            Recreate();
        }
        else
        {
            Roll();
        }
    }

    private void RunJob()
    {
        if (_kept.Count == 0)
        {
            _start.Add(new Step.RunToCompletion(Spec.Name, Free(1)[0], Dependents.Require(_input.Wanted.Model, Spec.Name)));
        }

        Remove(_retire, _stale);
    }

    /// <summary>The old replicas are stopped, not removed, before the new ones start. Requests are held meanwhile.</summary>
    private void Recreate()
    {
        var running = _stale.Where(r => r.State == ReplicaState.Running).ToList();
        var fresh = Free(Missing);
        var gate = Await(fresh);
        if (!IsRouted)
        {
            _start.AddRange([new Step.StopReplicas(Spec.Name, Numbers(running)), new Step.StartReplicas(Spec.Name, fresh)]);
            _gate.Add(gate);
        }
        else
        {
            // What others depend on has to be back before they start; else it moves with the rest of the traffic.
            (Dependents.Exist(_input.Wanted.Model, Spec.Name) ? _start : _switch).AddRange(
            [
                new Step.HoldTraffic(Spec.Name),
                new Step.SwitchTraffic(Spec.Name, Kept),
                new Step.StopReplicas(Spec.Name, Numbers(running)),
                new Step.StartReplicas(Spec.Name, fresh),
                gate,
                new Step.SwitchTraffic(Spec.Name, [.. Kept, .. fresh]),
                new Step.ReleaseTraffic(Spec.Name),
            ]);
        }

        Remove(_retire, _stale);
    }

    /// <summary>Starts as many as the surge allows, moves traffic, takes as many old ones away, until all are new.</summary>
    private void Roll()
    {
        var old = _stale.Where(r => r.State == ReplicaState.Running).ToList();
        var fresh = new Queue<int>(Free(Math.Max(Missing, 0)));
        var live = _kept.Where(r => r.State == ReplicaState.Running).Concat(old).Select(r => r.Number).ToList();
        var serving = _input.Seen.Of(Spec.Name).Where(r => r.Serving).Select(r => r.Number).ToHashSet();
        var most = AllAtOnce() ? int.MaxValue : Spec.Replicas + Math.Max(1, Spec.Deploy.Surge);
        var first = true;
        while (fresh.Count > 0 || old.Count > 0)
        {
            var batch = Take(fresh, most - live.Count);
            if (batch.Count > 0)
            {
                (first ? _start : _switch).Add(new Step.StartReplicas(Spec.Name, batch));
                (first ? _gate : _switch).Add(Await(batch));
                live.AddRange(batch);
            }

            var drop = fresh.Count == 0 ? old.ToList() : [.. old.Take(Math.Max(0, live.Count - Spec.Replicas))];
            old.RemoveRange(0, drop.Count);
            live.RemoveAll(n => drop.Any(d => d.Number == n));
            Send(live, ref serving);
            Remove(fresh.Count == 0 ? _retire : _switch, drop);
            first = false;
        }

        if (IsRouted && (RoutingChanged() || !_input.Seen.Routed.Contains(Spec.Name)) && !_switch.OfType<Step.SwitchTraffic>().Any())
        {
            _switch.Add(new Step.SwitchTraffic(Spec.Name, [.. live.Order()]));
        }

        Send(live, ref serving);
        Remove(_retire, [.. _stale.Where(r => r.State != ReplicaState.Running)]);
    }

    private void Send(List<int> live, ref HashSet<int> serving)
    {
        if (IsRouted && !serving.SetEquals(live) && !(_switch.LastOrDefault(s => s is Step.SwitchTraffic) is Step.SwitchTraffic last && last.Numbers.ToHashSet().SetEquals(live)))
        {
            _switch.Add(new Step.SwitchTraffic(Spec.Name, [.. live.Order()]));
            serving = [.. live];
        }
    }

    /// <summary>Blue-green; also rolling when a route's port changed, because the edge knows one port per route for old and new alike.</summary>
    private bool AllAtOnce() => UpdateOrder.Of(Spec) == DeployStrategy.BlueGreen
        || (Before is { } before && !before.Routes.Select(r => r.Port).SequenceEqual(Spec.Routes.Select(r => r.Port)));

    private bool RoutingChanged() => Before is null || !JsonNode.DeepEquals(Routing(Before), Routing(Spec));

    private static JsonNode? Routing(ServiceSpec spec) =>
        JsonSerializer.SerializeToNode(new ServiceSpec { Name = spec.Name, Routes = spec.Routes, Health = spec.Health, Deploy = new() { Drain = spec.Deploy.Drain } }, ModelJson.Default.ServiceSpec);

    private Step.AwaitHealthy Await(IReadOnlyList<int> numbers) => new(Spec.Name, numbers, Dependents.Require(_input.Wanted.Model, Spec.Name));

    private void Remove(List<Step> phase, List<ObservedReplica> replicas)
    {
        if (replicas.Count > 0)
        {
            phase.Add(new Step.RemoveReplicas(Spec.Name, [.. Numbers(replicas).Order()]));
        }
    }

    private bool IsAlive(ObservedReplica r) => r.State == ReplicaState.Running
        || (r.State == ReplicaState.Completed && (IsJob || Spec.Restart.Condition is RestartCondition.No or RestartCondition.OnFailure));

    /// <summary>The lowest numbers that no container of the service has.</summary>
    private List<int> Free(int count)
    {
        var taken = _input.Seen.Of(Spec.Name).Select(r => r.Number).ToHashSet();
        return [.. Enumerable.Range(1, taken.Count + count).Where(n => !taken.Contains(n)).Take(count)];
    }

    private Change Explain(List<ObservedReplica> all) => (Missing, _stale.Count) switch
    {
        (0, 0) when IsRouted && (RoutingChanged() || _kept.Any(r => !r.Serving)) => new(Spec.Name, ChangeKind.Reroute, "routes, health or drain settings"),
        (0, 0) => new(Spec.Name, ChangeKind.None, "unchanged"),
        _ when all.Count == 0 => new(Spec.Name, ChangeKind.Add, "not running yet"),
        _ when _input.Restart.Contains(Spec.Name) => new(Spec.Name, ChangeKind.Replace, "restart"),
        _ when Before is { } before && SpecHash.Of(before) != SpecHash.Of(Spec) => new(Spec.Name, ChangeKind.Replace, SpecHash.Differences(before, Spec)),
        _ when _stale.All(r => r.Hash == SpecHash.Of(Spec) && r.State == ReplicaState.Running) => new(Spec.Name, ChangeKind.Scale, $"{all.Count} → {Spec.Replicas}"),
        _ => new(Spec.Name, ChangeKind.Replace, "what runs differs from what is wanted"),
    };

    private static List<int> Take(Queue<int> from, int atMost)
    {
        var taken = new List<int>();
        while (taken.Count < atMost && from.TryDequeue(out var number))
        {
            taken.Add(number);
        }

        return taken;
    }

    private static List<int> Numbers(IEnumerable<ObservedReplica> replicas) => [.. replicas.Select(r => r.Number)];
}
