using System.Globalization;
using Wherry.Client;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Docker;
using Wherry.Server.Deployments;
using Wherry.Server.Git;
using Wherry.Server.Store;

namespace Wherry.Server.Status;

/// <summary>Checks what the server depends on, and says how to mend each.</summary>
internal sealed class Doctor(Engine engine, EdgeClient edge, Database database, GitProgram git, ServerOptions options, TimeProvider time)
{
    public async Task<IReadOnlyList<DoctorCheck>> CheckAsync(CancellationToken ct) =>
        [await EngineAsync(ct), await EdgeAsync(ct), await StoreAsync(ct), await GitAsync(ct), Disk(options.Home), await ClockAsync(ct)];

    private async Task<DoctorCheck> EngineAsync(CancellationToken ct)
    {
        try
        {
            var info = await engine.InfoAsync(ct);
            var version = await engine.VersionAsync(ct);
            return new("engine", "ok", $"Docker Engine {version.Version}, API {version.UsedApi}, {info.StorageDriver}", null);
        }
        catch (ProblemException e)
        {
            return new("engine", "problem", e.Problem.Message, e.Problem.Hint);
        }
    }

    private async Task<DoctorCheck> EdgeAsync(CancellationToken ct) => await edge.FindHealthAsync(ct) is { } health
        ? new("edge", "ok", $"edge {health.Version} listens on {string.Join(", ", health.Listen)}", null)
        : new("edge", "problem", "the edge does not answer; what it routes is not reachable", "Start it with `wherry up`; its log is in the state folder under logs/.");

    private async Task<DoctorCheck> StoreAsync(CancellationToken ct)
    {
        try
        {
            return await database.ReadAsync(c => database.Dialect.DamageAsync(c, thorough: false, ct), ct) is [var first, ..]
                ? new("store", "problem", $"the store is damaged: {first}", "Stop the server and restore the store from a backup; `wherry store check` says more.")
                : new("store", "ok", $"the store {database.Location} answers and passes its integrity check", null);
        }
        catch (ProblemException e)
        {
            return new("store", "problem", e.Problem.Message, e.Problem.Hint);
        }
    }

    private async Task<DoctorCheck> GitAsync(CancellationToken ct)
    {
        try
        {
            return new("git", "ok", $"git {await git.VersionAsync(ct)}", null);
        }
        catch (ProblemException e)
        {
            return new("git", "problem", e.Problem.Message, e.Problem.Hint);
        }
    }

    internal static DoctorCheck Disk(string folder)
    {
        var drive = new DriveInfo(folder);
        var free = ByteSize.Of(drive.AvailableFreeSpace);
        var share = drive.AvailableFreeSpace * 100.0 / Math.Max(1, drive.TotalSize);
        var finding = string.Create(CultureInfo.InvariantCulture, $"{free} free ({share:0} %) where {folder} is");
        return (share, drive.AvailableFreeSpace) switch
        {
            (_, < 1L << 30) => new("disk", "problem", finding, "Free some space: old images (`docker image prune`), logs, or a larger disk. Builds need room."),
            ( < 10, _) => new("disk", "warning", finding, "Plan for more space soon."),
            _ => new("disk", "ok", finding, null),
        };
    }

    /// <summary>Files that were written "in the future" tell of a clock that was set back.</summary>
    private async Task<DoctorCheck> ClockAsync(CancellationToken ct)
    {
        var newest = (await database.QueryAsync<long>("SELECT COALESCE(MAX(queued_at), 0) FROM deployment", null, ct))[0];
        var now = time.GetUtcNow();
        return newest.FromStore() > now.AddMinutes(1) || now.Year < 2025
            ? new("clock", "problem", $"the clock says {now:u}, which is before things that already happened", "Set the clock right and keep it so: install chrony or systemd-timesyncd.")
            : new("clock", "ok", $"{now:u}", null);
    }
}
