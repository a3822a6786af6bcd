using System.Diagnostics;
using System.Globalization;

namespace Wherry.Bench;

/// <summary>A server or an edge as a process of its own.</summary>
internal sealed class Role : IAsyncDisposable
{
    private const double TicksPerSecond = 100; // USER_HZ, the same on every Linux

    private readonly Process _process;

    private Role(Process process) => _process = process;

    /// <param name="log">File that takes what it says.</param>
    public static Role Start(string program, string log, params string[] arguments)
    {
        var start = new ProcessStartInfo("/bin/bash", ["-c", "exec \"$@\" >>\"$0\" 2>&1 </dev/null", log, program, .. arguments]);
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("WHERRY_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }

        return new(Process.Start(start)!);
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None); // it cannot refuse
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    /// <summary>Resident memory in MB, shared pages whole.</summary>
    public double ResidentMb() => Kilobytes("status", "VmRSS:") / 1024;

    /// <summary>Resident memory in MB, a page that n processes share counted as 1/n.</summary>
    public double ProportionalMb() => Kilobytes("smaps_rollup", "Pss:") / 1024;

    /// <summary>Processor time so far.</summary>
    public TimeSpan ProcessorTime()
    {
        var stat = File.ReadAllText($"/proc/{_process.Id}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return TimeSpan.FromSeconds((long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond);
    }

    private double Kilobytes(string file, string key) => double.Parse(
        File.ReadLines($"/proc/{_process.Id}/{file}").First(l => l.StartsWith(key, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
}
