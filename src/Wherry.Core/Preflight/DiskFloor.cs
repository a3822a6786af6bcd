using System.Globalization;
using Wherry.Core.Model;
using Wherry.Core.Problems;

namespace Wherry.Core.Preflight;

/// <summary>How much of a disk no deployment may take.</summary>
public static class DiskFloor
{
    private const int Share = 20;
    private const int InodeShare = 100;

    /// <summary>A twentieth of the disk, at most 2 GB: what serves writes logs and data while a deployment is refused.</summary>
    public static ByteSize Of(ByteSize size) => ByteSize.Of(Math.Min(2L << 30, size.Bytes / Share));

    /// <summary>What is wrong with the disk; <see langword="null"/> when there is room.</summary>
    public static Problem? Check(DiskFacts disk)
    {
        var floor = Of(disk.Size);
        if (disk.Free.Bytes < floor.Bytes)
        {
            return Low(disk, $"has {disk.Free} of {disk.Size} free; a deployment leaves {floor}");
        }

        return disk.Inodes > 0 && disk.FreeInodes < disk.Inodes / InodeShare
            ? Low(disk, string.Create(CultureInfo.InvariantCulture, $"has room for {disk.FreeInodes} of {disk.Inodes} files; a deployment leaves one in a hundred"))
            : null;
    }

    private static Problem Low(DiskFacts disk, string finding) => new(
        "server/disk-low",
        $"The disk {disk.Name} at {disk.MountedAt} {finding}.{(disk.Uses.Count == 0 ? "" : $" On it: {string.Join(", ", disk.Uses)}.")}",
        "What serves goes on serving. Free some space: `wherry disk` shows what takes it, `wherry disk clean` removes what nobody can go back to; or give the disk more room.");
}
