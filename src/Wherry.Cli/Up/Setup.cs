using System.Text.RegularExpressions;
using Wherry.Cli.Frame;
using Wherry.Cli.Supervision;
using Wherry.Core.Problems;
using Wherry.Edge.Acme;
using Wherry.Server;
using Wherry.Server.Purge;
using Wherry.Server.Store;

namespace Wherry.Cli.Up;

/// <summary>A Wherry on this machine: its home, its program, and what keeps it running.</summary>
internal sealed partial class Setup
{
    private readonly Call _call;
    private readonly InstalledProgram _program;
    private readonly Listeners _listeners;
    private bool _edgeChanged;

    private Setup(Call call, HomeFiles files, InstalledProgram program, Listeners listeners)
    {
        _call = call;
        Files = files;
        _program = program;
        _listeners = listeners;
        Checklist = new Checklist(call);
    }

    /// <summary>What was asked for of where visitors come in.</summary>
    /// <param name="Plain">Port for traffic.</param>
    /// <param name="Tls">Port for TLS; 0: none.</param>
    /// <param name="Edge">Who takes them.</param>
    /// <param name="CaddyAdmin">Where Caddy is told.</param>
    /// <param name="Traefik">How Traefik is told.</param>
    internal sealed record Ports(int? Plain, int? Tls, string? Edge, string? CaddyAdmin, TraefikWish Traefik);

    public HomeFiles Files { get; }

    public Checklist Checklist { get; }

    /// <summary>Port on which the edge serves on this machine.</summary>
    public int Port => _listeners.EdgePort;

    /// <summary>Home, engine, program and ports: everything that must stand before a process is started.</summary>
    public static async Task<Setup> PrepareAsync(Call call, Ports ports, CancellationToken ct)
    {
        if (!call.IsLocal)
        {
            throw new Problem("cli/not-local", "`wherry up` starts Wherry on this machine; --server names one elsewhere.", "Leave --server and WHERRY_SERVER out.").AsException();
        }

        var checklist = new Checklist(call);
        var files = MakeHome(call.Home);
        using (var engine = LocalEngine.Open(call.World.Variable("DOCKER_HOST")))
        {
            checklist.Done($"Docker Engine {(await engine.VersionAsync(ct)).Version} answers");
        }

        var program = await InstalledProgram.InstallAsync(files, call.World.Variable("WHERRY_ROOT"), ct);
        checklist.Done(program.IsNew ? $"Wherry installed in {files.Home}" : $"Wherry is installed in {files.Home}");
        var before = Remembered.EdgeProxy(files.Home);
        var edgeIsAnother = await EdgeChoice.KeepAsync(files, ports.Edge, ports.CaddyAdmin, ports.Traefik, ct);
        try
        {
            return new(call, files, program, Listeners.Choose(files, ports.Plain, ports.Tls)) { _edgeChanged = edgeIsAnother };
        }
        catch
        {
            EdgeChoice.Keep(files, before); // refused is refused whole
            throw;
        }
    }

    /// <summary>Says to the edge which authority signs certificates, and for whom; nothing changes when neither is named.</summary>
    public void KeepAcme(string? email, string? directory)
    {
        if (email is null && directory is null)
        {
            return;
        }

        var (who, whom, isNew) = AcmeFile.Keep(Path.Combine(Files.Home, "edge"), email, directory);
        _edgeChanged |= isNew;
        Checklist.Done($"certificates are obtained for {who} from {whom.Host}{(AcmeDirectories.Find(AcmeDirectories.LetsEncryptStaging) == whom ? ", whose certificates no browser trusts" : "")}");
    }

    /// <summary>Starts or replaces server and edge and waits until both answer.</summary>
    public async Task StartAsync(CancellationToken ct)
    {
        var keeper = Keeper.Of(Files, _call.World);
        if (_call.World.Variable(RememberedStore.Variable) is not null)
        {
            await NotYetCopied.RefuseAsync(Files.Home, RememberedStore.Of(Files.Home, _call.World), ct); // before it is kept, and a server that works is stopped for it
        }

        var serverChanged = RememberedStore.Keep(Files.Home, _call.World.Variable(RememberedStore.Variable)) | RememberedTelemetry.Keep(Files.Home, _call.World.Variables);
        await keeper.EnsureAsync(_program, [.. serverChanged ? (string[])["server"] : [], .. _edgeChanged || _listeners.Changed ? (string[])["edge"] : []], ct);
        var ready = new Readiness(_call, Files);
        await ready.ServerAsync(keeper.IsSystemd ? null : _program.Path, ct);
        Checklist.Done($"server answers{(Remembered.ApiListen(Files.Home) is { } api ? $" on {api}" : "")} ({keeper.Name})");
        await ready.EdgeAsync(Port, ct);
        await ready.ProxyAsync(Remembered.EdgeProxy(Files.Home), ct);
        Checklist.Done($"{EdgeChoice.NameOf(Remembered.EdgeProxy(Files.Home))} listens on port {Port}{(_listeners.Tls.Port is { } tls ? $", for TLS on port {tls}" : $", not for TLS: {_listeners.Tls.Why}")}");
        await StartContainersAsync(ct);
        if (keeper.BootHint is { } hint)
        {
            Checklist.Hint(hint);
        }

        _program.RemoveOlder();
        new PathLink(Files).Make();
    }

    /// <summary>What <c>wherry down</c> stopped; what its owner had stopped before stays stopped. The server tells the edge where they are now.</summary>
    private async Task StartContainersAsync(CancellationToken ct)
    {
        if (!File.Exists(Files.StoppedByDown))
        {
            return;
        }

        using var engine = LocalEngine.Open(_call.World.Variable("DOCKER_HOST"));
        var own = new OwnThings(engine, HomeId.Open(Files.Keys));
        var started = await own.StartAsync(await File.ReadAllLinesAsync(Files.StoppedByDown, ct), ct);
        File.Delete(Files.StoppedByDown);
        Checklist.Done($"{started} containers started again");
    }

    private static HomeFiles MakeHome(string home)
    {
        // Units, cron entries and scripts name this path; none of them agrees with the others on quoting; sockets have a longest path.
        if (!PlainPath().IsMatch(home))
        {
            throw new Problem("up/home-path", $"{home} is no path for a state folder: it has other characters than letters, digits and . _ - /, or more than 80 of them.", "Choose a plainer or shorter path for --home.").AsException();
        }

        try
        {
            Directory.CreateDirectory(home, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            foreach (var folder in new[] { "edge", "keys", "logs", "run" })
            {
                Directory.CreateDirectory(Path.Combine(home, folder), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }

            // Made now, so that what is started first already knows whose it is.
            var files = new HomeFiles(home);
            HomeId.Open(files.Keys);
            return files;
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new Problem("up/home", $"The state folder {home} cannot be made: {e.Message}", "Run it with sudo, or choose another folder with --home.").AsException(e);
        }
    }

    [GeneratedRegex(@"\A/[A-Za-z0-9._/-]{1,79}\z")]
    private static partial Regex PlainPath();
}
