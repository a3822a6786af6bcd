using Wherry.Core.Problems;
using Wherry.Server.Pools;

namespace Wherry.Server.Sessions;

/// <summary>How many sessions there may be at once. Somebody waits for each: one too many is refused, not queued.</summary>
internal sealed class SessionSeats
{
    private int _taken;

    /// <returns>The seat; disposing it gives it back.</returns>
    /// <exception cref="ProblemException"><c>session/too-many</c>.</exception>
    public IDisposable Take()
    {
        if (Interlocked.Increment(ref _taken) > WorkPools.MaxSessions)
        {
            Interlocked.Decrement(ref _taken);
            throw new Problem("session/too-many", $"{WorkPools.MaxSessions} sessions are open already.", "End one of them, then try again.").AsException();
        }

        return new Seat(this);
    }

    private sealed class Seat(SessionSeats seats) : IDisposable
    {
        private SessionSeats? _seats = seats;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _seats, null) is { } all)
            {
                Interlocked.Decrement(ref all._taken);
            }
        }
    }
}
