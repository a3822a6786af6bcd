using System.Globalization;
using System.Threading.RateLimiting;
using Wherry.Core.Model;
using Wherry.Edge.Proxying;

namespace Wherry.Edge.Rules;

/// <summary>A token bucket for each client of a route.</summary>
internal sealed class RequestRates(RateLimit limit) : IDisposable
{
    /// <summary>A header that tells clients apart may be anything.</summary>
    private const int LongestName = 256;

    private readonly PartitionedRateLimiter<string> _buckets = PartitionedRateLimiter.Create<string, string>(client => RateLimitPartition.GetTokenBucketLimiter(client, _ => Bucket(limit)), StringComparer.Ordinal);

    /// <returns><see langword="null"/>: it may. Else after how many seconds it may again.</returns>
    public string? Refuses(EdgeRequest request)
    {
        var client = limit.Header is { } header ? request.Http.Request.Headers[header].ToString() : request.Client;
        using var lease = Acquire(client.Length > LongestName ? client[..LongestName] : client);
        return lease is null || lease.IsAcquired ? null
            : Math.Max(1, Math.Ceiling(lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait.TotalSeconds : limit.Per.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
    }

    public void Dispose() => _buckets.Dispose();

    /// <returns><see langword="null"/> when a newer version of the route has taken over in this moment.</returns>
    private RateLimitLease? Acquire(string client)
    {
        try
        {
            return _buckets.AttemptAcquire(client);
        }
        catch (ObjectDisposedException)
        {
            return null;
        }
    }

    /// <summary>Tokens come back one by one where that is not too fine for a timer.</summary>
    private static TokenBucketRateLimiterOptions Bucket(RateLimit limit)
    {
        var each = limit.Per / limit.Requests;
        var finest = TimeSpan.FromMilliseconds(100);
        var (tokens, every) = each >= finest ? (1, each) : ((int)Math.Ceiling(limit.Requests * (finest / limit.Per)), finest);
        return new() { TokenLimit = limit.Burst ?? limit.Requests, TokensPerPeriod = tokens, ReplenishmentPeriod = every, AutoReplenishment = true, QueueLimit = 0 };
    }
}
