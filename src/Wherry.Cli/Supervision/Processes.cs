using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Wherry.Cli.Supervision;

/// <summary>Processes as the kernel knows them, also those that somebody else started.</summary>
internal static partial class Processes
{
    public const int Hangup = 1;

    public const int Terminate = 15;

    public const int Kill = 9;

    private const int CloseOnExec = 4;

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);

    /// <summary>The program that a process runs; <see langword="null"/> when there is no such process.</summary>
    public static string? ProgramOf(int pid) => File.ResolveLinkTarget($"/proc/{pid}/exe", returnFinalTarget: false)?.FullName;

    /// <summary>Arguments without the program; <see langword="null"/> when there is no such process.</summary>
    public static IReadOnlyList<string>? ArgumentsOf(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline").Split('\0', StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } all ? all[1..] : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    public static void Signal(int pid, int signal) => _ = SendSignal(pid, signal);

    /// <summary>Asks a process to end; kills it when it has not within <paramref name="grace"/>.</summary>
    public static async Task StopAsync(int pid, TimeSpan grace, TimeProvider time, CancellationToken ct)
    {
        Signal(pid, Terminate);
        if (!await EndedAsync(pid, grace, time, ct))
        {
            Signal(pid, Kill);
            await EndedAsync(pid, TimeSpan.FromSeconds(10), time, ct);
        }
    }

    /// <returns><see langword="false"/> when it still runs after <paramref name="within"/>.</returns>
    public static async Task<bool> EndedAsync(int pid, TimeSpan within, TimeProvider time, CancellationToken ct)
    {
        var start = time.GetTimestamp();
        while (IsRunning(pid))
        {
            if (time.GetElapsedTime(start) > within)
            {
                return false;
            }

            await Task.Delay(LookEvery, time, ct);
        }

        return true;
    }

    /// <summary>Runs, and is not merely waiting to be collected by its parent.</summary>
    public static bool IsRunning(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Starts the program of this home in a role, with its output in <paramref name="log"/>.</summary>
    public static Process Start(string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment, string log)
    {
        // Pipes of our own instead of the caller's: the runtime keeps copies of what it was started with, and who reads the caller's would wait for ever.
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = "/", RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment[RoleLog.Variable] = log;
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        start.Environment.Remove(RememberedStore.Variable); // it has a password in it, and the server reads the file that keeps it
        KeepFilesToOurselves();
        return Process.Start(start)!;
    }

    /// <summary>What this process inherited from whoever started it ends with it: a pipe that lived on in a daemon would keep its reader waiting for ever.</summary>
    private static void KeepFilesToOurselves()
    {
        try
        {
            _ = CloseRange(3, uint.MaxValue, CloseOnExec);
        }
        catch (EntryPointNotFoundException)
        {
            // A C library from before 2021; then the caller's files stay open in what is started.
        }
    }

    [LibraryImport("libc", EntryPoint = "close_range")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int CloseRange(uint first, uint last, int flags);

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SendSignal(int pid, int signal);
}
