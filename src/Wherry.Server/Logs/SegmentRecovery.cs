using System.Collections.Immutable;
using Microsoft.Win32.SafeHandles;

namespace Wherry.Server.Logs;

/// <summary>Brings a log into order after a crash.</summary>
internal static class SegmentRecovery
{
    private const int Block = 64 << 10;

    /// <summary>Cuts a torn last line, and the first parts of a long line whose last part is missing: their source will tell the whole line again.</summary>
    public static (ImmutableArray<long> Segments, long End) Recover(string folder)
    {
        var segments = SegmentFile.List(folder);
        if (segments.IsEmpty)
        {
            return (segments, 0);
        }

        var file = SegmentFile.Path(folder, segments[^1]);
        using var handle = SegmentFile.OpenToWrite(file);
        var length = RandomAccess.GetLength(handle);
        var whole = LastLineBreak(handle, length);
        foreach (var (line, start) in new LinesBackwards(handle, whole))
        {
            if (SegmentReader.Parse(line.Span) is not { More: true })
            {
                break;
            }

            whole = start;
        }

        if (whole < length)
        {
            RandomAccess.SetLength(handle, whole);
        }

        return (segments, segments[^1] + whole);
    }

    /// <summary>Position behind the last line break; 0 when there is none.</summary>
    private static long LastLineBreak(SafeFileHandle handle, long length)
    {
        var block = new byte[Block];
        for (var position = length; position > 0; position = Math.Max(0, position - Block))
        {
            var from = Math.Max(0, position - Block);
            var read = RandomAccess.Read(handle, block.AsSpan(0, (int)(position - from)), from);
            var found = block.AsSpan(0, read).LastIndexOf((byte)'\n');
            if (found >= 0)
            {
                return from + found + 1;
            }
        }

        return 0;
    }
}
