using System.Text.RegularExpressions;

namespace Wherry.Compose.Interpolation;

/// <summary>One variable that an example file names.</summary>
/// <param name="NeedsValue">The example leaves its value to whoever deploys: it is empty or a placeholder, and nothing says that it is optional.</param>
public sealed record ExampleVariable(string Name, bool NeedsValue);

/// <summary>A file that tells which variables an application wants: <c>.env.example</c>.</summary>
/// <remarks>Read more kindly than <c>.env</c>: what is not <c>NAME=value</c> is prose, and a name behind <c>#</c> is a suggestion.</remarks>
public static partial class ExampleVariables
{
    /// <summary>Names of such a file; the first that is there counts.</summary>
    public static IReadOnlyList<string> FileNames { get; } = [".env.example", ".env.sample", ".env.template"];

    /// <summary>Set by every container or by Compose's own command: nobody sets them for the application.</summary>
    private static readonly HashSet<string> Given = ["PATH", "HOME", "HOSTNAME", "PWD", "USER", "SHELL"];

    private static readonly string[] GivenPrefixes = ["WHERRY_", "COMPOSE_", "DOCKER_"];

    public static IReadOnlyList<ExampleVariable> Parse(string text)
    {
        var found = new List<ExampleVariable>();
        var optional = false;
        char? open = null;
        foreach (var line in text.ReplaceLineEndings("\n").Split('\n'))
        {
            if (open is { } quote)
            {
                open = line.Contains(quote) ? null : open; // the rest of a value that spans lines
            }
            else if (Assignment().Match(line) is { Success: true } match)
            {
                var (value, comment, unclosed) = Split(match.Groups["value"].Value.Trim());
                open = unclosed;
                found.Add(new(match.Groups["name"].Value, unclosed is null && IsPlaceholder(value) && !optional && !Optional().IsMatch(comment)));
                optional = false;
            }
            else
            {
                // A comment belongs to the name below it; a blank line ends it.
                optional = line.TrimStart().StartsWith('#') && (optional || Optional().IsMatch(line));
            }
        }

        return [.. found.Where(v => !Given.Contains(v.Name) && !GivenPrefixes.Any(p => v.Name.StartsWith(p, StringComparison.Ordinal))).DistinctBy(v => v.Name)];
    }

    /// <summary>Value, comment behind it, and the quote that is still open at the line's end.</summary>
    private static (string Value, string Comment, char? Open) Split(string text)
    {
        if (text is ['"' or '\'', ..])
        {
            var end = text.IndexOf(text[0], 1);
            return end < 0 ? (text[1..], "", text[0]) : (text[1..end], text[(end + 1)..], null);
        }

        var hash = text.StartsWith('#') ? 0 : text.IndexOf(" #", StringComparison.Ordinal);
        return hash < 0 ? (text, "", null) : (text[..hash].TrimEnd(), text[hash..], null);
    }

    private static bool IsPlaceholder(string value) => value.Length == 0 || Placeholder().IsMatch(value);

    [GeneratedRegex(@"^\s*(?:export\s+)?(?<name>[A-Za-z_][A-Za-z0-9_]{0,254})\s*=(?<value>.*)$")]
    private static partial Regex Assignment();

    [GeneratedRegex(@"^(?:<.*>|x{3,}|\*{3,}|\.{3,}|…|todo|fixme|change[-_ ]?(?:me|this)\b.*|replace[-_ ]?(?:me|this|with)\b.*|replace[-_].*|your[-_ ].*|(?:insert|enter|add|put)[-_ ]your.*)$", RegexOptions.IgnoreCase)]
    private static partial Regex Placeholder();

    [GeneratedRegex(@"\boptional\b", RegexOptions.IgnoreCase)]
    private static partial Regex Optional();
}
