namespace Wherry.Server.Sources;

/// <summary>Removes trees that an earlier process left behind, and uploads that nobody deployed.</summary>
internal sealed partial class SourceCleanUp(TreeFolders trees, Uploads uploads, TimeProvider time, ILogger<SourceCleanUp> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        do
        {
            await CleanAsync(stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task CleanAsync(CancellationToken ct)
    {
        try
        {
            trees.RemoveLeftovers();
            await uploads.RemoveExpiredAsync(ct);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogLeft(e); // tried again next time
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Old source trees could not be removed")]
    private partial void LogLeft(Exception exception);
}
