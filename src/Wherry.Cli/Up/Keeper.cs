using Wherry.Cli.Frame;
using Wherry.Cli.Supervision;

namespace Wherry.Cli.Up;

/// <summary>What keeps server and edge running: systemd where it runs the machine, else our own supervisor.</summary>
internal abstract class Keeper(HomeFiles files)
{
    public abstract string Name { get; }

    public abstract bool IsSystemd { get; }

    /// <summary>What the owner must know about the next reboot; <see langword="null"/> when everything comes back by itself.</summary>
    public virtual string? BootHint => null;

    protected HomeFiles Files => files;

    public static Keeper Of(HomeFiles files, World world) =>
        Directory.Exists("/run/systemd/system") && File.ReadAllText("/proc/1/comm").Trim() == "systemd" ? new SystemdKeeper(files, world.Variable("WHERRY_ROOT")) : new SupervisorKeeper(files, world.Time);

    /// <summary>Makes sure that this program runs, and again after a reboot.</summary>
    /// <param name="restart">Roles whose settings are others than before.</param>
    public abstract Task EnsureAsync(InstalledProgram program, IReadOnlyList<string> restart, CancellationToken ct);

    /// <summary>Ends a server that runs; the edge and all containers go on.</summary>
    public abstract Task StopServerAsync(CancellationToken ct);

    /// <summary>Starts it again, where nothing else does.</summary>
    public abstract Task StartServerAsync(CancellationToken ct);

    /// <summary>Stops everything, also for after the next reboot. What does not run is no problem.</summary>
    public abstract Task StopAsync(CancellationToken ct);
}
