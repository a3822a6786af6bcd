namespace Wherry.Client;

/// <summary>What a service's traffic added up to since the edge started: an entry of <c>GET /api/v1/traffic</c>. Ask twice for what came in between.</summary>
/// <param name="Failed">Requests that were answered 5xx.</param>
/// <param name="InFlight">Requests that it is working on.</param>
/// <param name="Took">How many requests took how long: at most 5, 10, 25, 50, 100, 250, 500 ms, 1, 2.5, 5, 10, 30, 60 s, and longer.</param>
public sealed record Traffic(string Project, string Environment, string Service, long Requests, long Failed, long InFlight, IReadOnlyList<long> Took);

/// <summary>A service's traffic between two looks: a row of <c>wherry top</c>.</summary>
/// <param name="PerSecond">Finished requests.</param>
/// <param name="P50">Milliseconds within which half of them were answered; <see langword="null"/> when there was none.</param>
/// <param name="FailedPerSecond">Those that were answered 5xx.</param>
public sealed record TrafficRate(string Project, string Environment, string Service, double PerSecond, double? P50, double? P95, double? P99, double FailedPerSecond, long InFlight);
