using Wherry.Core.Preflight;

namespace Wherry.Core.Disk;

/// <summary>How a disk is doing.</summary>
public enum DiskVerdict
{
    Ok,

    /// <summary>More is used than the budget allows, or it is full within a week.</summary>
    Warning,

    /// <summary>Deployments are refused.</summary>
    Problem,
}

/// <summary>When a disk is reported and cleaned.</summary>
public static class DiskBudget
{
    private static readonly TimeSpan Soon = TimeSpan.FromDays(7);

    /// <summary>Share of the disk that is used, 0 to 100.</summary>
    public static double UsedPercent(DiskFacts disk) => disk.Size.Bytes == 0 ? 0 : 100.0 * (disk.Size.Bytes - disk.Free.Bytes) / disk.Size.Bytes;

    /// <param name="percent">Share of the disk that may be used.</param>
    /// <param name="fullIn">Time until it is full, when it is known.</param>
    public static DiskVerdict Judge(DiskFacts disk, int percent, TimeSpan? fullIn) => disk switch
    {
        _ when DiskFloor.Check(disk) is not null => DiskVerdict.Problem,
        _ when UsedPercent(disk) > percent || fullIn < Soon => DiskVerdict.Warning,
        _ => DiskVerdict.Ok,
    };
}
