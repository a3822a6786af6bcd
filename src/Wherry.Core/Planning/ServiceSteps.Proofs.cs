namespace Wherry.Core.Planning;

/// <summary>What is tried before it is trusted: canaries, a representative of what is scaled to zero.</summary>
internal sealed partial class ServiceSteps
{
    /// <summary>Settings changed of what is scaled to zero: one is started, so that the next scaling up does not find out that they are wrong.</summary>
    public bool Proves => Count == 0 && !IsJob && !_input.Undo && Before is not null && SettingsChanged && !_all.Any(MayRun);

    /// <summary>Two releases that serve at once are told, and brought to one.</summary>
    public string? Note
    {
        get
        {
            var live = _all.Where(IsRunning).GroupBy(r => r.Hash).OrderBy(g => g.Min(r => r.Release)).ToList();
            return live.Count < 2 ? null : $"{Spec.Name} runs from {live.Count} releases at once ({string.Join("; ", live.Select(g => $"r{g.Max(r => r.Release)}: {string.Join(", ", g.Select(r => $"{Spec.Name}-{r.Number}"))}"))}); this brings it to one";
        }
    }

    private void Prove()
    {
        if (!Proves)
        {
            return;
        }

        var representative = Free(1);
        _start.Add(new Step.StartReplicas(Spec.Name, representative));
        _gate.AddRange([Await(representative), new Step.RemoveReplicas(Spec.Name, representative)]);
    }

    /// <summary>Some new replicas get their share of the traffic while every old one stays; then somebody has to say that it goes on.</summary>
    /// <param name="fresh">Numbers for new replicas; the canaries take theirs.</param>
    /// <param name="live">All that run; the canaries join them.</param>
    /// <param name="targets">All that get traffic; the canaries join them.</param>
    private void SendCanaries(Queue<int> fresh, HashSet<int> live, HashSet<int> targets)
    {
        var canaries = Take(fresh, Spec.Deploy.Canary);
        _start.Add(new Step.StartReplicas(Spec.Name, canaries));
        _gate.Add(Await(canaries));
        live.UnionWith(canaries);
        targets.UnionWith(canaries);
        Send(_canary, targets);
        _promotion.Add(new Step.AwaitPromotion(Spec.Name, canaries));
    }

    /// <summary>The edge knows one port per route, so canaries cannot listen on another than the old ones.</summary>
    private bool SendsCanaries(Queue<int> fresh, List<ObservedReplica> old) =>
        Spec.Deploy.Canary > 0 && _input is { Canaries: true, Undo: false } && fresh.Count > 0 && old.Any(r => r.Hash != _hash) && !PortsChanged();
}
