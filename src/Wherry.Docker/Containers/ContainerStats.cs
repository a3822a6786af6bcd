using System.Text.Json.Serialization;
using Wherry.Docker.Connection;

namespace Wherry.Docker;

/// <summary>What a container uses at one moment. Sums count from its start.</summary>
public sealed record ContainerStats
{
    public required DateTimeOffset At { get; init; }

    /// <summary>Processor time, all cores together.</summary>
    public TimeSpan CpuTime { get; init; }

    /// <summary>Processor use since the sample before, 100 being one whole core; <see langword="null"/> in a single sample.</summary>
    public double? CpuPercent { get; init; }

    /// <summary>Without the page cache that the kernel would give back.</summary>
    public long MemoryBytes { get; init; }

    /// <summary>The container's limit, or the host's memory.</summary>
    public long MemoryLimitBytes { get; init; }

    public long Pids { get; init; }

    public long ReceivedBytes { get; init; }

    public long SentBytes { get; init; }

    public long DiskReadBytes { get; init; }

    public long DiskWrittenBytes { get; init; }

    /// <summary>Processor use between two samples, 100 being one whole core.</summary>
    public double CpuPercentSince(ContainerStats earlier) => Percent(CpuTime - earlier.CpuTime, At - earlier.At);

    internal static double Percent(TimeSpan used, TimeSpan passed) => passed > TimeSpan.Zero ? Math.Max(0, used / passed * 100) : 0;
}

internal sealed record ContainerStatsWire
{
    [JsonPropertyName("read")]
    public string? Read { get; init; }

    [JsonPropertyName("preread")]
    public string? PreRead { get; init; }

    [JsonPropertyName("cpu_stats")]
    public CpuStatsWire? Cpu { get; init; }

    [JsonPropertyName("precpu_stats")]
    public CpuStatsWire? PreCpu { get; init; }

    [JsonPropertyName("memory_stats")]
    public MemoryStatsWire? Memory { get; init; }

    [JsonPropertyName("pids_stats")]
    public PidsStatsWire? Pids { get; init; }

    [JsonPropertyName("networks")]
    public IReadOnlyDictionary<string, NetworkStatsWire>? Networks { get; init; }

    [JsonPropertyName("blkio_stats")]
    public DiskStatsWire? Disk { get; init; }

    /// <summary><see langword="null"/> while the container does not run: the engine then sends zeros.</summary>
    public ContainerStats? ToStats()
    {
        if (EngineTime.Parse(Read) is not { } at)
        {
            return null;
        }

        var cpu = Cpu?.Time ?? default;
        return new()
        {
            At = at,
            CpuTime = cpu,
            CpuPercent = EngineTime.Parse(PreRead) is { } before && PreCpu is not null ? ContainerStats.Percent(cpu - PreCpu.Time, at - before) : null,
            MemoryBytes = Memory?.WithoutCache ?? 0,
            MemoryLimitBytes = Memory?.Limit ?? 0,
            Pids = Pids?.Current ?? 0,
            ReceivedBytes = Networks?.Values.Sum(n => n.Received) ?? 0,
            SentBytes = Networks?.Values.Sum(n => n.Sent) ?? 0,
            DiskReadBytes = Disk?.Sum("read") ?? 0,
            DiskWrittenBytes = Disk?.Sum("write") ?? 0,
        };
    }
}

internal sealed record CpuStatsWire([property: JsonPropertyName("cpu_usage")] CpuUsageWire? Usage)
{
    public TimeSpan Time => TimeSpan.FromTicks((Usage?.Total ?? 0) / TimeSpan.NanosecondsPerTick);
}

internal sealed record CpuUsageWire([property: JsonPropertyName("total_usage")] long Total);

internal sealed record MemoryStatsWire
{
    [JsonPropertyName("usage")]
    public long Usage { get; init; }

    // Without a limit the engine of cgroup v1 gives a number beyond a signed one.
    [JsonPropertyName("limit")]
    public ulong RawLimit { get; init; }

    // Values may exceed a signed number as well.
    [JsonPropertyName("stats")]
    public IReadOnlyDictionary<string, ulong>? Stats { get; init; }

    public long Limit => (long)Math.Min(RawLimit, long.MaxValue);

    /// <summary>The key differs between cgroup v1 and v2.</summary>
    public long WithoutCache => Math.Max(0, Usage - (long)(Stats?.GetValueOrDefault("total_inactive_file", Stats.GetValueOrDefault("inactive_file")) ?? 0));
}

internal sealed record PidsStatsWire([property: JsonPropertyName("current")] long Current);

internal sealed record NetworkStatsWire(
    [property: JsonPropertyName("rx_bytes")] long Received,
    [property: JsonPropertyName("tx_bytes")] long Sent);

internal sealed record DiskStatsWire([property: JsonPropertyName("io_service_bytes_recursive")] IReadOnlyList<DiskStatWire>? Bytes)
{
    // cgroup v1 writes Read, v2 read.
    public long Sum(string op) => Bytes?.Where(b => string.Equals(b.Op, op, StringComparison.OrdinalIgnoreCase)).Sum(b => b.Value) ?? 0;
}

internal sealed record DiskStatWire([property: JsonPropertyName("op")] string? Op, [property: JsonPropertyName("value")] long Value);
