namespace Wherry.Core.Routing;

/// <summary>What a service's traffic added up to since the edge started: an entry of <c>GET /traffic</c>.</summary>
/// <param name="Key">The edge's name of the service.</param>
/// <param name="Failed">Those that were answered 5xx.</param>
/// <param name="InFlight">Those that it is working on.</param>
/// <param name="Took">How many took how long, by <see cref="Metrics.DurationBuckets"/>; upgraded connections are left out.</param>
public sealed record ServiceTraffic(string Key, long Requests, long Failed, long InFlight, IReadOnlyList<long> Took);
