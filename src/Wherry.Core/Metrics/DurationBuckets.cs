namespace Wherry.Core.Metrics;

/// <summary>How long requests took, counted in buckets: enough for percentiles, and of a fixed size.</summary>
public static class DurationBuckets
{
    /// <summary>Upper bounds in seconds; one more bucket counts what lies above all of them.</summary>
    public static readonly double[] Bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

    /// <summary>The bucket that counts this duration.</summary>
    public static int Of(double seconds)
    {
        var bucket = 0;
        while (bucket < Bounds.Length && seconds > Bounds[bucket])
        {
            bucket++;
        }

        return bucket;
    }

    /// <summary>Within how many seconds this share of the requests was answered. Spread evenly within a bucket, as Prometheus' <c>histogram_quantile</c> has it; above the last bound that bound is told.</summary>
    /// <param name="counts">One for each bucket.</param>
    /// <param name="share">0 to 1.</param>
    /// <returns><see langword="null"/> when nothing was counted.</returns>
    public static double? Quantile(IReadOnlyList<long> counts, double share)
    {
        var rank = share * counts.Sum();
        var below = 0L;
        for (var i = 0; i < Bounds.Length && i < counts.Count; i++)
        {
            if (counts[i] > 0 && below + counts[i] >= rank)
            {
                var from = i == 0 ? 0 : Bounds[i - 1];
                return from + ((Bounds[i] - from) * (rank - below) / counts[i]);
            }

            below += counts[i];
        }

        return counts.Any(c => c > 0) ? Bounds[^1] : null;
    }
}
