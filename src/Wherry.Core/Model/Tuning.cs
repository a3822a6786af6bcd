namespace Wherry.Core.Model;

/// <summary>Weights and limits that the kernel applies beside <see cref="Resources"/>. Absent values leave the engine's default.</summary>
public sealed record Tuning
{
    /// <summary>Weight beside other containers; the engine's default is 1024.</summary>
    public long? CpuShares { get; init; }

    /// <summary>In microseconds.</summary>
    public long? CpuPeriod { get; init; }

    /// <summary>In microseconds per period; -1 is no limit.</summary>
    public long? CpuQuota { get; init; }

    /// <summary>In microseconds.</summary>
    public long? CpuRealtimePeriod { get; init; }

    /// <summary>In microseconds per period.</summary>
    public long? CpuRealtimeRuntime { get; init; }

    /// <summary>Cores it may run on: <c>0-3</c>, <c>0,2</c>.</summary>
    public string? Cpuset { get; init; }

    /// <summary>0 to 100; -1 is the host's.</summary>
    public long? MemorySwappiness { get; init; }

    /// <summary>Memory and swap together, in bytes; -1 is no limit.</summary>
    public long? MemorySwap { get; init; }

    public bool? OomKillDisable { get; init; }

    /// <summary>-1000 to 1000.</summary>
    public int? OomScoreAdj { get; init; }

    public BlockIo? BlockIo { get; init; }
}

/// <summary>Weight and bounds of what a container does with block devices.</summary>
/// <param name="Weight">10 to 1000.</param>
public sealed record BlockIo(
    int? Weight = null,
    IReadOnlyList<DeviceRate>? WeightDevices = null,
    IReadOnlyList<DeviceRate>? ReadBps = null,
    IReadOnlyList<DeviceRate>? WriteBps = null,
    IReadOnlyList<DeviceRate>? ReadIops = null,
    IReadOnlyList<DeviceRate>? WriteIops = null);

/// <summary>A number for one device.</summary>
/// <param name="Path">For instance <c>/dev/sda</c>.</param>
/// <param name="Rate">Weight, bytes per second or operations per second.</param>
public sealed record DeviceRate(string Path, long Rate);
