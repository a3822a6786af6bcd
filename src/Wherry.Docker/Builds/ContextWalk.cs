using Wherry.Core.Problems;

namespace Wherry.Docker;

/// <summary>Something in a build context.</summary>
/// <param name="Path">Relative, with <c>/</c>.</param>
internal sealed record ContextEntry(string Path, string FullPath, FileKind Kind, bool IsExecutable)
{
    public string LinkTarget => new FileInfo(FullPath).LinkTarget ?? throw ContextWalk.Unreadable(Path, "it changed while it was read");

    public FileStream OpenRead()
    {
        try
        {
            return new(FullPath, new FileStreamOptions { Options = FileOptions.Asynchronous | FileOptions.SequentialScan, Share = FileShare.ReadWrite | FileShare.Delete });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ContextWalk.Unreadable(Path, e.Message);
        }
    }
}

/// <summary>Lists a build context: folders before their content, names in ordinal order.</summary>
/// <param name="dockerfile">Sent in any case, as <c>.dockerignore</c> is.</param>
internal sealed class ContextWalk(string root, DockerIgnore ignore, string? dockerfile)
{
    public IEnumerable<ContextEntry> Entries() => Below("", []);

    public static ProblemException Unreadable(string path, string why) =>
        new Problem("build/context-read", $"'{path}' of the build context cannot be sent: {why}", "Remove it, or exclude it in .dockerignore.").AsException();

    /// <param name="pending">Ignored folders above that are sent only when something in them is.</param>
    private IEnumerable<ContextEntry> Below(string folder, List<ContextEntry> pending)
    {
        foreach (var name in Names(folder))
        {
            var path = folder.Length == 0 ? name : $"{folder}/{name}";
            var entry = Look(path);
            var isIgnored = Ignores(path);
            if (entry.Kind == FileKind.Other && !isIgnored)
            {
                throw Unreadable(path, "it is a socket, a pipe or a device");
            }

            if (isIgnored && (entry.Kind != FileKind.Folder || CanSkip(path)))
            {
                continue;
            }

            if (isIgnored)
            {
                pending.Add(entry);
            }
            else
            {
                foreach (var parent in pending)
                {
                    yield return parent;
                }

                pending.Clear();
                yield return entry;
            }

            if (entry.Kind == FileKind.Folder)
            {
                foreach (var below in Below(path, pending))
                {
                    yield return below;
                }

                pending.Remove(entry);
            }
        }
    }

    private bool Ignores(string path) => path != ".dockerignore" && path != dockerfile && ignore.Ignores(path);

    private bool CanSkip(string folder) => ignore.IgnoresAllBelow(folder) && dockerfile?.StartsWith($"{folder}/", StringComparison.Ordinal) is not true;

    private ContextEntry Look(string path)
    {
        var full = Path.Combine(root, path);
        try
        {
            var status = FileStatus.Of(full);
            return new(path, full, status.Kind, status.Kind == FileKind.File && status.IsExecutable);
        }
        catch (IOException e)
        {
            throw Unreadable(path, e.Message);
        }
    }

    private string[] Names(string folder)
    {
        try
        {
            var names = Directory.GetFileSystemEntries(Path.Combine(root, folder)).Select(e => Path.GetFileName(e)).ToArray();
            Array.Sort(names, StringComparer.Ordinal);
            return names;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(folder.Length == 0 ? "." : folder, e.Message);
        }
    }
}
