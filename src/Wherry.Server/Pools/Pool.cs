namespace Wherry.Server.Pools;

/// <summary>A number of seats for work of one kind. Whoever comes when all are taken waits; environments take turns.</summary>
/// <param name="seat">What it is a seat for, for a person: <c>build</c>, <c>deployment</c>.</param>
/// <param name="size">How many work at once.</param>
internal sealed class Pool(string seat, int size)
{
    private readonly Lock _lock = new();
    private readonly List<string> _seated = [];
    private readonly List<Waiter> _waiting = [];

    /// <summary>How many wait.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock)
            {
                return _waiting.Count;
            }
        }
    }

    /// <param name="holder">Who it is for, for a person: <c>shop/production</c>. Its seats and those of others take turns.</param>
    /// <param name="say">Told once when it has to wait.</param>
    /// <param name="ct">Stops waiting.</param>
    /// <returns>The seat; disposing it gives it to the next. Idempotent.</returns>
    public async Task<IDisposable> EnterAsync(string holder, Func<string, Task> say, CancellationToken ct)
    {
        Waiter waiter;
        string before;
        lock (_lock)
        {
            if (_seated.Count < size)
            {
                _seated.Add(holder);
                return new Seat(this, holder);
            }

            _waiting.Add(waiter = new Waiter(holder));
            before = string.Join(", ", _seated);
        }

        // Said by a waiter who may be cancelled meanwhile: then the seat goes on to the next.
        using var cancelled = ct.Register(() => GiveUp(waiter, ct));
        await say($"waits for a free {seat} slot: {size} of {size} are used by {before}");
        return await waiter.Turn.Task;
    }

    /// <summary>For whom nobody lets wait.</summary>
    /// <returns><see langword="null"/> when all are taken.</returns>
    public IDisposable? TryEnter(string holder)
    {
        lock (_lock)
        {
            if (_seated.Count == size)
            {
                return null;
            }

            _seated.Add(holder);
            return new Seat(this, holder);
        }
    }

    private void Leave(string holder)
    {
        lock (_lock)
        {
            _seated.Remove(holder);
            // First come, first served, among those with the fewest seats.
            if (_waiting.MinBy(w => _seated.Count(s => s == w.Holder)) is { } next)
            {
                _waiting.Remove(next);
                _seated.Add(next.Holder);
                next.Turn.SetResult(new Seat(this, next.Holder));
            }
        }
    }

    private void GiveUp(Waiter waiter, CancellationToken ct)
    {
        lock (_lock)
        {
            if (_waiting.Remove(waiter))
            {
                waiter.Turn.SetCanceled(ct);
            }
        }
    }

    private sealed record Waiter(string Holder)
    {
        public TaskCompletionSource<IDisposable> Turn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Seat(Pool pool, string holder) : IDisposable
    {
        private Pool? _pool = pool;

        public void Dispose() => Interlocked.Exchange(ref _pool, null)?.Leave(holder);
    }
}
