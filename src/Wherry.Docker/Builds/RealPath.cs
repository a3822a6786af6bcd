namespace Wherry.Docker;

/// <summary>Where a path leads once every symlink in it is followed.</summary>
internal static class RealPath
{
    private const int MaxLinks = 40;

    /// <summary>The path without symlinks, or <see langword="null"/> when it leads nowhere.</summary>
    public static string? Resolve(string path)
    {
        var links = 0;
        var done = "/";
        var left = new Stack<string>(Path.GetFullPath(path).Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse());
        while (left.TryPop(out var part))
        {
            if (part is "." or "..")
            {
                done = part == "." ? done : Path.GetDirectoryName(done) ?? "/";
                continue;
            }

            var next = Path.Combine(done, part);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                done = next;
                continue;
            }

            if (++links > MaxLinks)
            {
                return null;
            }

            done = target.StartsWith('/') ? "/" : done;
            foreach (var piece in target.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse())
            {
                left.Push(piece);
            }
        }

        return Path.Exists(done) ? done : null;
    }

    public static bool IsWithin(string path, string folder) => path == folder || path.StartsWith(folder == "/" ? "/" : $"{folder}/", StringComparison.Ordinal);
}
