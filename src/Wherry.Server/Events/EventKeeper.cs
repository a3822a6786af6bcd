using System.Data.Common;
using Wherry.Core.Problems;
using Wherry.Server.Store;

namespace Wherry.Server.Events;

/// <summary>Records the server's own coming and going, writes what could not be written at once, and deletes what is too old.</summary>
internal sealed partial class EventKeeper(Database database, EventLog events, TimeProvider time, ILogger<EventKeeper> logger) : BackgroundService
{
    /// <summary>Longest time that an event is kept.</summary>
    public static readonly TimeSpan KeepFor = TimeSpan.FromDays(90);

    /// <summary>Most events that a team has.</summary>
    public const int KeepMost = 100_000;

    private const int RetriesPerSweep = 60;
    private static readonly TimeSpan RetryEvery = TimeSpan.FromMinutes(1);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await TellAsync(EventKinds.ServerStarted, cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TellAsync(EventKinds.ServerStopped, cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(RetryEvery, time);
        for (var turn = 0; ; turn++)
        {
            try
            {
                await (turn % RetriesPerSweep == 0 ? SweepAsync(stoppingToken) : events.RetryAsync(stoppingToken));
            }
            catch (Exception e) when (e is DbException or ProblemException)
            {
                LogFailed(e);
            }

            await timer.WaitForNextTickAsync(stoppingToken);
        }
    }

    /// <summary>One look at the events of all teams. The newest stays whatever its age: ids go on from it.</summary>
    internal async Task SweepAsync(CancellationToken ct, int most = KeepMost)
    {
        foreach (var team in await database.QueryAsync<long>("SELECT id FROM team", null, ct))
        {
            await database.For(new TeamId(team)).ExecuteAsync(
                """
                DELETE FROM event WHERE team_id = @team AND id < (SELECT MAX(id) FROM event) AND (at < @oldest
                    OR id <= (SELECT COALESCE(MAX(id), 0) FROM (SELECT id FROM event WHERE team_id = @team ORDER BY id DESC LIMIT 1 OFFSET @most) AS surplus))
                """,
                new { oldest = (time.GetUtcNow() - KeepFor).ToStore(), most }, ct);
        }
    }

    private Task TellAsync(string kind, CancellationToken ct) =>
        events.RecordAsync(TeamId.Default, new EventEntry(Actors.Wherry, kind, "server") { After = typeof(EventKeeper).Assembly.GetName().Version?.ToString(3) }, ct);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Old events could not be deleted; the next try is in an hour")]
    private partial void LogFailed(Exception exception);
}
