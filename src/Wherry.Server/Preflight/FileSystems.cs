using System.Globalization;
using System.Runtime.InteropServices;
using Wherry.Core.Model;
using Wherry.Core.Preflight;

namespace Wherry.Server.Preflight;

/// <summary>Which disk a folder is on, and how full it is.</summary>
internal static partial class FileSystems
{
    /// <summary>The disk of each folder, each disk once.</summary>
    /// <returns>With the folders on it; a folder that does not exist is left out.</returns>
    public static IReadOnlyList<(DiskFacts Disk, IReadOnlyList<string> Folders)> Of(params IEnumerable<string> folders) =>
    [
        .. from folder in folders
           where Directory.Exists(folder)
           group folder by MountOf(folder) into mount
           let disk = Look(mount.Key)
           where disk is not null
           select (disk, (IReadOnlyList<string>)[.. mount]),
    ];

    private static DiskFacts? Look((string Device, string At) mount)
    {
        // struct statvfs of the 64-bit C libraries: words of eight bytes, and room for what follows them.
        Span<ulong> words = stackalloc ulong[32];
        if (Ask(mount.At, ref MemoryMarshal.GetReference(words)) != 0)
        {
            return null;
        }

        var (unit, blocks, free, files, freeFiles) = (words[1], words[2], words[4], words[5], words[7]);
        return new DiskFacts(mount.Device, mount.At, ByteSize.Of((long)(unit * blocks)), ByteSize.Of((long)(unit * free)), (long)files, (long)freeFiles, []);
    }

    /// <summary>The mount that the folder is on: the last one of those with the longest path.</summary>
    private static (string Device, string At) MountOf(string folder)
    {
        var path = Path.GetFullPath(folder);
        var found = (Device: "/", At: "/");
        foreach (var line in File.ReadLines("/proc/self/mountinfo"))
        {
            var words = line.Split(' ');
            var at = Unescaped(words[4]);
            if (at.Length >= found.At.Length && (path == at || at == "/" || path.StartsWith(at + "/", StringComparison.Ordinal)))
            {
                var dash = Array.IndexOf(words, "-");
                found = (Unescaped(words[dash + 2]) is var device && device.StartsWith('/') ? device : words[dash + 1], at);
            }
        }

        return found;
    }

    /// <summary>The kernel writes spaces and the like as <c>\040</c>.</summary>
    private static string Unescaped(string text) => text.Contains('\\', StringComparison.Ordinal)
        ? Octal().Replace(text, m => ((char)Convert.ToInt32(m.Value[1..], 8)).ToString(CultureInfo.InvariantCulture))
        : text;

    [System.Text.RegularExpressions.GeneratedRegex(@"\\[0-7]{3}")]
    private static partial System.Text.RegularExpressions.Regex Octal();

    [LibraryImport("libc", EntryPoint = "statvfs", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Ask(string path, ref ulong answer);
}
