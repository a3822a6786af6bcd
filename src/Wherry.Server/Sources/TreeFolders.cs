namespace Wherry.Server.Sources;

/// <summary>Folders under <c>builds/</c> for source trees.</summary>
internal sealed class TreeFolders(ServerOptions options, TimeProvider time)
{
    private const string Prefix = "tree-";

    /// <summary>No deployment needs its tree for longer; older ones were left behind by a process that ended in between.</summary>
    private static readonly TimeSpan Leftover = TimeSpan.FromDays(1);

    /// <summary>A name for a new tree. Nothing exists there yet.</summary>
    public string Next() => Path.Combine(options.Builds, $"{Prefix}{Guid.CreateVersion7(time.GetUtcNow()):N}");

    /// <summary>Removes what earlier processes left behind.</summary>
    public void RemoveLeftovers()
    {
        foreach (var folder in new DirectoryInfo(options.Builds).EnumerateDirectories($"{Prefix}*"))
        {
            if (time.GetUtcNow() - folder.LastWriteTimeUtc > Leftover)
            {
                Remove(folder.FullName);
            }
        }
    }

    /// <summary>Idempotent. Links are removed, never followed.</summary>
    public static void Remove(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
