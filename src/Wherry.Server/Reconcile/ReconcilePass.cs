using Wherry.Core.Problems;
using Wherry.Core.Reconcile;
using Wherry.Server.Environments;
using Wherry.Server.Metrics;

namespace Wherry.Server.Reconcile;

/// <summary>Looks at all environments once, and has mended what may be.</summary>
internal sealed class ReconcilePass(ReconcileStore store, ReconcileObserver observer, EngineWatch watch, WantedReleases wanted, ReconcileActions actions, EnvironmentStore environments) : IDisposable
{
    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly Dictionary<string, EnvironmentMemory> _memories = [];

    /// <returns>When something becomes due; <see langword="null"/>: nothing waits.</returns>
    /// <exception cref="ProblemException">Engine or edge does not answer.</exception>
    public async Task<DateTimeOffset?> RunAsync(DateTimeOffset now, CancellationToken ct)
    {
        await _one.WaitAsync(ct);
        try
        {
            // Asked before and behind the look: a deployment that began or ended in between made what was seen.
            var before = (await store.AllAsync(ct)).ToDictionary(f => f.Environment.Id, f => (f.Busy, f.LastEnd));
            var sight = await observer.LookAsync(ct);
            var deaths = watch.TakeDeaths();
            var all = (await store.AllAsync(ct)).Select(f => before.TryGetValue(f.Environment.Id, out var was) && was == (false, f.LastEnd) ? f : f with { Busy = true }).ToList();
            Forget(all);
            DateTimeOffset? next = null;
            foreach (var facts in all)
            {
                var at = await OneAsync(facts, sight, deaths[facts.Environment.ToString()], now, ct);
                next = at is null || next < at ? next : at;
            }

            return next;
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private async Task<DateTimeOffset?> OneAsync(EnvironmentFacts facts, Sight sight, IEnumerable<Death> deaths, DateTimeOffset now, CancellationToken ct)
    {
        if (await wanted.FindAsync(facts, ct) is not { } release)
        {
            return null;
        }

        var view = await observer.ViewAsync(facts, release, sight, deaths, ct) with { Busy = facts.Busy || environments.IsLeaving(facts.Environment.Id) };
        var result = ReconcileFlow.Next(_memories.GetValueOrDefault(facts.Key) ?? EnvironmentMemory.Empty, view, now);
        _memories[facts.Key] = result.Memory;
        if (!view.Busy)
        {
            await actions.DoAsync(facts.Environment, view, result, ReconcileObserver.HasMoved(facts.Environment, sight), ct);
        }
        else
        {
            actions.Wait(facts.Environment);
        }

        ServerMeter.ReconcilePasses.Add(1, new KeyValuePair<string, object?>("outcome", view.Busy ? "busy" : result.Drifts.Count > 0 ? "drift" : "steady"));
        return result.LookAgainAt;
    }

    private void Forget(IReadOnlyList<EnvironmentFacts> all)
    {
        var keys = all.Select(f => f.Key).ToHashSet();
        wanted.Keep(keys);
        actions.Keep(all.Select(f => f.Environment.Id).ToHashSet());
        foreach (var gone in _memories.Keys.Where(key => !keys.Contains(key)).ToList())
        {
            _memories.Remove(gone);
        }
    }
}
