using Wherry.Core.Metrics;
using Wherry.Core.Routing;

namespace Wherry.Edge.Metrics;

/// <summary>What came of the requests of both sides of a split, since it has the share that it has.</summary>
internal sealed class SplitCounters(TrafficSplit rule)
{
    public SideCounters Shared { get; } = new();

    public SideCounters Others { get; } = new();

    /// <summary>The same stage of the same trial: other targets, or other visitors that are named, begin nothing anew.</summary>
    public bool IsOf(TrafficSplit other) =>
        other.Share.Equals(rule.Share) && other.Cookie == rule.Cookie && other.Header == rule.Header && (other.Mirror is null) == (rule.Mirror is null);

    public SplitTraffic ToTraffic() => new(Shared.ToTraffic(), Others.ToTraffic());
}

/// <summary>Requests that one side of a split answered: how many, how many of them 5xx, how fast.</summary>
internal sealed class SideCounters
{
    /// <summary>Buckets from one duration to twice as much: the 95th percentile is right to a tenth.</summary>
    private const int PerDoubling = 8;

    private const int Doublings = 17;

    private readonly long[] _took = new long[PerDoubling * Doublings];
    private readonly long[] _buckets = new long[DurationBuckets.Bounds.Length + 1];
    private long _micros;
    private long _requests;
    private long _failed;
    private long _left;

    /// <summary>Counts a finished request. Who went away says nothing (499), and an upgraded connection (101) nothing of how fast it is.</summary>
    public void Ended(int status, TimeSpan took)
    {
        if (status == 499)
        {
            return;
        }

        Interlocked.Increment(ref _requests);
        if (status >= 500)
        {
            Interlocked.Increment(ref _failed);
        }

        if (status != 101)
        {
            Interlocked.Increment(ref _took[Bucket(took.TotalMilliseconds)]);
            Interlocked.Increment(ref _buckets[DurationBuckets.Of(took.TotalSeconds)]);
            Interlocked.Add(ref _micros, (long)took.TotalMicroseconds);
        }
    }

    public long Requests => Volatile.Read(ref _requests);

    public long Failed => Volatile.Read(ref _failed);

    public double Seconds => Volatile.Read(ref _micros) / 1e6;

    /// <summary>How many took how long, by <see cref="DurationBuckets"/>.</summary>
    public IReadOnlyList<long> Took() => Array.ConvertAll(_buckets, c => c);

    /// <summary>A copy that was not sent.</summary>
    public void LeftOut() => Interlocked.Increment(ref _left);

    public SideTraffic ToTraffic() => new(Volatile.Read(ref _requests), Volatile.Read(ref _failed), P95(), Volatile.Read(ref _left));

    private TimeSpan P95()
    {
        var counts = Array.ConvertAll(_took, c => c);
        var all = counts.Sum();
        var below = 0L;
        for (var i = 0; i < counts.Length; i++)
        {
            below += counts[i];
            if (below * 100 >= all * 95 && all > 0)
            {
                return TimeSpan.FromMilliseconds(Math.Pow(2, (i + 1.0) / PerDoubling));
            }
        }

        return TimeSpan.Zero;
    }

    private static int Bucket(double milliseconds) => milliseconds <= 1 ? 0 : Math.Min((int)(Math.Log2(milliseconds) * PerDoubling), (PerDoubling * Doublings) - 1);
}
