namespace Wherry.Core.Routing;

/// <summary>A share of a service's visitors goes to some of its targets: a release that is tried on few before it serves all.</summary>
/// <remarks>The same visitor always goes to the same side, also after a restart of the edge, and who was in a smaller share is in a larger one too.</remarks>
public sealed record TrafficSplit
{
    /// <summary>Ids of the targets that get the share; the others get the rest. Where none of one side can take a request, the other side does.</summary>
    public required IReadOnlyList<string> Targets { get; init; }

    /// <summary>0 to 100 percent of the visitors.</summary>
    public double Share { get; set; }

    /// <summary>Cookie that tells visitors apart; who has none goes to the rest. Default: one that the edge sets.</summary>
    public string? Cookie { get; set; }

    /// <summary>Header that tells visitors apart, instead of a cookie; who sends none goes to the rest.</summary>
    public string? Header { get; set; }

    /// <summary>Values of that cookie or header that go to these targets whatever the share is.</summary>
    public IReadOnlyList<string>? Allow { get; set; }

    /// <summary>The share is of copies: these targets answer nobody. Default: visitors go to them.</summary>
    public TrafficMirror? Mirror { get; set; }
}

/// <summary>Which requests are copied to targets that answer nobody. A copy is never waited for, and what becomes of it no visitor sees.</summary>
public sealed record TrafficMirror
{
    /// <summary>Larger bodies are not copied. Default 64 KiB.</summary>
    public long MaxBodyBytes { get; set; } = 64 << 10;

    /// <summary>Methods that are copied. Default: GET and HEAD, which change nothing.</summary>
    public IReadOnlyList<string> Methods { get; set; } = ["GET", "HEAD"];
}

/// <summary>What came of both sides of a split since it has the share that it has; an edge that was started again counts from its start.</summary>
/// <param name="Shared">Of the targets that have the share.</param>
/// <param name="Others">Of the others.</param>
public sealed record SplitTraffic(SideTraffic Shared, SideTraffic Others);

/// <summary>Finished requests of one side of a split.</summary>
/// <param name="Failed">Those that were answered 5xx.</param>
/// <param name="P95">So long took the slowest of the fastest 95 %, right to a tenth; zero without any.</param>
/// <param name="LeftOut">Copies that were not sent: too large, or too many at once.</param>
public sealed record SideTraffic(long Requests, long Failed, TimeSpan P95, long LeftOut = 0)
{
    /// <summary>Percent.</summary>
    public double FailedShare => Requests == 0 ? 0 : 100.0 * Failed / Requests;
}
