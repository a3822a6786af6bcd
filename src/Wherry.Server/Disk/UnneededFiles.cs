using Wherry.Client;
using Wherry.Server.Logs;
using Wherry.Server.Sources;

namespace Wherry.Server.Disk;

/// <summary>Files in the state folder that nobody needs: what killed pushes and deployments left, uploads that nobody deployed, logs of deployments that ended long ago.</summary>
internal sealed class UnneededFiles(ServerOptions options, SourceOptions sources, LogStore logs, TimeProvider time)
{
    /// <summary>No push and no deployment takes this long.</summary>
    private static readonly TimeSpan Leftover = TimeSpan.FromDays(1);

    /// <summary>Sooner than they go by themselves: only when room is wanted.</summary>
    private static readonly TimeSpan OldLog = TimeSpan.FromDays(30);

    /// <summary>Oldest first.</summary>
    /// <param name="dryRun">Only say what would go.</param>
    /// <param name="isShort">Room is wanted: older logs go too.</param>
    public Task<IReadOnlyList<DiskRemoval>> RemoveAsync(bool dryRun, bool isShort, CancellationToken ct)
    {
        var found = new List<DiskRemoval>();
        foreach (var (what, folder, why) in Find(isShort).OrderBy(f => Directory.GetLastWriteTimeUtc(f.Folder)))
        {
            ct.ThrowIfCancellationRequested();
            found.Add(new DiskRemoval(what, Path.GetRelativePath(options.Home, folder), DiskUses.SizeOf(folder), why));
            if (!dryRun)
            {
                logs.RemoveFolder(folder); // which also ends those who read it
            }
        }

        return Task.FromResult<IReadOnlyList<DiskRemoval>>(found);
    }

    private List<(string What, string Folder, string Why)> Find(bool isShort) =>
    [
        .. from repository in Below(options.Repositories, "*.git")
           from left in Below(Path.Combine(repository, "objects"), "incoming-*").Concat(Below(Path.Combine(repository, "objects"), "tmp_objdir-*"))
           where IsOlder(left, Leftover)
           select ("push", left, "left by a push that was cut off"),
        .. from tree in Below(options.Builds, "tree-*") where IsOlder(tree, Leftover) select ("source", tree, "left by a deployment that was cut off"),
        .. from upload in Below(Path.Combine(options.Builds, "uploads"), "up_*") where IsOlder(upload, sources.KeepUploads + Leftover) select ("upload", upload, "expired"),
        .. from project in Below(options.Logs, "*")
           from environment in Below(project, "*")
           from deployment in Below(Path.Combine(environment, "deployments"), "*")
           where isShort && IsOlder(deployment, OldLog) && !logs.IsOpen(deployment)
           select ("deployment log", deployment, "ended more than 30 days ago"),
    ];

    private static IEnumerable<string> Below(string folder, string pattern) => Directory.Exists(folder) ? Directory.EnumerateDirectories(folder, pattern) : [];

    private bool IsOlder(string folder, TimeSpan than) =>
        time.GetUtcNow() - Directory.EnumerateFileSystemEntries(folder).Select(f => File.GetLastWriteTimeUtc(f)).Append(Directory.GetLastWriteTimeUtc(folder)).Max() > than;
}
