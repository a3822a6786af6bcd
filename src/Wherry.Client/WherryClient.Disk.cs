namespace Wherry.Client;

public sealed partial class WherryClient
{
    /// <summary>What the disks hold. The engine measures for it: seconds on a busy host.</summary>
    public Task<DiskReport> DiskAsync(CancellationToken cancellationToken) => GetAsync("/api/v1/disk", () => J.DiskReport, cancellationToken);

    /// <summary>Removes what nobody can go back to, least recently used first.</summary>
    /// <param name="dryRun">Only say what would be removed.</param>
    /// <param name="buildCache">Also the engine's build cache that no build used for a day, whosever builds made it.</param>
    public Task<DiskCleaned> CleanDiskAsync(bool dryRun, bool buildCache, CancellationToken cancellationToken) =>
        AskAsync(HttpMethod.Post, $"/api/v1/disk/clean?dryRun={(dryRun ? "true" : "false")}&buildCache={(buildCache ? "true" : "false")}", null, () => J.DiskCleaned, cancellationToken);
}
