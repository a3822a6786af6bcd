using System.Buffers;
using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using Wherry.Core.Problems;

namespace Wherry.Server.Logs;

/// <summary>Replaces secrets in text by <c>••••••</c>: as they are, in Base64 (also inside a longer Base64 text), URL-encoded and JSON-escaped.</summary>
/// <remarks>Works on whole lines. A secret of several lines is masked line by line. Values shorter than 4 characters are left: masking them would garble the log and hide nothing.</remarks>
public sealed class SecretMask
{
    private const string Shown = "••••••";
    private const int Shortest = 4;

    /// <summary>A fragment of Base64 shorter than this appears by chance.</summary>
    private const int ShortestFragment = 8;

    private readonly SearchValues<string> _any;
    private readonly string[] _longestFirst;

    public SecretMask(IEnumerable<string> secretValues)
    {
        _longestFirst = [.. secretValues.SelectMany(Lines).Where(v => v.Length >= Shortest).Distinct(StringComparer.Ordinal)
            .SelectMany(Forms).Distinct(StringComparer.Ordinal).OrderByDescending(f => f.Length)];
        _any = SearchValues.Create(_longestFirst, StringComparison.Ordinal);
    }

    /// <summary>Masks nothing.</summary>
    public static SecretMask None { get; } = new([]);

    /// <param name="text">Whole lines.</param>
    public string Apply(string text)
    {
        var rest = text.AsSpan();
        var start = rest.IndexOfAny(_any);
        if (start < 0)
        {
            return text;
        }

        var masked = new StringBuilder(text.Length);
        while (start >= 0)
        {
            var end = EndOfRun(rest, start);
            masked.Append(rest[..start]).Append(Shown);
            rest = rest[end..];
            start = rest.IndexOfAny(_any);
        }

        return masked.Append(rest).ToString();
    }

    /// <summary>The problem as it may be kept and shown: the last lines of a build, or a file's own words, may hold a secret.</summary>
    public Problem Apply(Problem problem) => problem with { Message = Apply(problem.Message), Hint = Apply(problem.Hint), Evidence = [.. problem.Evidence.Select(Apply)] };

    /// <summary>Secrets may overlap: what is masked goes on until no other begins inside.</summary>
    private int EndOfRun(ReadOnlySpan<char> text, int start)
    {
        var end = start + LongestAt(text[start..]);
        for (var at = start + 1; at < end; at++)
        {
            var next = text[at..].IndexOfAny(_any);
            if (next < 0 || at + next >= end)
            {
                break;
            }

            at += next;
            end = Math.Max(end, at + LongestAt(text[at..]));
        }

        return end;
    }

    private int LongestAt(ReadOnlySpan<char> text)
    {
        foreach (var form in _longestFirst)
        {
            if (text.StartsWith(form, StringComparison.Ordinal))
            {
                return form.Length;
            }
        }

        return 0;
    }

    private static IEnumerable<string> Lines(string value) => value.Contains('\n', StringComparison.Ordinal)
        ? value.Split('\n').Select(l => l.Trim()).Append(value)
        : [value];

    private static IEnumerable<string> Forms(string value)
    {
        yield return value;
        yield return Uri.EscapeDataString(value);
        yield return WebUtility.UrlEncode(value);
        yield return UrlEncoder.Default.Encode(value);
        yield return JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(value);
        yield return JavaScriptEncoder.Default.Encode(value);
        foreach (var base64 in Base64Forms(Encoding.UTF8.GetBytes(value)))
        {
            yield return base64;
            yield return base64.Replace('+', '-').Replace('/', '_');
        }
    }

    /// <summary>Base64 of the value alone, and what it looks like behind one or two other bytes, without the characters that its neighbours share.</summary>
    private static IEnumerable<string> Base64Forms(byte[] value)
    {
        yield return Convert.ToBase64String(value);
        yield return Convert.ToBase64String(value).TrimEnd('=');
        for (var before = 0; before < 3; before++)
        {
            var shifted = Convert.ToBase64String([.. new byte[before], .. value]);
            var from = (before * 8 + 5) / 6;
            var to = (before + value.Length) * 8 / 6;
            if (to - from >= ShortestFragment)
            {
                yield return shifted[from..to];
            }
        }
    }
}
