using Wherry.Core.Model;

namespace Wherry.Server.Disk;

/// <summary>How much of the disks may be used.</summary>
public sealed record DiskOptions
{
    /// <summary>Share of a disk that may be in use, by whomever, before it is reported and cleaned. Default 80.</summary>
    public int BudgetPercent { get; init; } = 80;

    /// <summary>Size to which the engine's build cache is cut, least recently used first, once a day and when a disk is over its budget.
    /// <see langword="null"/>, the default: it is left alone, since nobody can tell Wherry's part of it from that of others.</summary>
    public ByteSize? BuildCacheMax { get; init; }

    /// <summary>Pause between looks at the disks. Default 5 min.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromMinutes(5);
}
