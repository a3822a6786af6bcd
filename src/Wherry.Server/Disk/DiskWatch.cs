using System.Data.Common;
using System.Globalization;
using Wherry.Client;
using Wherry.Core.Disk;
using Wherry.Core.Problems;
using Wherry.Server.Events;
using Wherry.Server.Store;

namespace Wherry.Server.Disk;

/// <summary>Looks at the disks every few minutes: remembers how full they are, says when one gets short, and cleans up what nobody needs.</summary>
internal sealed partial class DiskWatch(DiskLook disks, DiskStore store, DiskCleanUp cleanUp, EventLog events, ServerOptions options, TimeProvider time, ILogger<DiskWatch> logger) : BackgroundService
{
    private static readonly TimeSpan SampleEvery = TimeSpan.FromHours(1);
    private static readonly TimeSpan CleanEvery = TimeSpan.FromDays(1);

    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly Dictionary<string, string> _said = [];
    private DateTimeOffset _cleaned = time.GetUtcNow(); // not at every start: what is used shows first

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Disk.Every, time);
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

    public override void Dispose()
    {
        _one.Dispose();
        base.Dispose();
    }

    /// <summary>One look; one after the other, so that an older one says nothing behind a newer.</summary>
    internal async Task LookAsync(CancellationToken ct)
    {
        await _one.WaitAsync(ct);
        try
        {
            await LookOnceAsync(ct);
        }
        finally
        {
            _one.Release();
        }
    }

    private async Task LookOnceAsync(CancellationToken ct)
    {
        var states = await disks.LookAsync(ct);
        if (states.Any(s => s.State != "ok") || time.GetUtcNow() - _cleaned > CleanEvery)
        {
            _cleaned = time.GetUtcNow();
            var cleaned = await cleanUp.CleanAsync(dryRun: false, isShort: states.Any(s => s.State != "ok"), options.Disk.BuildCacheMax, ct); // first: this makes the room that the rest needs
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
        if ((await store.SamplesAsync(state.MountedAt, time.GetUtcNow() - SampleEvery, ct)).Count == 0)
        {
            await store.AddAsync(state.MountedAt, new DiskSample(time.GetUtcNow(), state.Bytes - state.FreeBytes), time.GetUtcNow() - DiskLook.Remember, ct);
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
        await events.RecordAsync(TeamId.Default, new EventEntry(Actors.Wherry, state.State == "ok" ? EventKinds.DiskOk : EventKinds.DiskLow, state.MountedAt) { Before = before, After = now }, ct);
        _said[state.MountedAt] = state.State;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The disks could not be looked after; the next try is in a few minutes")]
    private partial void LogLater(Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "Cleaned up {Count} things, {Bytes} bytes")]
    private partial void LogCleaned(int count, long bytes);
}
