using System.Text.RegularExpressions;
using Wherry.Compose.Yaml;
using YamlDotNet.Core;

namespace Wherry.Compose.Writing;

/// <summary>How a text is written so that every reader of YAML sees the same text again.</summary>
internal static partial class ScalarForm
{
    private const int LongestKey = 1000;

    /// <summary>Plain where nobody can take it for something else, a literal block over several lines, else in double quotes.</summary>
    public static ScalarStyle OfText(string text) => IsPlain(text) ? ScalarStyle.Plain : IsLiteral(text) ? ScalarStyle.Literal : ScalarStyle.DoubleQuoted;

    public static ScalarStyle OfKey(string key) => key.Length <= LongestKey && IsPlain(key) ? ScalarStyle.Plain : ScalarStyle.DoubleQuoted;

    private static bool IsPlain(string text) =>
        Words().IsMatch(text) && !text.Contains(": ", StringComparison.Ordinal) && !text.Contains(" #", StringComparison.Ordinal) && text[^1] is not (' ' or ':')
        && ScalarKinds.Of(text) == ScalarKind.Text && !NumberLike().IsMatch(text) && !OldWords().IsMatch(text);

    /// <summary>Several lines that end with one line break, or none, and need no escape.</summary>
    private static bool IsLiteral(string text)
    {
        var lines = text.Split('\n');
        var last = lines[^1].Length == 0 ? lines.Length - 2 : lines.Length - 1;
        return last > 0 && lines[last].Length > 0 && lines[0].Length > 0 && lines[0][0] is not (' ' or '\t')
            && lines.All(line => line.Length == 0 || line[^1] is not (' ' or '\t')) && lines.All(line => line.All(IsPrintable));
    }

    /// <summary>Not above the basic plane, no separator that old readers take for a line break, no byte-order mark.</summary>
    private static bool IsPrintable(char c) => c is '\t' or (>= ' ' and <= '~') or (>= '\u00a0' and < '\u2028') or (> '\u2029' and < '\ud800') or (>= '\ue000' and < '\ufeff');

    /// <summary>Begins with nothing that YAML gives a meaning; what could follow in a flow is not of interest in a block.</summary>
    [GeneratedRegex(@"\A[A-Za-z0-9_./$(+^~\\-][A-Za-z0-9_./$(){}\[\]+^~\\:=,;@%&*!?<>|'""# -]*\z")]
    private static partial Regex Words();

    /// <summary>Numbers in any notation, also with a base, an exponent or by sixties; dates, versions and the like look so too. A leading dash or tilde is something else.</summary>
    [GeneratedRegex(@"\A(?:[-+.]?[0-9][0-9_.,:eExXoObBa-fA-FtTzZ +-]*|[-+]?\.(?:inf|Inf|INF|nan|NaN|NAN)|[-+~].*|\.(?!/).*)\z")]
    private static partial Regex NumberLike();

    /// <summary>Booleans and the like of YAML 1.1.</summary>
    [GeneratedRegex(@"\A(?:y|n|yes|no|on|off|true|false|null|nil|none)\z", RegexOptions.IgnoreCase)]
    private static partial Regex OldWords();
}
