using System.Globalization;

namespace Wherry.Docker;

/// <summary>What a build reports.</summary>
public enum BuildProgressKind
{
    /// <summary>A step began; the text is its instruction.</summary>
    Started,

    /// <summary>A line that the step printed.</summary>
    Log,

    /// <summary>Something the builder did for the step, for instance a layer fetched.</summary>
    Detail,

    /// <summary>The step's result was taken from the cache.</summary>
    Cached,

    Done,

    /// <summary>The text is the reason.</summary>
    Failed,
}

/// <summary>One thing that happened in a build.</summary>
/// <param name="Step">Counts from 1 in order of appearance; 0 belongs to no step.</param>
/// <param name="Took">With <see cref="BuildProgressKind.Done"/>.</param>
public sealed record BuildProgress(BuildProgressKind Kind, int Step, string Text, TimeSpan? Took = null)
{
    /// <summary>One line for a person, for instance <c>#3 RUN npm ci</c> or <c>#3 done 1.2s</c>.</summary>
    public override string ToString()
    {
        var text = Kind switch
        {
            BuildProgressKind.Cached => "cached",
            BuildProgressKind.Done when Took is { } took => string.Create(CultureInfo.InvariantCulture, $"done {took.TotalSeconds:0.0}s"),
            BuildProgressKind.Done => "done",
            BuildProgressKind.Failed => $"failed: {Text}",
            _ => Text,
        };
        return Step == 0 ? text : string.Create(CultureInfo.InvariantCulture, $"#{Step} {text}");
    }
}
