using System.Text.RegularExpressions;

namespace Wherry.Compose.Exporting;

/// <summary>Stands in a model for the value of a secret, which is not known, or not to be told. Every export turns it into its format's own reference to a variable.</summary>
/// <remarks>Made of two noncharacters, which Unicode keeps for such use: no text of a user holds them.</remarks>
public static partial class SecretMark
{
    private const char Open = '\ufdd0';
    private const char Close = '\ufdd1';

    /// <summary>The mark for a variable's value.</summary>
    public static string Of(string variable) => $"{Open}{variable}{Close}";

    /// <summary>The text with each mark replaced by what <paramref name="write"/> makes of its variable's name.</summary>
    public static string Replace(string text, Func<string, string> write) =>
        text.Contains(Open, StringComparison.Ordinal) ? Shape().Replace(text, m => write(m.Groups["name"].Value)) : text;

    /// <summary>The variable when the text is its mark and nothing else.</summary>
    public static string? Alone(string text) => Shape().Match(text) is { Success: true } match && match.Length == text.Length ? match.Groups["name"].Value : null;

    /// <summary>The variables whose marks stand in the text, each once.</summary>
    public static IReadOnlyList<string> In(string text) => [.. Shape().Matches(text).Select(m => m.Groups["name"].Value).Distinct()];

    [GeneratedRegex("\ufdd0(?<name>[A-Za-z0-9_]+)\ufdd1")]
    private static partial Regex Shape();
}
