using System.Text;
using System.Text.RegularExpressions;
using Wherry.Core.Problems;

namespace Wherry.Docker;

/// <summary>Docker's rules for what stays out of a build context. The last pattern that matches a path or one of its folders decides.</summary>
public sealed class DockerIgnore
{
    private readonly IReadOnlyList<Pattern> _patterns;

    private DockerIgnore(IReadOnlyList<Pattern> patterns) => _patterns = patterns;

    public static DockerIgnore None { get; } = new([]);

    /// <exception cref="ProblemException"><c>build/dockerignore</c> for a pattern that cannot be read.</exception>
    public static DockerIgnore Parse(string text)
    {
        List<Pattern> patterns = [];
        foreach (var raw in text.TrimStart('\uFEFF').Split('\n'))
        {
            var line = raw.Trim();
            // A comment starts in the first column; before trimming, as Docker has it.
            if (raw.StartsWith('#') || line.Length == 0)
            {
                continue;
            }

            var isException = line[0] == '!';
            var pattern = Clean(isException ? line[1..].Trim() : line);
            if (pattern.Length > 0)
            {
                patterns.Add(new(pattern, isException, Compile(pattern)));
            }
        }

        return new(patterns);
    }

    /// <param name="path">Relative to the context, with <c>/</c>.</param>
    public bool Ignores(string path)
    {
        var ignored = false;
        foreach (var pattern in _patterns)
        {
            // A pattern that would not change the verdict need not be asked.
            if (ignored == pattern.IsException && MatchesWithParents(pattern.Shape, path))
            {
                ignored = !pattern.IsException;
            }
        }

        return ignored;
    }

    /// <summary>Whether nothing below an ignored folder can be an exception, so that it need not be entered.</summary>
    public bool IgnoresAllBelow(string folder) => Ignores(folder) && !_patterns.Any(p => p.IsException && MayMatchBelow(p.Text, folder));

    private static bool MatchesWithParents(Regex shape, string path)
    {
        for (var slash = path.IndexOf('/', StringComparison.Ordinal); slash >= 0; slash = path.IndexOf('/', slash + 1))
        {
            if (shape.IsMatch(path.AsSpan(0, slash)))
            {
                return true;
            }
        }

        return shape.IsMatch(path);
    }

    private static bool MayMatchBelow(string pattern, string folder)
    {
        var wildcard = pattern.AsSpan().IndexOfAny("*?[\\");
        return wildcard < 0
            ? $"{pattern}/".StartsWith($"{folder}/", StringComparison.Ordinal)
            : pattern.AsSpan(0, wildcard) is var fixedPart && ($"{folder}/".AsSpan().StartsWith(fixedPart, StringComparison.Ordinal) || fixedPart.StartsWith($"{folder}/", StringComparison.Ordinal));
    }

    /// <summary>Go's <c>filepath.Clean</c>, then without a leading slash.</summary>
    private static string Clean(string pattern)
    {
        List<string> parts = [];
        foreach (var part in pattern.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(p => p != "."))
        {
            if (part == ".." && parts.Count > 0 && parts[^1] != "..")
            {
                parts.RemoveAt(parts.Count - 1);
            }
            else if (part != ".." || !pattern.StartsWith('/'))
            {
                parts.Add(part);
            }
        }

        // A pattern for the context itself matches everything in it nowhere: Docker gives it up as well.
        return string.Join('/', parts);
    }

    private static Regex Compile(string pattern)
    {
        var shape = new StringBuilder(@"\A");
        for (var i = 0; i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case '*' when Next(pattern, i) == '*':
                    i += Next(pattern, i + 1) == '/' ? 2 : 1;
                    shape.Append(i == pattern.Length - 1 ? ".*" : "(?:.*/)?");
                    break;
                case '*':
                    shape.Append("[^/]*");
                    break;
                case '?':
                    shape.Append("[^/]");
                    break;
                case '\\' when i + 1 < pattern.Length:
                    shape.Append(Regex.Escape(pattern[++i].ToString()));
                    break;
                case '[' or ']' or '^' or '-':
                    shape.Append(pattern[i]);
                    break;
                default:
                    shape.Append(Regex.Escape(pattern[i].ToString()));
                    break;
            }
        }

        try
        {
            return new(shape.Append(@"\z").ToString(), RegexOptions.CultureInvariant | RegexOptions.Singleline | RegexOptions.NonBacktracking);
        }
        catch (ArgumentException e)
        {
            throw new Problem("build/dockerignore", $"The pattern '{pattern}' in .dockerignore cannot be read: {e.Message}", "Close its brackets, or escape them with a backslash.").AsException(e);
        }
    }

    private static char Next(string text, int i) => i + 1 < text.Length ? text[i + 1] : '\0';

    private sealed record Pattern(string Text, bool IsException, Regex Shape);
}
