using Wherry.Core.Problems;

namespace Wherry.Edge.Acme.Orders;

/// <summary>How long one attempt waits for an authority: what it asks for, else growing pauses, all within a limit.</summary>
internal sealed class Patience(TimeSpan within, TimeProvider time)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    private readonly long _start = time.GetTimestamp();
    private TimeSpan _pause = TimeSpan.FromMilliseconds(200);

    /// <param name="asked">The authority's Retry-After.</param>
    /// <exception cref="ProblemException"><c>acme/slow</c>: the limit would be passed.</exception>
    public async Task PauseAsync(TimeSpan? asked, string waitingFor, CancellationToken ct)
    {
        var pause = asked is { } wish && wish > _pause ? wish : _pause;
        if (time.GetElapsedTime(_start) + pause > within)
        {
            throw new ProblemException(AcmeProblems.Slow(waitingFor, within)) { RetryAt = time.GetUtcNow() + pause };
        }

        await Task.Delay(pause, time, ct);
        _pause = _pause * 1.5 < Longest ? _pause * 1.5 : Longest;
    }
}
