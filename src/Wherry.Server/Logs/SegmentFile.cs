using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Wherry.Server.Logs;

/// <summary>Names and handles of segment files.</summary>
internal static class SegmentFile
{
    private const string Extension = ".log";

    public static string Path(string folder, long segment) => System.IO.Path.Combine(folder, segment.ToString("D20", CultureInfo.InvariantCulture) + Extension);

    /// <summary>First offsets of the files in the folder, ascending; none when there is no folder.</summary>
    public static ImmutableArray<long> List(string folder) => !Directory.Exists(folder)
        ? []
        : [.. Directory.EnumerateFiles(folder, "*" + Extension)
            .Select(f => long.TryParse(System.IO.Path.GetFileNameWithoutExtension(f), NumberStyles.None, CultureInfo.InvariantCulture, out var start) ? start : -1)
            .Where(start => start >= 0)
            .Order()];

    public static SafeFileHandle OpenToWrite(string file)
    {
        var handle = File.OpenHandle(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        File.SetUnixFileMode(handle, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return handle;
    }

    /// <summary><see langword="null"/> when the file was deleted in the meantime.</summary>
    public static SafeFileHandle? TryOpenToRead(string file)
    {
        try
        {
            return File.OpenHandle(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
        }
        catch (IOException e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}
