using Wherry.Core.Model;
using Wherry.Core.Problems;

namespace Wherry.Compose;

/// <summary>The Compose file's own folder; the paths written in the file start there and may climb, but not out of the source.</summary>
internal sealed class SourceFolder
{
    private readonly string[] _parts;

    private SourceFolder(string[] parts) => _parts = parts;

    public static SourceFolder OfFile(string fileName)
    {
        var path = SourcePath.Parse(fileName).Value.Split('/');
        return new(path[..^1]);
    }

    /// <summary>The source itself.</summary>
    public static SourceFolder Root { get; } = new([]);

    /// <summary>A folder of the source.</summary>
    public static SourceFolder Of(SourcePath path) => path == SourcePath.Root ? Root : new(path.Value.Split('/'));

    /// <exception cref="ProblemException"><c>source/path</c>.</exception>
    public SourcePath Resolve(string text)
    {
        if (IsOfWindows(text))
        {
            throw new Problem("source/path", $"{Problem.Quoted(text)} is a path of Windows.", "Write it relative to the Compose file, with / between its parts: ./data/files.").AsException();
        }

        if (text.StartsWith('/') || text.StartsWith('~'))
        {
            throw Leaves(text);
        }

        var parts = new List<string>(_parts);
        foreach (var part in text.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(p => p != "."))
        {
            if (part != "..")
            {
                parts.Add(part);
                continue;
            }

            if (parts.Count == 0)
            {
                throw Leaves(text);
            }

            parts.RemoveAt(parts.Count - 1);
        }

        return parts.Count == 0 ? SourcePath.Root : SourcePath.Parse(string.Join('/', parts));
    }

    /// <summary>Whether a path has a drive or a backslash.</summary>
    public static bool IsOfWindows(string text) => text.Contains('\\', StringComparison.Ordinal) || text is [_, ':', '/', ..] && char.IsAsciiLetter(text[0]);

    private static ProblemException Leaves(string text) =>
        new Problem("source/path", $"\"{text}\" leads out of the source.", "Use a path relative to the Compose file that stays inside the source.").AsException();
}
