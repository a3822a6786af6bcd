using System.Globalization;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Wherry.Cli.Frame;
using Wherry.Cli.Output;
using Wherry.Cli.Supervision;
using Wherry.Cli.Up;
using Wherry.Client;
using Wherry.Core.Problems;

namespace Wherry.Cli.Doctor;

/// <summary>Checks of this machine that need no server.</summary>
internal sealed class LocalChecks(string home, World world)
{
    private const long LittleSpace = 5L << 30;
    private const long NoSpace = 500L << 20;

    public async IAsyncEnumerable<DoctorCheck> RunAsync([EnumeratorCancellation] CancellationToken ct)
    {
        yield return await EngineAsync(ct);
        yield return await GitAsync(ct);
        yield return Disk();
        yield return Clock();
        yield return Port("port", Remembered.EdgeListen(home) is [var first, ..] ? first : "0.0.0.0:80", "--port");
        yield return Remembered.EdgeListenTls(home) is [var tls, ..] ? Port("tls", tls, "--tls-port") : new("tls", "ok", "the edge listens on no port for TLS; `wherry up --tls-port 443` lets it", null);
        yield return await SocketAsync("edge", new HomeFiles(home).EdgeSocket, ct);
    }

    private async Task<DoctorCheck> EngineAsync(CancellationToken ct)
    {
        try
        {
            using var engine = LocalEngine.Open(world.Variable("DOCKER_HOST"));
            var version = await engine.VersionAsync(ct);
            return new("engine", "ok", $"Docker Engine {version.Version}, API {version.UsedApi}", null);
        }
        catch (ProblemException e)
        {
            return new("engine", "problem", e.Problem.Message, e.Problem.Hint);
        }
    }

    private static async Task<DoctorCheck> GitAsync(CancellationToken ct) =>
        await GitProgram.TryAsync("/", ["--version"], ct) is { } version
            ? new("git", "ok", version.Trim(), null)
            : new("git", "problem", "there is no git program: pushes cannot be received", "Install it: apt-get install git.");

    private DoctorCheck Disk()
    {
        if (!Directory.Exists(home))
        {
            return new("disk", "problem", $"there is no state folder {home}", "Start Wherry with `wherry up`, or name its folder with --home.");
        }

        var drive = new DriveInfo(home);
        var finding = $"{Bytes.Of(drive.AvailableFreeSpace)} free of {Bytes.Of(drive.TotalSize)} where {home} is";
        return drive.AvailableFreeSpace switch
        {
            < NoSpace => new("disk", "problem", finding, "Free some: `docker system df` shows what images and builds take; or give the disk more room."),
            < LittleSpace => new("disk", "warning", finding, "Builds need room; free some soon: `docker system df` shows what takes it."),
            _ => new("disk", "ok", finding, null),
        };
    }

    /// <summary>Files that were written later than now tell of a clock that was set back.</summary>
    private DoctorCheck Clock()
    {
        var now = world.Time.GetUtcNow();
        var latest = Directory.Exists(home) ? Directory.GetFiles(home).Select(File.GetLastWriteTimeUtc).DefaultIfEmpty(DateTime.UnixEpoch).Max() : DateTime.UnixEpoch;
        var finding = now.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
        return latest > now.UtcDateTime.AddMinutes(1)
            ? new("clock", "problem", $"{finding} is before the last change in {home}", "Set the clock right and keep it so: apt-get install systemd-timesyncd, or chrony.")
            : new("clock", "ok", finding, null);
    }

    private DoctorCheck Port(string name, string listen, string option)
    {
        var files = new HomeFiles(home);
        var port = int.Parse(listen.AsSpan(listen.LastIndexOf(':') + 1), CultureInfo.InvariantCulture);
        var isFree = Listeners.CanBind(port);
        return (isFree, files.PidOf("edge")) switch
        {
            (false, not null) => new(name, "ok", $"the edge has port {port}", null),
            (false, null) when !File.Exists(files.PidFile("edge")) => new(name, "ok", $"something listens on port {port}", null),
            (false, null) => new(name, "problem", $"port {port} belongs to another program", $"See which: `ss -ltnp sport = :{port}`. Stop it, or choose another port: `wherry up {option} N`."),
            _ => new(name, "warning", $"nothing listens on port {port}", "Start Wherry with `wherry up`."),
        };
    }

    private static async Task<DoctorCheck> SocketAsync(string name, string path, CancellationToken ct)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), ct);
            return new(name, "ok", $"the {name} answers at {path}", null);
        }
        catch (SocketException e)
        {
            return new(name, "problem", $"the {name} does not answer at {path}: {e.Message}", e.SocketErrorCode is SocketError.AccessDenied ? "Run it with sudo." : "Start it with `wherry up`; its log stands in the state folder under logs/.");
        }
    }
}
