using System.Diagnostics;
using Wherry.Cli.Supervision;
using Wherry.Core.Problems;
using Wherry.Server;

namespace Wherry.Cli.Up;

/// <summary>Two units, one per role; they come back after a crash and after a reboot.</summary>
/// <param name="root">The checkout that brings the units; <see langword="null"/> when they are installed already.</param>
internal sealed class SystemdKeeper(HomeFiles files, string? root) : Keeper(files)
{
    private const string Units = "/etc/systemd/system";

    private readonly string _suffix = files.Home == Frame.GlobalOptions.DefaultHome ? "" : $"-{HomeId.Open(files.Keys)}";

    public override string Name => "a systemd unit";

    public override bool IsSystemd => true;

    public override async Task EnsureAsync(InstalledProgram program, IReadOnlyList<string> restart, CancellationToken ct)
    {
        var changed = root is not null && Install(root);
        if (changed)
        {
            await SystemctlAsync(["daemon-reload"], ct);
        }

        await SystemctlAsync(["enable", "--quiet", "--now", Unit("server"), Unit("edge")], ct);
        if (changed || program.IsNew)
        {
            await SystemctlAsync(["restart", Unit("server"), Unit("edge")], ct);
        }
        else if (restart.Count > 0)
        {
            await SystemctlAsync(["restart", .. restart.Select(Unit)], ct);
        }
    }

    public override Task StopServerAsync(CancellationToken ct) =>
        File.Exists(Path.Combine(Units, Unit("server"))) ? SystemctlAsync(["stop", Unit("server")], ct) : Task.CompletedTask;

    public override Task StartServerAsync(CancellationToken ct) =>
        File.Exists(Path.Combine(Units, Unit("server"))) ? SystemctlAsync(["start", Unit("server")], ct) : Task.CompletedTask;

    public override async Task StopAsync(CancellationToken ct)
    {
        foreach (var role in new[] { "server", "edge" })
        {
            var unit = Path.Combine(Units, Unit(role));
            if (File.Exists(unit))
            {
                await SystemctlAsync(["disable", "--quiet", "--now", Unit(role)], ct);
                File.Delete(unit);
                await SystemctlAsync(["daemon-reload"], ct);
            }
        }
    }

    /// <summary>A unit of <c>packaging/</c> with its places filled in.</summary>
    internal static string Fill(string unit, HomeFiles files, string? dotnet, string? engine) => unit
        .Replace("@PROGRAM@", files.Program, StringComparison.Ordinal)
        .Replace("@HOME@", files.Home, StringComparison.Ordinal)
        .Replace("@DOTNET_ROOT@", dotnet ?? "", StringComparison.Ordinal)
        .Replace("@DOCKER_HOST@", engine ?? "unix:///var/run/docker.sock", StringComparison.Ordinal);

    private string Unit(string role) => $"wherry-{role}{_suffix}.service";

    private bool Install(string checkout)
    {
        var changed = false;
        foreach (var role in new[] { "server", "edge" })
        {
            var text = Fill(File.ReadAllText(Path.Combine(checkout, "packaging", $"wherry-{role}.service")), Files, DotnetRoot.Found, Environment.GetEnvironmentVariable("DOCKER_HOST"));
            var target = Path.Combine(Units, Unit(role));
            if (!File.Exists(target) || File.ReadAllText(target) != text)
            {
                File.WriteAllText(target, text);
                changed = true;
            }
        }

        return changed;
    }

    private static async Task SystemctlAsync(IReadOnlyList<string> arguments, CancellationToken ct)
    {
        using var systemctl = Process.Start(new ProcessStartInfo("systemctl", arguments) { RedirectStandardError = true })!;
        var said = await systemctl.StandardError.ReadToEndAsync(ct);
        await systemctl.WaitForExitAsync(ct);
        if (systemctl.ExitCode != 0)
        {
            throw new Problem("up/systemd", $"systemctl {string.Join(' ', arguments)} failed: {said.Trim()}", "See `journalctl -u wherry-server -u wherry-edge`; run it with sudo.").AsException();
        }
    }
}
