using System.Collections.Concurrent;

namespace Wherry.Edge.Switching;

/// <summary>Calls that change a service run one after the other.</summary>
internal sealed class ServiceLanes
{
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _lanes = new(StringComparer.Ordinal);

    /// <summary>Waits until no other call changes one of these services. Always in the same order, so that two never wait for each other.</summary>
    /// <returns>To be disposed when the change is done.</returns>
    public async Task<IDisposable> EnterAsync(IEnumerable<string> keys, CancellationToken ct)
    {
        var entered = new Entered();
        try
        {
            foreach (var key in keys.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
            {
                var lane = _lanes.GetOrAdd(key, _ => new SemaphoreSlim(1));
                await lane.WaitAsync(ct);
                entered.Push(lane);
            }

            return entered;
        }
        catch
        {
            entered.Dispose();
            throw;
        }
    }

    private sealed class Entered : Stack<SemaphoreSlim>, IDisposable
    {
        public void Dispose()
        {
            while (TryPop(out var lane))
            {
                lane.Release();
            }
        }
    }
}
