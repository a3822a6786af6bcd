using System.Collections.Immutable;
using System.Net;
using Wherry.Core.Problems;
using Wherry.Edge.Switching;
using Wherry.Edge.Targets;

namespace Wherry.Edge.Foreign;

/// <summary>Targets behind a foreign proxy that get no new requests: the proxy goes on naming them until nobody waits for them any more.</summary>
internal sealed class LeavingTargets(IForeignProxy proxy, TimeProvider time)
{
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(100);

    private ImmutableHashSet<IPEndPoint> _done = [];
    private volatile ImmutableHashSet<(string Target, IPEndPoint At)> _all = [];

    /// <summary>What the proxy shall do next.</summary>
    /// <param name="told">What it was told last.</param>
    /// <param name="served">What it shall serve.</param>
    public ForeignState Next(ForeignState told, IReadOnlyList<SavedService> served)
    {
        var before = ForeignState.TargetsOf(told.Services);
        var now = ForeignState.TargetsOf(served);
        return new(served, told.Leaving.Except(_done).Union(before.Except(now)).Except(now).ToImmutableHashSet());
    }

    /// <summary>What was told before is no more, this is.</summary>
    public void Become(ForeignState before, ForeignState now)
    {
        var leaving = now.Leaving.ToHashSet();
        _all = [.. _all.Union(before.Services.SelectMany(s => ForeignState.EndpointsOf(s.Service))).Where(l => leaving.Contains(l.At))];
        ImmutableInterlocked.Update(ref _done, (done, leaving) => done.Intersect(leaving), now.Leaving);
    }

    /// <summary>Nobody waits for these; they go with the next change.</summary>
    public void AreDone(IEnumerable<IPEndPoint> targets) => ImmutableInterlocked.Update(ref _done, (done, more) => done.Union(more), targets);

    /// <summary>Waits until the proxy works on nothing more for these targets, at the latest until <paramref name="atMost"/> is over.</summary>
    /// <param name="ct">Ends the waiting.</param>
    public async Task<DrainResult> DrainAsync(IReadOnlyList<LiveTarget> targets, TimeSpan atMost, CancellationToken ct)
    {
        var start = time.GetTimestamp();
        foreach (var target in targets)
        {
            target.StopTaking();
        }

        // By their names too: another service's may be at the same address, with other ports.
        var drained = targets.Select(t => (t.Id, t.IP)).ToHashSet();
        var leaving = _all.Where(l => drained.Contains((l.Target, l.At.Address))).Select(l => l.At).ToHashSet();
        var (most, left, idle) = (0, 0, 0);
        using var late = new CancellationTokenSource(atMost, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct, late.Token);

        // A request may have been read and not be counted yet: only who is idle twice is idle.
        while (leaving.Count > 0 && idle < 2 && time.GetElapsedTime(start) < atMost && !ct.IsCancellationRequested)
        {
            var now = await InFlightAsync(leaving, limit.Token);
            left = now ?? left;
            idle = now == 0 ? idle + 1 : 0;
            most = Math.Max(most, left);
            await Task.Delay(AskEvery, time, ct).ContinueWith(_ => { }, TaskScheduler.Default);
        }

        AreDone(leaving);
        return new(most - left, left, time.GetElapsedTime(start));
    }

    /// <returns><see langword="null"/>: nobody knows.</returns>
    private async Task<int?> InFlightAsync(HashSet<IPEndPoint> targets, CancellationToken ct)
    {
        try
        {
            return await proxy.InFlightAsync(ct) is { } counts ? targets.Sum(t => counts.GetValueOrDefault(t)) : null;
        }
        catch (Exception e) when (e is ProblemException or OperationCanceledException)
        {
            return null;
        }
    }
}
