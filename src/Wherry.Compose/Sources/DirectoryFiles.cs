using Wherry.Core.Model;
using Wherry.Core.Problems;

namespace Wherry.Compose;

/// <summary>The files below a folder. A path that leaves it, also through a symbolic link, is refused with <c>source/path</c>.</summary>
/// <param name="root">Absolute path of the folder.</param>
public sealed class DirectoryFiles(string root) : ISourceFiles
{
    private const int MaxLinks = 40;

    private readonly string _root = RealFolder(root);

    public string? ReadText(string relativePath) => ReadBytes(relativePath) is { } bytes ? SourceText.Decode(bytes, relativePath) : null;

    public byte[]? ReadBytes(string relativePath)
    {
        var real = Resolve(SourcePath.Parse(relativePath));
        if (!File.Exists(real))
        {
            return null;
        }

        using var file = new FileStream(real, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[SourceText.MaxBytes + 1];
        var length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return length <= SourceText.MaxBytes ? bytes[..length] : throw SourceText.TooLarge(relativePath);
    }

    public IReadOnlyList<string> FilesBelow(string relativeFolder, int most)
    {
        var folder = SourcePath.Parse(relativeFolder);
        var found = new List<string>();
        try
        {
            AddBelow(found, new DirectoryInfo(Resolve(folder)), folder == SourcePath.Root ? "" : $"{folder}/", most);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new Problem("source/file", $"{folder} cannot be read: {e.Message}", "Make it readable, or keep what is in it outside of the source.").AsException(e);
        }

        return found;
    }

    private static void AddBelow(List<string> found, DirectoryInfo folder, string prefix, int most)
    {
        if (!folder.Exists)
        {
            return;
        }

        foreach (var item in folder.EnumerateFileSystemInfos().Where(i => i.Name != ".git").OrderBy(i => i.Name, StringComparer.Ordinal))
        {
            if (found.Count >= most)
            {
                return;
            }

            if (item is DirectoryInfo { LinkTarget: null } below)
            {
                AddBelow(found, below, $"{prefix}{item.Name}/", most);
            }
            else
            {
                found.Add(prefix + item.Name);
            }
        }
    }

    /// <summary>The path without links, walked part by part, so that a link in the middle cannot lead out either.</summary>
    private string Resolve(SourcePath path)
    {
        var parts = new Stack<string>(path.Value.Split('/').Reverse());
        var real = _root;
        for (var links = 0; parts.TryPop(out var part);)
        {
            if (part is "." or "")
            {
                continue;
            }

            var next = part == ".." ? Path.GetDirectoryName(real) ?? "/" : Path.Combine(real, part);
            var target = new FileInfo(next).LinkTarget;
            if (target is null)
            {
                real = Inside(next, path);
                continue;
            }

            if (++links > MaxLinks)
            {
                throw Leaves(path);
            }

            real = target.StartsWith('/') ? "/" : real;
            foreach (var step in target.Split('/').Reverse())
            {
                parts.Push(step);
            }
        }

        return Inside(real, path, final: true);
    }

    /// <summary>While an absolute link is followed, the folders above the root are passed through; the end must lie inside.</summary>
    private string Inside(string real, SourcePath path, bool final = false)
    {
        var inside = real == _root || real.StartsWith(_root.TrimEnd('/') + "/", StringComparison.Ordinal);
        var above = !final && (_root + "/").StartsWith(real.TrimEnd('/') + "/", StringComparison.Ordinal);
        return inside || above ? real : throw Leaves(path);
    }

    private static string RealFolder(string root)
    {
        var full = Path.GetFullPath(root);
        var parts = full.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var real = "/";
        foreach (var part in parts)
        {
            var next = Path.Combine(real, part);
            real = new DirectoryInfo(next).ResolveLinkTarget(returnFinalTarget: true) is { } target ? RealFolder(target.FullName) : next;
        }

        return real;
    }

    private static ProblemException Leaves(SourcePath path) =>
        new Problem("source/path", $"\"{path}\" leaves the source through a symbolic link.", "Put the file itself into the source.").AsException();
}
