using System.Text;
using Wherry.Core.Model;

namespace Wherry.Compose;

/// <summary>Files that are held in memory: a Compose file pasted into the dashboard or sent by the API.</summary>
/// <param name="files">Content by relative path.</param>
public sealed class InMemoryFiles(IReadOnlyDictionary<string, byte[]> files) : ISourceFiles
{
    private readonly Dictionary<string, byte[]> _files = files.ToDictionary(f => SourcePath.Parse(f.Key).Value, f => f.Value, StringComparer.Ordinal);

    /// <summary>No files at all.</summary>
    public static InMemoryFiles None { get; } = new(new Dictionary<string, byte[]>());

    /// <summary>Files from their text.</summary>
    public static InMemoryFiles Of(params IEnumerable<(string Path, string Text)> files) =>
        new(files.ToDictionary(f => f.Path, f => Encoding.UTF8.GetBytes(f.Text), StringComparer.Ordinal));

    public string? ReadText(string relativePath) => ReadBytes(relativePath) is { } bytes ? SourceText.Decode(bytes, relativePath) : null;

    public byte[]? ReadBytes(string relativePath)
    {
        var bytes = _files.GetValueOrDefault(SourcePath.Parse(relativePath).Value);
        return bytes is null || bytes.Length <= SourceText.MaxBytes ? bytes : throw SourceText.TooLarge(relativePath);
    }

    public IReadOnlyList<string> FilesBelow(string relativeFolder, int most)
    {
        var folder = SourcePath.Parse(relativeFolder);
        return [.. _files.Keys.Where(p => folder == SourcePath.Root || p.StartsWith($"{folder}/", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Take(most)];
    }
}
