using Wherry.Core.Metrics;
using Wherry.Core.Routing;

namespace Wherry.Edge.Metrics;

/// <summary>What one service's traffic added up to since the edge started.</summary>
internal sealed class TrafficCounters
{
    /// <summary>Methods with a count of their own; any other is <c>other</c>, so that a client cannot make up series.</summary>
    public static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "other"];

    private readonly long[] _requests = new long[Methods.Length * 5];
    private readonly long[] _buckets = new long[DurationBuckets.Bounds.Length + 1];
    private long _micros;
    private long _inFlight;
    private long _drains;
    private long _cut;
    private uint _turn;
    private SplitCounters? _split;

    /// <summary>Connections to its TCP routes.</summary>
    public TcpCounters Tcp { get; } = new();

    /// <summary>Both sides, while the service is split.</summary>
    public SplitCounters? Split => Volatile.Read(ref _split);

    public long InFlight => Volatile.Read(ref _inFlight);

    public long Drains => Volatile.Read(ref _drains);

    public long CutRequests => Volatile.Read(ref _cut);

    public double Seconds => Volatile.Read(ref _micros) / 1e6;

    public uint NextTurn() => Interlocked.Increment(ref _turn);

    public void Began() => Interlocked.Increment(ref _inFlight);

    /// <summary>The request goes on elsewhere.</summary>
    public void Left() => Interlocked.Decrement(ref _inFlight);

    /// <summary>Counts a finished request; upgraded connections (101) are kept out of the durations.</summary>
    public void Ended(string method, int status, TimeSpan took)
    {
        Interlocked.Decrement(ref _inFlight);
        Interlocked.Increment(ref _requests[(IndexOf(method) * 5) + Math.Clamp(status / 100, 1, 5) - 1]);
        if (status != 101)
        {
            Interlocked.Add(ref _micros, (long)took.TotalMicroseconds);
            Interlocked.Increment(ref _buckets[DurationBuckets.Of(took.TotalSeconds)]);
        }
    }

    /// <summary>Both sides of a split: those of before while it is the same one.</summary>
    public SplitCounters? OfSplit(TrafficSplit? rule) => _split = rule is null ? null : _split?.IsOf(rule) == true ? _split : new(rule);

    public void Drained(int cut)
    {
        Interlocked.Increment(ref _drains);
        Interlocked.Add(ref _cut, cut);
    }

    /// <param name="statusClass">1 to 5.</param>
    public long Requests(int method, int statusClass) => Volatile.Read(ref _requests[(method * 5) + statusClass - 1]);

    /// <summary>All finished requests, and those of them that were answered 5xx.</summary>
    public TrafficTotal Total()
    {
        var (all, failed) = (0L, 0L);
        for (var i = 0; i < _requests.Length; i++)
        {
            var count = Volatile.Read(ref _requests[i]);
            all += count;
            failed += i % 5 == 4 ? count : 0;
        }

        return new(all, failed);
    }

    /// <param name="key">The service that they are of.</param>
    public ServiceTraffic ToTraffic(string key)
    {
        var total = Total();
        return new(key, total.Requests, total.Failed, InFlight, Took());
    }

    /// <summary>How many took how long, by <see cref="DurationBuckets"/>.</summary>
    public IReadOnlyList<long> Took()
    {
        var took = new long[_buckets.Length];
        for (var i = 0; i < took.Length; i++)
        {
            took[i] = Volatile.Read(ref _buckets[i]);
        }

        return took;
    }

    private static int IndexOf(string method)
    {
        for (var i = 0; i < Methods.Length - 1; i++)
        {
            if (string.Equals(Methods[i], method, StringComparison.Ordinal))
            {
                return i;
            }
        }

        return Methods.Length - 1;
    }
}
