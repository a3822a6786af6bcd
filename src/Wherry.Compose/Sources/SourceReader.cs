using System.Runtime.CompilerServices;
using Wherry.Compose.Merging;
using Wherry.Core.Model;
using Wherry.Core.Problems;

namespace Wherry.Compose;

/// <summary>Reads the files that the Compose file names, and bounds how much that is in total.</summary>
internal sealed class SourceReader
{
    private const long MaxTotalBytes = 32L << 20;

    private readonly ISourceFiles _files;
    private readonly SourceFolder _folder;
    private readonly StrongBox<long> _total;

    public SourceReader(ISourceFiles files, SourceFolder folder)
        : this(files, folder, new())
    {
    }

    private SourceReader(ISourceFiles files, SourceFolder folder, StrongBox<long> total) => (_files, _folder, _total) = (files, folder, total);

    /// <summary>The same files, for paths that are written in another Compose file.</summary>
    public SourceReader In(Origin? origin) => origin is null ? this : In(origin.Folder);

    /// <inheritdoc cref="In(Origin?)"/>
    public SourceReader In(SourceFolder folder) => new(_files, folder, _total);

    /// <summary>A path of the file, from the source's root.</summary>
    /// <exception cref="ProblemException"><c>source/path</c>.</exception>
    public SourcePath Resolve(string text) => _folder.Resolve(text);

    /// <summary>The text, or <see langword="null"/> when there is no such file.</summary>
    public string? FindText(string text)
    {
        var found = _files.ReadText(Resolve(text).Value);
        Count(found?.Length ?? 0, text);
        return found;
    }

    /// <summary>The bytes, or <see langword="null"/> when there is no such file.</summary>
    public byte[]? FindBytes(string text)
    {
        var found = _files.ReadBytes(Resolve(text).Value);
        Count(found?.Length ?? 0, text);
        return found;
    }

    /// <summary>Whether the path leads to a folder with files.</summary>
    public bool IsFolder(string text) => FilesBelow(Resolve(text), 1).Count > 0;

    /// <summary>Paths from the source's root; empty when there is no such folder.</summary>
    public IReadOnlyList<string> FilesBelow(SourcePath folder, int most) => _files.FilesBelow(folder.Value, most);

    private void Count(long length, string path)
    {
        _total.Value += length;
        if (_total.Value > MaxTotalBytes)
        {
            throw new Problem("source/file", $"with {path}, the files that the Compose file names exceed 32 MB.", "Name fewer or smaller files.").AsException();
        }
    }
}
