using System.Diagnostics;
using Wherry.Cli.Supervision;
using Wherry.Core.Problems;

namespace Wherry.Cli.Up;

/// <summary>Our own supervisor, where there is no systemd.</summary>
internal sealed class SupervisorKeeper(HomeFiles files, TimeProvider time) : Keeper(files)
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(90);

    private readonly BootEntry _boot = BootEntry.Of(files);

    public override string Name => "supervised by Wherry";

    public override bool IsSystemd => false;

    public override string? BootHint => _boot.Exists ? null : "nothing on this machine starts programs at boot (no systemd, cron, SysV init or rc.local): after a reboot run `wherry up`";

    public override async Task EnsureAsync(InstalledProgram program, IReadOnlyList<string> restart, CancellationToken ct)
    {
        if (Files.PidOf(SuperviseCommand.Role) is { } pid && Processes.ProgramOf(pid) != program.Path)
        {
            // Hands over what runs; the new one replaces what runs the old program.
            Processes.Signal(pid, Processes.Hangup);
            await Processes.EndedAsync(pid, Grace, time, ct);
        }
        else
        {
            // The supervisor starts them again.
            foreach (var running in restart.Select(Files.PidOf).OfType<int>())
            {
                await Processes.StopAsync(running, Grace, time, ct);
            }
        }

        if (Files.PidOf(SuperviseCommand.Role) is null)
        {
            using var supervisor = Processes.Start(Files.Program, Files.Arguments(SuperviseCommand.Role), HomeFiles.Environment(SuperviseCommand.Role), Files.Log(SuperviseCommand.Role));
            await StartedAsync(supervisor, ct);
        }

        _boot.Make();
    }

    public override Task StopServerAsync(CancellationToken ct) => Files.PidOf("server") is { } pid ? Processes.StopAsync(pid, Grace, time, ct) : Task.CompletedTask;

    public override Task StartServerAsync(CancellationToken ct) => Task.CompletedTask; // the supervisor does

    public override async Task StopAsync(CancellationToken ct)
    {
        _boot.Remove();
        if (Files.PidOf(SuperviseCommand.Role) is { } supervisor)
        {
            Processes.Signal(supervisor, Processes.Terminate);
            await Processes.EndedAsync(supervisor, Grace, time, ct);
        }

        // Left over when the supervisor was killed.
        foreach (var role in new[] { "server", "edge" })
        {
            if (Files.PidOf(role) is { } pid)
            {
                await Processes.StopAsync(pid, Grace, time, ct);
            }

            File.Delete(Files.PidFile(role));
        }

        File.Delete(Files.PidFile(SuperviseCommand.Role));
    }

    private async Task StartedAsync(Process supervisor, CancellationToken ct)
    {
        var start = time.GetTimestamp();
        while (Files.PidOf(SuperviseCommand.Role) != supervisor.Id)
        {
            if (supervisor.HasExited || time.GetElapsedTime(start) > TimeSpan.FromSeconds(20))
            {
                throw new Problem("up/supervisor", "The supervisor did not start.", $"Its log says why: {Files.Log(SuperviseCommand.Role)}.").AsException();
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), time, ct);
        }
    }
}
