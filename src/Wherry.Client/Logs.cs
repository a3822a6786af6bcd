namespace Wherry.Client;

/// <summary>One line of a log.</summary>
/// <param name="Offset">Where the next line starts; ask again with it to go on.</param>
/// <param name="Source">Replica name, or the step of a deployment.</param>
/// <param name="Stream"><c>stdout</c>, <c>stderr</c> or <c>wherry</c>.</param>
public sealed record LogLine(long Offset, DateTimeOffset At, string Source, string Stream, string Text);

/// <summary>Which part of a log.</summary>
public sealed record LogQuery
{
    /// <summary>Start at this offset. Wins over <see cref="Since"/> and <see cref="Tail"/>.</summary>
    public long? From { get; init; }

    public DateTimeOffset? Since { get; init; }

    /// <summary>Only the last lines.</summary>
    public int? Tail { get; init; }

    /// <summary>Stay for what comes. A deployment's log ends by itself when the deployment does.</summary>
    public bool Follow { get; init; }
}
