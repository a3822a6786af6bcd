using System.Runtime.InteropServices;

namespace Wherry.Cli.Supervision;

/// <summary>Sends what a role prints to a file, so that it outlives whoever started it. Under systemd the journal does this instead.</summary>
internal static partial class RoleLog
{
    /// <summary>Environment variable with the path of the log.</summary>
    public const string Variable = "WHERRY_LOG";

    private const long RotateAt = 10 << 20;

    /// <summary>From here on standard output and error of this process, and of those it starts, go to the file that <see cref="Variable"/> names.</summary>
    public static void RedirectIfAsked()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } path)
        {
            return;
        }

        Environment.SetEnvironmentVariable(Variable, null);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (File.Exists(path) && new FileInfo(path).Length > RotateAt)
        {
            File.Move(path, path + ".1", overwrite: true);
        }

        using var nothing = File.OpenHandle("/dev/null");
        using var log = new FileStream(path, new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.ReadWrite | FileShare.Delete, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
        _ = Duplicate((int)nothing.DangerousGetHandle(), 0);
        _ = Duplicate((int)log.SafeFileHandle.DangerousGetHandle(), 1);
        _ = Duplicate((int)log.SafeFileHandle.DangerousGetHandle(), 2);
    }

    /// <summary>Leaves the session of whoever started this process: the end of their terminal does not end it.</summary>
    public static void LeaveSession() => _ = NewSession();

    [LibraryImport("libc", EntryPoint = "dup2")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Duplicate(int from, int to);

    [LibraryImport("libc", EntryPoint = "setsid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int NewSession();
}
