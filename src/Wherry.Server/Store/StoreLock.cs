using Wherry.Core.Problems;

namespace Wherry.Server.Store;

/// <summary>A store belongs to one server: it is taken before anything is read, and taken again when the database restarted.</summary>
internal sealed partial class StoreLock(Database database, IHostApplicationLifetime lifetime, ILogger<StoreLock> logger) : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    /// <exception cref="ProblemException"><c>store/in-use</c>, <c>store/not-copied</c>, and those of <see cref="Database.OpenAsync(StoreLocation, bool, CancellationToken)"/>.</exception>
    public static async Task<Database> OpenAsync(ServerOptions options, CancellationToken ct)
    {
        await NotYetCopied.RefuseAsync(options.Home, options.Store, ct);
        return await Database.OpenAsync(options.Store, alone: true, ct);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookEvery);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                if (!await database.HoldsLockAsync(stoppingToken))
                {
                    LogLost(database.Location);
                    await TakeAgainAsync(stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    private async Task TakeAgainAsync(CancellationToken ct)
    {
        try
        {
            await database.LockAsync(ct);
            LogTaken(database.Location);
        }
        catch (ProblemException e) when (e.Problem.Code == "store/in-use")
        {
            LogTakenOver(database.Location);
            lifetime.StopApplication();
        }
        catch (ProblemException)
        {
            // Still away, as every query says: the next look tries again.
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The store {Store} went away")]
    private partial void LogLost(StoreLocation store);

    [LoggerMessage(Level = LogLevel.Information, Message = "The store {Store} is back")]
    private partial void LogTaken(StoreLocation store);

    [LoggerMessage(Level = LogLevel.Critical, Message = "Another server has taken the store {Store}: this one stops")]
    private partial void LogTakenOver(StoreLocation store);
}
