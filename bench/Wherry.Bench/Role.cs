using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Wherry.Bench;

/// <summary>A server or an edge as a process of its own.</summary>
internal sealed class Role : IAsyncDisposable
{
    private const double TicksPerSecond = 100; // USER_HZ, the same on every Linux

    private readonly Process _process;

    private Role(Process process) => _process = process;

    /// <param name="log">File that takes what it says.</param>
    /// <param name="runtime">Variables that set up its runtime.</param>
    public static Role Start(string program, string log, IReadOnlyDictionary<string, string> runtime, params string[] arguments)
    {
        var start = new ProcessStartInfo("/bin/bash", ["-c", "exec \"$@\" >>\"$0\" 2>&1 </dev/null", log, program, .. arguments]);
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("WHERRY_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in runtime)
        {
            start.Environment[name] = value;
        }

        return new(Process.Start(start)!);
    }

    /// <summary>How a role's unit sets up its runtime; the supervisor does the same.</summary>
    public static IReadOnlyDictionary<string, string> Settings(string repository, string role) => File.ReadLines(Path.Combine(repository, "packaging", $"wherry-{role}.service"))
        .Where(l => l.StartsWith("Environment=DOTNET_", StringComparison.Ordinal))
        .SelectMany(l => l["Environment=".Length..].Split(' '))
        .Select(setting => setting.Split('=', 2))
        .ToDictionary(setting => setting[0], setting => setting[1]);

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
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None); // it cannot refuse
        }

        _process.Dispose();
    }

    /// <summary>Resident memory in MB, shared pages whole.</summary>
    public double ResidentMb() => Kilobytes("status", "VmRSS:") / 1024;

    /// <summary>The same of it and of the processes that it started, each by itself.</summary>
    public double TreeMb() => ResidentMb() + Directory.GetDirectories("/proc").Select(d => Path.GetFileName(d)).Where(d => char.IsAsciiDigit(d[0]) && Parent(d) == _process.Id).Sum(d => Kilobytes(d, "status", "VmRSS:") / 1024);

    /// <summary>Open files, sockets and the like.</summary>
    public int Handles() => Directory.GetFileSystemEntries($"/proc/{_process.Id}/fd").Length;

    /// <summary>Resident memory of several processes together in MB: a page that more than one of them maps counts once. Needs root.</summary>
    public static double TogetherMb(IEnumerable<Role> roles) => roles.SelectMany(r => r.Pages()).Distinct().Count() * (double)Environment.SystemPageSize / 1024 / 1024;

    /// <summary>Numbers of the physical pages that are mapped.</summary>
    private List<long> Pages()
    {
        using var map = File.OpenHandle($"/proc/{_process.Id}/pagemap");
        var pages = new List<long>();
        (long Start, long End) range = default;
        foreach (var line in File.ReadLines($"/proc/{_process.Id}/smaps"))
        {
            // "start-end rw-p ..." begins a range; what follows tells about it.
            var ends = line[..line.IndexOf(' ', StringComparison.Ordinal)].Split('-');
            if (ends.Length == 2)
            {
                range = (long.Parse(ends[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture), long.Parse(ends[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
            }
            else if (ends[0] == "Rss:" && !line.EndsWith(" 0 kB", StringComparison.Ordinal))
            {
                AddPresent(map, range.Start, range.End, pages);
            }
        }

        return pages;
    }

    /// <summary>Source of the layout: proc_pid_pagemap(5). Eight bytes a page; bit 63: present, bits 0 to 54: its number.</summary>
    private static void AddPresent(SafeFileHandle map, long start, long end, List<long> pages)
    {
        var entries = new byte[64 << 10];
        for (var at = start / Environment.SystemPageSize; at < end / Environment.SystemPageSize; at += entries.Length / 8)
        {
            var wanted = (int)Math.Min(entries.Length, ((end / Environment.SystemPageSize) - at) * 8);
            var read = RandomAccess.Read(map, entries.AsSpan(0, wanted), at * 8);
            foreach (var entry in MemoryMarshal.Cast<byte, long>(entries.AsSpan(0, read)))
            {
                if (entry < 0)
                {
                    var number = entry & ((1L << 55) - 1);
                    pages.Add(number != 0 ? number : throw new InvalidOperationException("The kernel tells the numbers of pages to root alone: run the measurement as root."));
                }
            }
        }
    }

    /// <summary>Processor time so far.</summary>
    public TimeSpan ProcessorTime()
    {
        var stat = File.ReadAllText($"/proc/{_process.Id}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return TimeSpan.FromSeconds((long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond);
    }

    private static int Parent(string process)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{process}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0; // it ended in between
        }
    }

    private double Kilobytes(string file, string key) => Kilobytes(_process.Id.ToString(CultureInfo.InvariantCulture), file, key);

    private static double Kilobytes(string process, string file, string key) => double.Parse(
        File.ReadLines($"/proc/{process}/{file}").First(l => l.StartsWith(key, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
}
