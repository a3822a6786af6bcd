using System.Data.Common;
using System.Globalization;
using Wherry.Client;
using Wherry.Core.Disk;
using Wherry.Core.Preflight;
using Wherry.Core.Problems;
using Wherry.Docker;
using Wherry.Server.Events;
using Wherry.Server.Preflight;
using Wherry.Server.Store;

namespace Wherry.Server.Disk;

/// <summary>Looks at the disks every few minutes: remembers how full they are, says when one gets short, and cleans up what nobody needs.</summary>
internal sealed partial class DiskWatch(MachineLook machine, Engine engine, DiskStore store, DiskCleanUp cleanUp, EventLog events, DiskClock clock, ILogger<DiskWatch> logger) : BackgroundService
{
    private static readonly TimeSpan SampleEvery = TimeSpan.FromHours(1);
    private static readonly TimeSpan CleanEvery = TimeSpan.FromDays(1);
    private static readonly TimeSpan Remember = TimeSpan.FromDays(14);

    private readonly Dictionary<string, string> _said = [];
    private DateTimeOffset _cleaned = clock.Now; // not at every start: what is used shows first

    /// <summary>The disks as they are now.</summary>
    public async Task<IReadOnlyList<DiskState>> StatesAsync(CancellationToken ct)
    {
        var states = new List<DiskState>();
        foreach (var (disk, folders) in machine.Disks(await InfoAsync(ct)))
        {
            var samples = await store.SamplesAsync(disk.MountedAt, clock.Now - Remember, ct);
            states.Add(Describe(disk, folders, DiskForecast.FullAt(samples, disk.Size.Bytes - disk.Free.Bytes, disk.Size.Bytes, clock.Now)));
        }

        return states;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(clock.Options.Every, clock.Time);
        do
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (Exception e) when (e is ProblemException or IOException or DbException or UnauthorizedAccessException)
            {
                LogLater(e); // a full disk is a reason to go on looking
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>One look.</summary>
    internal async Task LookAsync(CancellationToken ct)
    {
        var states = await StatesAsync(ct);
        if (states.Any(s => s.State != "ok") || clock.Now - _cleaned > CleanEvery)
        {
            _cleaned = clock.Now;
            var cleaned = await cleanUp.CleanAsync(dryRun: false, isShort: states.Any(s => s.State != "ok"), clock.Options.BuildCacheMax, ct); // first: this makes the room that the rest needs
            if (cleaned.Removed.Count > 0)
            {
                LogCleaned(cleaned.Removed.Count, cleaned.Bytes);
            }
        }

        foreach (var state in states)
        {
            await SampleAsync(state, ct);
            await SayAsync(state, ct);
        }
    }

    private async Task SampleAsync(DiskState state, CancellationToken ct)
    {
        if ((await store.SamplesAsync(state.MountedAt, clock.Now - SampleEvery, ct)).Count == 0)
        {
            await store.AddAsync(state.MountedAt, new DiskSample(clock.Now, state.Bytes - state.FreeBytes), clock.Now - Remember, ct);
        }
    }

    /// <summary>Records that a disk got short, or has room again: once each time.</summary>
    private async Task SayAsync(DiskState state, CancellationToken ct)
    {
        var before = _said.GetValueOrDefault(state.MountedAt, "ok");
        if (before == state.State)
        {
            return;
        }

        var now = string.Create(CultureInfo.InvariantCulture, $"{state.State}: {Core.Model.ByteSize.Of(state.FreeBytes)} of {Core.Model.ByteSize.Of(state.Bytes)} free");
        await events.RecordAsync(TeamId.Default, new EventEntry(Actors.Wherry, state.State == "ok" ? "disk/ok" : "disk/low", state.MountedAt) { Before = before, After = now }, ct);
        _said[state.MountedAt] = state.State;
    }

    private DiskState Describe(DiskFacts disk, IReadOnlyList<string> folders, DateTimeOffset? fullAt) => new(
        disk.Name,
        disk.MountedAt,
        folders,
        disk.Size.Bytes,
        disk.Free.Bytes,
        Math.Round(DiskBudget.UsedPercent(disk), 1),
        clock.Options.BudgetPercent,
        DiskFloor.Of(disk.Size).Bytes,
        fullAt,
        DiskBudget.Judge(disk, clock.Options.BudgetPercent, fullAt - clock.Now) switch { DiskVerdict.Problem => "problem", DiskVerdict.Warning => "warning", _ => "ok" });

    private async Task<EngineInfo?> InfoAsync(CancellationToken ct)
    {
        try
        {
            return await engine.InfoAsync(ct);
        }
        catch (ProblemException)
        {
            return null; // the state folder's disk can be told without
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The disks could not be looked after; the next try is in a few minutes")]
    private partial void LogLater(Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "Cleaned up {Count} things, {Bytes} bytes")]
    private partial void LogCleaned(int count, long bytes);
}

/// <summary>The time, and how often the disks are looked at.</summary>
internal sealed class DiskClock(ServerOptions options, TimeProvider time)
{
    public TimeProvider Time => time;

    public DateTimeOffset Now => time.GetUtcNow();

    public DiskOptions Options => options.Disk;
}
