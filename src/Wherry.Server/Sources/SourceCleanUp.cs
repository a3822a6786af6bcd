namespace Wherry.Server.Sources;

/// <summary>Removes trees that an earlier process left behind, and uploads that nobody deployed.</summary>
internal sealed class SourceCleanUp(TreeFolders trees, Uploads uploads, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        trees.RemoveLeftovers();
        using var timer = new PeriodicTimer(Every, time);
        do
        {
            await uploads.RemoveExpiredAsync(stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
