using Wherry.Client;
using Wherry.Core.Disk;
using Wherry.Core.Preflight;
using Wherry.Core.Problems;
using Wherry.Docker;
using Wherry.Server.Preflight;

namespace Wherry.Server.Disk;

/// <summary>How full the disks are now, and when they will be.</summary>
internal sealed class DiskLook(MachineLook machine, Engine engine, DiskStore store, ServerOptions options, TimeProvider time)
{
    /// <summary>Samples older than this say nothing about the present pace.</summary>
    public static readonly TimeSpan Remember = TimeSpan.FromDays(14);

    public async Task<IReadOnlyList<DiskState>> LookAsync(CancellationToken ct)
    {
        var (now, states) = (time.GetUtcNow(), new List<DiskState>());
        foreach (var (disk, folders) in machine.Disks(await InfoAsync(ct)))
        {
            var samples = await store.SamplesAsync(disk.MountedAt, now - Remember, ct);
            states.Add(Describe(disk, folders, DiskForecast.FullAt(samples, disk.Size.Bytes - disk.Free.Bytes, disk.Size.Bytes, now), now));
        }

        return states;
    }

    private DiskState Describe(DiskFacts disk, IReadOnlyList<string> folders, DateTimeOffset? fullAt, DateTimeOffset now) => new(
        disk.Name,
        disk.MountedAt,
        folders,
        disk.Size.Bytes,
        disk.Free.Bytes,
        Math.Round(DiskBudget.UsedPercent(disk), 1),
        options.Disk.BudgetPercent,
        DiskFloor.Of(disk.Size).Bytes,
        fullAt,
        DiskBudget.Judge(disk, options.Disk.BudgetPercent, fullAt - now) switch { DiskVerdict.Problem => "problem", DiskVerdict.Warning => "warning", _ => "ok" });

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
}
