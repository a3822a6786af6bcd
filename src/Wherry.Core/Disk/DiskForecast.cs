namespace Wherry.Core.Disk;

/// <summary>How much of a disk was used at a moment.</summary>
public readonly record struct DiskSample(DateTimeOffset At, long UsedBytes);

/// <summary>When a disk is full if it goes on like this.</summary>
public static class DiskForecast
{
    private static readonly TimeSpan LeastSpan = TimeSpan.FromHours(6);
    private static readonly TimeSpan Farthest = TimeSpan.FromDays(365);

    /// <summary>The straight line through the samples, followed from <paramref name="used"/> on.</summary>
    /// <returns><see langword="null"/> when it does not grow, is not full within a year, or fewer than three samples over six hours say little.</returns>
    public static DateTimeOffset? FullAt(IReadOnlyList<DiskSample> samples, long used, long size, DateTimeOffset now)
    {
        if (samples.Count < 3 || samples.Max(s => s.At) - samples.Min(s => s.At) < LeastSpan)
        {
            return null;
        }

        var start = samples.Min(s => s.At);
        var times = samples.Select(s => (s.At - start).TotalSeconds).ToList();
        var (meanTime, meanUsed) = (times.Average(), samples.Average(s => (double)s.UsedBytes));
        var spread = times.Sum(t => (t - meanTime) * (t - meanTime));
        var perSecond = times.Zip(samples, (t, s) => (t - meanTime) * (s.UsedBytes - meanUsed)).Sum() / spread;
        var seconds = (size - used) / perSecond;
        return perSecond > 0 && seconds < Farthest.TotalSeconds ? now + TimeSpan.FromSeconds(Math.Max(0, seconds)) : null;
    }
}
