namespace Wherry.Client;

/// <summary>Something that happened.</summary>
/// <param name="Id">Rises with time; ask again with it to go on.</param>
/// <param name="Actor">Name of the token, <c>socket:UID</c>, or <c>wherry</c> when nobody asked for it.</param>
/// <param name="Kind">What, as <c>word/what</c>: <c>deployment/finished</c>.</param>
/// <param name="About">Which one, for a person.</param>
/// <param name="Before">How it was.</param>
/// <param name="After">How it is now. Never the value of a variable or secret.</param>
public sealed record Event(long Id, DateTimeOffset At, string Actor, string Kind, string? Project, string? Environment, string About, string? Before, string? After);

/// <summary>Which events.</summary>
public sealed record EventQuery
{
    /// <summary>Only those behind this id.</summary>
    public long? After { get; init; }

    public DateTimeOffset? Since { get; init; }

    public string? Project { get; init; }

    public string? Environment { get; init; }

    /// <summary>A whole kind, or its word alone: <c>deployment</c>.</summary>
    public string? Kind { get; init; }

    /// <summary>The first ones behind <see cref="After"/>, else the last ones. Default: all, or the last 100 when neither <see cref="After"/> nor <see cref="Since"/> is given.</summary>
    public int? Limit { get; init; }

    /// <summary>Stay for what comes; then there is no end.</summary>
    public bool Follow { get; init; }
}
