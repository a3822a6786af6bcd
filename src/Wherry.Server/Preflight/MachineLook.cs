using System.Globalization;
using Wherry.Core.Model;
using Wherry.Core.Preflight;
using Wherry.Core.Problems;
using Wherry.Docker;
using Wherry.Server.Disk;
using Wherry.Server.Store;

namespace Wherry.Server.Preflight;

/// <summary>What the machine has: processors, memory, disks, a clock. What only a local engine can tell is left out for one elsewhere.</summary>
internal sealed class MachineLook(Engine engine, DiskUses uses, Database database, ServerOptions options, TimeProvider time)
{
    private static readonly TimeSpan MeasureWithin = TimeSpan.FromSeconds(10);

    public async Task<HostFacts> LookAsync(CancellationToken ct)
    {
        var info = await engine.InfoAsync(ct);
        return new HostFacts
        {
            Cpus = info.Cpus,
            Memory = info.Memory,
            FreeMemory = engine.IsHere(info) ? FreeMemory() : null,
            Disks = await DisksAsync(info, ct),
            ClockBehind = await ClockBehindAsync(ct),
        };
    }

    /// <summary>Disks of the state folder and, when the engine is on this machine, of its data.</summary>
    public IReadOnlyList<(DiskFacts Disk, IReadOnlyList<string> Folders)> Disks(EngineInfo? info) =>
        FileSystems.Of(info is not null && engine.IsHere(info) ? [options.Home, info.DataRoot] : [options.Home]);

    /// <summary>What uses a disk is measured only when it is short: that takes the engine seconds.</summary>
    private async Task<IReadOnlyList<DiskFacts>> DisksAsync(EngineInfo info, CancellationToken ct)
    {
        var disks = Disks(info);
        if (disks.All(d => DiskFloor.Check(d.Disk) is null))
        {
            return [.. disks.Select(d => d.Disk)];
        }

        using var limit = new CancellationTokenSource(MeasureWithin, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        try
        {
            var measured = await uses.MeasureAsync(both.Token);
            return [.. disks.Select(d => d.Disk with { Uses = DiskUses.Largest(measured) })];
        }
        catch (Exception e) when ((e is OperationCanceledException && !ct.IsCancellationRequested) || e is ProblemException)
        {
            return [.. disks.Select(d => d.Disk)]; // that it is short is what counts
        }
    }

    private static ByteSize? FreeMemory()
    {
        var line = File.ReadLines("/proc/meminfo").FirstOrDefault(l => l.StartsWith("MemAvailable:", StringComparison.Ordinal));
        return line is null ? null : ByteSize.Of(long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) << 10);
    }

    /// <summary>Deployments that were queued "in the future" tell of a clock that was set back.</summary>
    private async Task<TimeSpan> ClockBehindAsync(CancellationToken ct)
    {
        var newest = (await database.QueryAsync<long>("SELECT COALESCE(MAX((SELECT MAX(d.queued_at) FROM deployment d WHERE d.environment_id = e.id)), 0) FROM environment e", null, ct))[0]; // by the index: the history is long
        var behind = newest.FromStore() - time.GetUtcNow();
        return behind > TimeSpan.Zero ? behind : TimeSpan.Zero;
    }
}
