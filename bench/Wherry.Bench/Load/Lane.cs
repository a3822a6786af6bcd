using System.Diagnostics;

namespace Wherry.Bench.Load;

/// <summary>One kind of visitor: workers that each come at a fixed pace, whether the answer before was fast or slow.</summary>
internal sealed class Lane(string name, double perSecond, int workers, Func<Visitor> newVisitor)
{
    private readonly Lock _gate = new();
    private readonly List<double> _milliseconds = [];
    private readonly Dictionary<string, int> _failures = [];
    private int _ended;

    public int Failures
    {
        get
        {
            lock (_gate)
            {
                return _failures.Values.Sum();
            }
        }
    }

    /// <summary>Runs until <paramref name="stop"/>; a request that is under way then still finishes and counts.</summary>
    public Task RunAsync(CancellationToken stop) => Task.WhenAll(Enumerable.Range(0, workers).Select(i => WorkAsync(i, stop)));

    public Row ToRow(string during)
    {
        var ended = _ended > 0 ? Row.F($", {_ended} ended when their drain time was over") : "";
        var failures = _failures.Count == 0 ? "" : $" ({string.Join("; ", _failures.Select(f => $"{f.Value} x {f.Key}"))})";
        return new(
            Row.F($"{during}: {name}, {perSecond:0}/s"),
            Row.F($"{Failures} failed of {_milliseconds.Count + Failures}{failures}; p50 {At(0.5):0.0} ms, p99 {At(0.99):0.0} ms{ended}"),
            "", "", "0 failed", Failures == 0 && _milliseconds.Count > 0);
    }

    /// <summary>Milliseconds within which this share of the requests was answered; when it has ended.</summary>
    public double At(double share)
    {
        var sorted = _milliseconds.Order().ToList();
        return sorted.Count == 0 ? 0 : sorted[(int)((sorted.Count - 1) * share)];
    }

    private async Task WorkAsync(int index, CancellationToken stop)
    {
        var period = TimeSpan.FromSeconds(workers / perSecond);
        var due = Stopwatch.GetTimestamp() + (long)(period.TotalSeconds * Stopwatch.Frequency * index / workers);
        await using var visitor = newVisitor();
        while (!stop.IsCancellationRequested)
        {
            var wait = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due);
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, CancellationToken.None); // short
            }

            await VisitAsync(visitor, due);
            due += (long)(period.TotalSeconds * Stopwatch.Frequency);
        }
    }

    // Time counts from when the request was due: a worker that is held up does not hide it.
    private async Task VisitAsync(Visitor visitor, long due)
    {
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            var answered = await visitor.VisitAsync(limit.Token);
            lock (_gate)
            {
                if (answered)
                {
                    _milliseconds.Add(Stopwatch.GetElapsedTime(due).TotalMilliseconds);
                }
                else
                {
                    _ended++;
                }
            }
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException or System.Net.WebSockets.WebSocketException or OperationCanceledException or InvalidDataException)
        {
            var inner = e.GetBaseException().Message;
            lock (_gate)
            {
                _failures[inner] = _failures.GetValueOrDefault(inner) + 1;
            }
        }
    }
}

/// <summary>One visitor of a lane.</summary>
internal abstract class Visitor : IAsyncDisposable
{
    /// <summary>One request and its answer.</summary>
    /// <returns>False: nothing was asked, since the connection's time was rightly over.</returns>
    public abstract Task<bool> VisitAsync(CancellationToken ct);

    public abstract ValueTask DisposeAsync();
}
