using Wherry.Edge.Targets;

namespace Wherry.Edge.Switching;

/// <summary>How a drain ended.</summary>
internal readonly record struct DrainResult(int Finished, int Cut, TimeSpan Took);

/// <summary>Waits for what is in flight on targets that traffic was switched away from.</summary>
internal sealed class Drain(TimeProvider time)
{
    // Time that a cut request gets to write its answer and let go.
    private static readonly TimeSpan Unwinding = TimeSpan.FromSeconds(2);

    /// <summary>Returns when the targets are idle, at the latest shortly after <paramref name="atMost"/>; what is left then is cut.</summary>
    /// <param name="ct">Cuts at once.</param>
    public async Task<DrainResult> RunAsync(IReadOnlyList<LiveTarget> targets, TimeSpan atMost, CancellationToken ct)
    {
        var start = time.GetTimestamp();
        foreach (var target in targets)
        {
            target.StopTaking();
        }

        var idle = Task.WhenAll(targets.Select(t => t.Idle));
        var cut = 0;
        if (!await EndsWithinAsync(idle, atMost, ct))
        {
            foreach (var target in targets)
            {
                cut += target.InFlight;
                target.CutInFlight();
            }

            await EndsWithinAsync(idle, Unwinding, CancellationToken.None); // bounded by its own time
        }

        return new(targets.Sum(t => t.FinishedWhileDraining), cut, time.GetElapsedTime(start));
    }

    private async Task<bool> EndsWithinAsync(Task idle, TimeSpan atMost, CancellationToken ct)
    {
        try
        {
            await idle.WaitAsync(atMost, time, ct);
            return true;
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            return idle.IsCompleted;
        }
    }
}
