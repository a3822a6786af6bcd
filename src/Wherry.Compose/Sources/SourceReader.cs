using Wherry.Core.Model;
using Wherry.Core.Problems;

namespace Wherry.Compose;

/// <summary>Reads the files that the Compose file names, and bounds how much that is in total.</summary>
internal sealed class SourceReader(ISourceFiles files, SourceFolder folder)
{
    private const long MaxTotalBytes = 32L << 20;

    private long _total;

    /// <summary>A path of the file, from the source's root.</summary>
    /// <exception cref="ProblemException"><c>source/path</c>.</exception>
    public SourcePath Resolve(string text) => folder.Resolve(text);

    /// <summary>The text, or <see langword="null"/> when there is no such file.</summary>
    public string? FindText(string text)
    {
        var found = files.ReadText(Resolve(text).Value);
        Count(found?.Length ?? 0, text);
        return found;
    }

    /// <summary>The bytes, or <see langword="null"/> when there is no such file.</summary>
    public byte[]? FindBytes(string text)
    {
        var found = files.ReadBytes(Resolve(text).Value);
        Count(found?.Length ?? 0, text);
        return found;
    }

    private void Count(long length, string path)
    {
        _total += length;
        if (_total > MaxTotalBytes)
        {
            throw new Problem("source/file", $"with {path}, the files that the Compose file names exceed 32 MB.", "Name fewer or smaller files.").AsException();
        }
    }
}
