using Wherry.Core.Metrics;

namespace Wherry.Core.Tests.Metrics;

public sealed class DurationBucketsTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.005, 0)]
    [InlineData(0.0051, 1)]
    [InlineData(60, 12)]
    [InlineData(61, 13)]
    public void A_duration_is_counted_below_its_bound(double seconds, int bucket) => Assert.Equal(bucket, DurationBuckets.Of(seconds));

    [Fact]
    public void Percentiles_are_spread_evenly_within_a_bucket()
    {
        var counts = new long[DurationBuckets.Bounds.Length + 1];
        Assert.Null(DurationBuckets.Quantile(counts, 0.5));

        counts[0] = 50; // up to 5 ms
        counts[4] = 50; // 50 to 100 ms
        Assert.Equal(0.005, DurationBuckets.Quantile(counts, 0.5)!.Value, 6);
        Assert.Equal(0.0975, DurationBuckets.Quantile(counts, 0.975)!.Value, 6);

        counts[^1] = 100;
        Assert.Equal(60, DurationBuckets.Quantile(counts, 0.99));
    }
}
