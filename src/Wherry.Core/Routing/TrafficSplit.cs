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
}
