using System.Globalization;
using System.Runtime.InteropServices;

namespace Wherry.Cli.Supervision;

/// <summary>Sends what a role prints to a file, so that it outlives whoever started it. Under systemd the journal does this instead.</summary>
internal static partial class RoleLog
{
    /// <summary>Environment variable with the path of the log.</summary>
    public const string Variable = "WHERRY_LOG";

    private const long RotateAt = 10 << 20;
    private const int Keep = 3;
    private const int WriteOnly = 0x1;
    private const int Create = 0x40;
    private const int AtTheEnd = 0x400; // O_APPEND: every write goes to where the file ends then, also after it was emptied
    private const int NotInherited = 0x80000;
    private const int OwnerOnly = 0x180; // 0600

    private static readonly TimeSpan KeepFor = TimeSpan.FromDays(30);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMinutes(1);

    private static ITimer? _looking;

    /// <summary>From here on standard output and error of this process, and of those it starts, go to the file that <see cref="Variable"/> names.</summary>
    public static void RedirectIfAsked()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } path)
        {
            return;
        }

        Environment.SetEnvironmentVariable(Variable, null);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        Rotate(path, RotateAt, TimeProvider.System);
        using var nothing = File.OpenHandle("/dev/null");
        var log = Open(path, WriteOnly | Create | AtTheEnd | NotInherited, OwnerOnly);
        _ = Duplicate((int)nothing.DangerousGetHandle(), 0);
        if (log >= 0)
        {
            _ = Duplicate(log, 1);
            _ = Duplicate(log, 2);
            _ = Close(log);
        }

        _looking = TimeProvider.System.CreateTimer(_ => Rotate(path, RotateAt, TimeProvider.System), null, LookEvery, LookEvery);
    }

    /// <summary>Copies a log that has grown to its size to <c>.1</c> and empties it, because other processes hold it open; old ones go by number and by age.</summary>
    /// <remarks>A full disk costs the old lines: an empty log is better than one that grows.</remarks>
    internal static void Rotate(string path, long at, TimeProvider time)
    {
        try
        {
            foreach (var expired in Enumerable.Range(1, Keep).Select(n => Old(path, n)).Where(f => File.Exists(f) && time.GetUtcNow() - File.GetLastWriteTimeUtc(f) > KeepFor))
            {
                File.Delete(expired);
            }

            if (!File.Exists(path) || new FileInfo(path).Length <= at)
            {
                return;
            }

            for (var n = Keep - 1; n > 0; n--)
            {
                if (File.Exists(Old(path, n)))
                {
                    File.Move(Old(path, n), Old(path, n + 1), overwrite: true);
                }
            }

            TryCopy(path, Old(path, 1));
            using var log = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
            log.SetLength(0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Tried again in a minute.
        }
    }

    private static void TryCopy(string from, string to)
    {
        try
        {
            File.Copy(from, to, overwrite: true);
        }
        catch (IOException)
        {
            File.Delete(to);
        }
    }

    private static string Old(string path, int number) => string.Create(CultureInfo.InvariantCulture, $"{path}.{number}");

    /// <summary>Leaves the session of whoever started this process: the end of their terminal does not end it.</summary>
    public static void LeaveSession() => _ = NewSession();

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Close(int handle);

    [LibraryImport("libc", EntryPoint = "dup2")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Duplicate(int from, int to);

    [LibraryImport("libc", EntryPoint = "setsid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int NewSession();
}
