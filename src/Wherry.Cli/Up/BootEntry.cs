using System.Diagnostics;
using Wherry.Cli.Supervision;
using Wherry.Server;

namespace Wherry.Cli.Up;

/// <summary>What starts the supervisor after a reboot, where something on the machine can.</summary>
internal sealed class BootEntry
{
    private readonly HomeFiles _files;
    private readonly string _name;
    private readonly string _root;

    private BootEntry(HomeFiles files, string name, string root) => (_files, _name, _root) = (files, name, root);

    /// <summary>An entry was made, by this or an earlier run.</summary>
    public bool Exists => File.Exists(CronFile) || File.Exists(InitScript);

    private string CronFile => Path.Combine(_root, "etc/cron.d", _name);

    private string InitScript => Path.Combine(_root, "etc/init.d", _name);

    /// <param name="root">The root of the file system; another folder for tests.</param>
    public static BootEntry Of(HomeFiles files, string root = "/")
    {
        var name = files.Home == Frame.GlobalOptions.DefaultHome ? "wherry" : $"wherry-{HomeId.Open(files.Keys)}";
        return new(files, name, root);
    }

    /// <summary>Makes the entry: for cron, else for SysV init. Nothing when there is neither.</summary>
    public void Make()
    {
        if (IsThere("usr/sbin/cron") || IsThere("usr/sbin/crond") || IsThere("usr/sbin/anacron"))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(CronFile)!);
            File.WriteAllText(CronFile, $"# Made by `wherry up`; `wherry down` removes it.\n@reboot root {Environment()} {Command()}\n");
        }
        else if (IsThere("etc/inittab") && IsThere("usr/sbin/update-rc.d"))
        {
            File.WriteAllText(InitScript, Script());
            File.SetUnixFileMode(InitScript, (UnixFileMode)Convert.ToInt32("755", 8));
            Register("defaults");
        }
    }

    public void Remove()
    {
        File.Delete(CronFile);
        if (File.Exists(InitScript))
        {
            File.Delete(InitScript);
            Register("remove");
        }
    }

    private string Script() => $"""
        #!/bin/sh
        ### BEGIN INIT INFO
        # Provides:          {_name}
        # Required-Start:    $local_fs $network
        # Required-Stop:     $local_fs $network
        # Default-Start:     2 3 4 5
        # Default-Stop:      0 1 6
        # Short-Description: Wherry
        ### END INIT INFO
        # Made by `wherry up`; `wherry down` removes it.
        case "$1" in
          start) {Environment()} {Command()} </dev/null >/dev/null 2>&1 & ;;
          stop) kill "$(cat {_files.PidFile(SuperviseCommand.Role)})" ;;
        esac

        """;

    private string Environment() => $"{RoleLog.Variable}={_files.Log(SuperviseCommand.Role)}{(DotnetRoot.Found is { } dotnet ? $" DOTNET_ROOT={dotnet}" : "")}";

    private string Command() => string.Join(' ', [_files.Program, .. _files.Arguments(SuperviseCommand.Role)]);

    private bool IsThere(string path) => File.Exists(Path.Combine(_root, path));

    private void Register(string action)
    {
        using var program = Process.Start(new ProcessStartInfo(Path.Combine(_root, "usr/sbin/update-rc.d"), [_name, action]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        program.WaitForExit();
    }
}
