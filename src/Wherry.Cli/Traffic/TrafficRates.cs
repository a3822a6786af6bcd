using Wherry.Client;
using Wherry.Core.Metrics;

namespace Wherry.Cli.Traffic;

/// <summary>What came between two looks.</summary>
internal static class TrafficRates
{
    /// <summary>The busiest first.</summary>
    public static IReadOnlyList<TrafficRate> Between(IReadOnlyList<Client.Traffic> before, IReadOnlyList<Client.Traffic> now, TimeSpan time) =>
    [
        .. now.Select(n => Between(before.FirstOrDefault(b => (b.Project, b.Environment, b.Service) == (n.Project, n.Environment, n.Service)), n, time.TotalSeconds))
            .OrderByDescending(r => r.PerSecond),
    ];

    /// <summary>An edge that was started again in between counts from its start.</summary>
    private static TrafficRate Between(Client.Traffic? before, Client.Traffic now, double seconds)
    {
        var from = before is not null && before.Requests <= now.Requests ? before : now with { Requests = 0, Failed = 0, Took = [.. now.Took.Select(_ => 0L)] };
        var took = now.Took.Zip(from.Took, (n, f) => n - f).ToList();
        return new(
            now.Project, now.Environment, now.Service, (now.Requests - from.Requests) / seconds,
            DurationBuckets.Quantile(took, 0.5) * 1000, DurationBuckets.Quantile(took, 0.95) * 1000, DurationBuckets.Quantile(took, 0.99) * 1000,
            (now.Failed - from.Failed) / seconds, now.InFlight);
    }
}
