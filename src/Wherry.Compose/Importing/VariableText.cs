using System.Text;

namespace Wherry.Compose.Importing;

/// <summary>A text with variables in it as it is written, to find and to exchange them; nothing is expanded.</summary>
internal static class VariableText
{
    /// <summary>Every variable, also those inside of others.</summary>
    public static IEnumerable<Reference> References(string text)
    {
        var found = new List<Reference>();
        _ = Replace(text, reference =>
        {
            found.Add(reference);
            return null;
        });
        return found;
    }

    /// <summary>The text with variables exchanged. What is no variable stays.</summary>
    /// <param name="exchange">What stands instead; <see langword="null"/> to leave it. Asked for the outer one first.</param>
    /// <param name="escape">Double a <c>$</c> that begins no variable of Compose, as in <c>$(date)</c>.</param>
    public static string Replace(string text, Func<Reference, string?> exchange, bool escape = false)
    {
        if (!text.Contains('$', StringComparison.Ordinal))
        {
            return text;
        }

        var result = new StringBuilder();
        for (var i = 0; i < text.Length;)
        {
            if (text[i] == '$' && Find(text, i) is { } found)
            {
                result.Append(exchange(found.Reference) ?? found.Reference.Write(Replace(found.Reference.Rest, exchange, escape)));
                i = found.End;
                continue;
            }

            // $$ is a dollar sign, not the beginning of what follows.
            var length = text[i] == '$' && i + 1 < text.Length && text[i + 1] == '$' ? 2 : 1;
            result.Append(text, i, length).Append(escape && length == 1 && text[i] == '$' ? "$" : "");
            i += length;
        }

        return result.ToString();
    }

    /// <summary>The text as one that has no variables.</summary>
    public static string Escape(string text) => text.Replace("$", "$$", StringComparison.Ordinal);

    private static (Reference Reference, int End)? Find(string text, int at)
    {
        var isBraced = at + 1 < text.Length && text[at + 1] == '{';
        var start = at + (isBraced ? 2 : 1);
        var end = start;
        while (end < text.Length && (text[end] == '_' || char.IsAsciiLetter(text[end]) || (end > start && char.IsAsciiDigit(text[end]))))
        {
            end++;
        }

        if (end == start || (isBraced && end == text.Length))
        {
            return null;
        }

        var name = text[start..end];
        if (!isBraced)
        {
            return (new(name, "", "", IsBraced: false), end);
        }

        var length = text[end] == ':' ? 2 : 1;
        var operation = text[end] == '}' || end + length > text.Length ? "" : text.Substring(end, length);
        var close = Close(text, end);
        return close < 0 || operation is not ("" or ":-" or "-" or ":?" or "?" or ":+" or "+")
            ? null
            : (new(name, operation, text[(end + operation.Length)..close], IsBraced: true), close + 1);
    }

    private static int Close(string text, int from)
    {
        var depth = 0;
        for (var i = from; i < text.Length; i++)
        {
            depth += text[i] switch { '{' => 1, '}' => -1, _ => 0 };
            if (depth < 0)
            {
                return i;
            }
        }

        return -1;
    }

    /// <param name="Operator"><c>:-</c> and the like; empty when there is none.</param>
    /// <param name="Rest">What stands behind the operator, as written.</param>
    public sealed record Reference(string Name, string Operator, string Rest, bool IsBraced)
    {
        public string Write(string rest) => IsBraced ? $"${{{Name}{Operator}{rest}}}" : $"${Name}";
    }
}
