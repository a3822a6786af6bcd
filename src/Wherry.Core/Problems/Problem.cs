using System.Globalization;

namespace Wherry.Core.Problems;

/// <summary>A failure the user can act on.</summary>
/// <param name="Code">Stable and greppable, <c>word/what</c>; also the name of its entry in <c>docs/problems.md</c>.</param>
/// <param name="Message">What happened, to what.</param>
/// <param name="Hint">What to do next.</param>
public sealed record Problem(string Code, string Message, string Hint)
{
    /// <summary>What was seen, a line each: the last probe, the exit code, the last lines of a log.</summary>
    public IReadOnlyList<string> Evidence { get; set; } = []; // set, not init: the generated JSON reader would make an absent one null

    /// <summary>The problem as an exception, for <c>throw</c>.</summary>
    public ProblemException AsException(Exception? cause = null) => new(this, cause);

    /// <summary>Foreign text for a message: quoted, cut to 80 characters, without control and invisible characters.</summary>
    public static string Quoted(string text)
    {
        var cut = text.Length > 80 ? text[..80] + "…" : text;
        return "\"" + string.Concat(cut.Select(c => char.IsControl(c) || char.GetUnicodeCategory(c) == UnicodeCategory.Format ? '?' : c)) + "\"";
    }
}
