using Wherry.Client;
using Wherry.Core.Model;
using Wherry.Docker;

namespace Wherry.Server.Disk;

/// <summary>Removes what is Wherry's and nobody can go back to, least recently used first.</summary>
internal sealed class DiskCleanUp(UnneededImages images, UnneededFiles files, Engine engine)
{
    private static readonly TimeSpan CacheUnused = TimeSpan.FromDays(1);

    /// <param name="dryRun">Only say what would go.</param>
    /// <param name="isShort">Room is wanted: what would be kept a while longer goes too.</param>
    /// <param name="cacheMax">Cut the engine's build cache to this size; nothing that was used within a day goes. <see langword="null"/> leaves it alone.</param>
    public async Task<DiskCleaned> CleanAsync(bool dryRun, bool isShort, ByteSize? cacheMax, CancellationToken ct)
    {
        var removed = new List<DiskRemoval>(await files.RemoveAsync(dryRun, isShort, ct));
        removed.AddRange(await images.RemoveAsync(dryRun, ct));
        if (cacheMax is { } max)
        {
            var bytes = dryRun
                ? Math.Max(0, (await engine.DiskUseAsync(ct)).BuildCache.Bytes - max.Bytes)
                : (await engine.Builds.PruneCacheAsync(max, CacheUnused, ct)).Bytes;
            removed.AddRange(bytes > 0 ? [new DiskRemoval("build cache", "of the engine", bytes, dryRun ? "at most so much: what was used within a day stays" : "not used for a day")] : []);
        }

        return new DiskCleaned(dryRun, removed, removed.Sum(r => r.Bytes));
    }
}
