using Wherry.Core.Problems;
using Wherry.Core.Reconcile;
using Wherry.Server.Environments;

namespace Wherry.Server.Reconcile;

/// <summary>Looks at all environments once, and has mended what may be.</summary>
internal sealed class ReconcilePass(ReconcileStore store, ReconcileEyes eyes, EngineWatch watch, WantedReleases wanted, ReconcileHands hands, EnvironmentStore environments)
{
    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly Dictionary<long, EnvironmentMemory> _memories = [];

    /// <returns>When something becomes due; <see langword="null"/>: nothing waits.</returns>
    /// <exception cref="ProblemException">Engine or edge does not answer.</exception>
    public async Task<DateTimeOffset?> RunAsync(TimeProvider time, CancellationToken ct)
    {
        await _one.WaitAsync(ct);
        try
        {
            var sight = await eyes.LookAsync(ct);
            var deaths = watch.TakeDeaths();
            var all = await store.AllAsync(ct); // behind the look: a deployment that began in between is seen
            Forget(all);
            DateTimeOffset? next = null;
            foreach (var facts in all)
            {
                var at = await OneAsync(facts, sight, deaths[facts.Environment.ToString()], time, ct);
                next = at is null || next < at ? next : at;
            }

            return next;
        }
        finally
        {
            _one.Release();
        }
    }

    private async Task<DateTimeOffset?> OneAsync(EnvironmentFacts facts, Sight sight, IEnumerable<Death> deaths, TimeProvider time, CancellationToken ct)
    {
        if (await wanted.FindAsync(facts, ct) is not { } release)
        {
            return null;
        }

        var view = await eyes.ViewAsync(facts, release, sight, deaths, ct) with { Busy = facts.Busy || environments.IsLeaving(facts.Environment.Id) };
        var result = ReconcileFlow.Next(_memories.GetValueOrDefault(facts.Environment.Id) ?? EnvironmentMemory.Empty, view, time.GetUtcNow());
        _memories[facts.Environment.Id] = result.Memory;
        if (!view.Busy)
        {
            await hands.DoAsync(facts.Environment, view, result, ReconcileEyes.HasMoved(facts.Environment, sight), ct);
        }

        return result.LookAgainAt;
    }

    private void Forget(IReadOnlyList<EnvironmentFacts> all)
    {
        var ids = all.Select(f => f.Environment.Id).ToHashSet();
        wanted.Keep(ids);
        hands.Keep(ids);
        foreach (var gone in _memories.Keys.Where(id => !ids.Contains(id)).ToList())
        {
            _memories.Remove(gone);
        }
    }
}
