using System.Globalization;
using Wherry.Client;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Core.Routing;
using Wherry.Docker;
using Wherry.Server.Deployments;
using Wherry.Server.Disk;
using Wherry.Server.Git;
using Wherry.Server.Store;

namespace Wherry.Server.Status;

/// <summary>Checks what the server depends on, and says how to mend each.</summary>
internal sealed class Doctor(Engine engine, EdgeClient edge, Database database, GitProgram git, DiskLook disks, TimeProvider time)
{
    public async Task<IReadOnlyList<DoctorCheck>> CheckAsync(CancellationToken ct)
    {
        var health = await edge.FindHealthAsync(ct);
        return [await EngineAsync(ct), Edge(health), Http3(health), await CertificatesAsync(ct), await StoreAsync(ct), await GitAsync(ct), .. (await disks.LookAsync(ct)).Select(Disk), await ClockAsync(ct)];
    }

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

    private static DoctorCheck Edge(EdgeHealth? health)
    {
        if (health is null)
        {
            return new("edge", "problem", "the edge does not answer; what it routes is not reachable", "Start it with `wherry up`; its log is in the state folder under logs/.");
        }

        var where = $"{string.Join(", ", health.Listen)}{(health.ListenTls is { Count: > 0 } tls ? $"; for TLS on {string.Join(", ", tls)}" : "; not for TLS")}";
        return health.Proxy switch
        {
            null => new("edge", "ok", $"edge {health.Version} listens on {where}", null),
            { Problem: { } problem } => new("edge", "problem", problem.Message, problem.Hint),
            { Name: "Caddy" } when LosesConnections() => new("edge", "warning", $"edge {health.Version} drives Caddy at {health.Proxy.Address}; a change of Caddy's configuration turns away who has just connected", "Let the kernel hand them on: `sysctl -w net.ipv4.tcp_migrate_req=1`, and a line in /etc/sysctl.d/ for the next boot."),
            var proxy => new("edge", "ok", $"edge {health.Version} drives {proxy.Name} at {proxy.Address}, which does as it was told and listens on {where}", null),
        };
    }

    /// <summary>Caddy listens anew with each configuration; what waits on the socket before is lost, unless the kernel moves it.</summary>
    private static bool LosesConnections()
    {
        try
        {
            return File.ReadAllText("/proc/sys/net/ipv4/tcp_migrate_req").Trim() == "0";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // a kernel before 5.14 cannot do it
        }
    }

    /// <summary>Visitors miss nothing without it, so its absence is no fault; an address that the edge wanted and did not get is one.</summary>
    internal static DoctorCheck Http3(EdgeHealth? edge) => edge switch
    {
        { Http3: { } missing, ListenTls.Count: > 0 } => new("http3", missing.Code == "edge/udp-port" ? "warning" : "ok", missing.Message, missing.Hint),
        { ListenHttp3: { Count: > 0 } listen } => new("http3", "ok", $"HTTP/3 is served over UDP on {string.Join(", ", listen)}", null),
        _ => new("http3", "ok", "HTTP/3 is not served: the edge does not listen for TLS", null),
    };

    private async Task<DoctorCheck> CertificatesAsync(CancellationToken ct)
    {
        try
        {
            if (await edge.FindHealthAsync(ct) is { Acme: { } broken })
            {
                return new("certificates", "problem", $"none is obtained or renewed: {broken.Message}", broken.Hint);
            }

            var all = await edge.CertificatesAsync(ct);
            return all.Where(c => c.Condition is not (CertificateCondition.Good or CertificateCondition.Pending)).ToList() is { Count: > 0 } wrong
                ? new("certificates", wrong.Exists(c => c.Condition is CertificateCondition.Expired) ? "problem" : "warning", $"{wrong[0].Name}: {wrong[0].Problem}{(wrong.Count > 1 ? $"; and {wrong.Count - 1} more" : "")}", "`wherry domains` says what each host is served with; upload another one, or see to what is in the way.")
                : new("certificates", "ok", Good(all), null);
        }
        catch (ProblemException e)
        {
            return new("certificates", "problem", e.Problem.Message, e.Problem.Hint);
        }
    }

    private static string Good(IReadOnlyList<CertificateState> all) => all.Count(c => c.Condition is CertificateCondition.Pending) switch
    {
        _ when all.Count == 0 => "none but those that the edge signs itself",
        0 => $"all {all.Count} are good",
        var pending => $"{all.Count - pending} of {all.Count} are good, {pending} on the way",
    };

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

    internal static DoctorCheck Disk(DiskState disk)
    {
        var finding = string.Create(CultureInfo.InvariantCulture, $"{ByteSize.Of(disk.FreeBytes)} free, {disk.UsedPercent:0} % used of {disk.Name} at {disk.MountedAt}")
            + (disk.FullAt is { } full ? string.Create(CultureInfo.InvariantCulture, $"; full at about {full:yyyy-MM-dd} at this pace") : "");
        return disk.State switch
        {
            "problem" => new("disk", "problem", finding, $"Deployments are refused below {ByteSize.Of(disk.FloorBytes)}. `wherry disk` shows what takes it; `wherry disk clean` removes what nobody needs."),
            "warning" => new("disk", "warning", finding, "See what takes it with `wherry disk`, and plan for more space."),
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
