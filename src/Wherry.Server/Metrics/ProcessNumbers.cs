using System.Diagnostics;
using Wherry.Core.Metrics;

namespace Wherry.Server.Metrics;

/// <summary>The process as Prometheus' own libraries tell of it.</summary>
internal static class ProcessNumbers
{
    public static void Write(PrometheusText text)
    {
        using var process = Process.GetCurrentProcess();
        text.One("process_resident_memory_bytes", "gauge", "Resident memory.", process.WorkingSet64);
        text.One("process_cpu_seconds_total", "counter", "User and system time.", process.TotalProcessorTime.TotalSeconds);
        text.One("process_open_fds", "gauge", "Open file handles.", Directory.EnumerateFileSystemEntries("/proc/self/fd").Count());
        text.One("process_start_time_seconds", "gauge", "When the process began, in seconds since 1970.", new DateTimeOffset(process.StartTime.ToUniversalTime()).ToUnixTimeSeconds());
        text.One("process_threads", "gauge", "Operating system threads.", process.Threads.Count);
    }
}
