using Microsoft.Win32.SafeHandles;
using Wherry.Client;

namespace Wherry.Server.Logs;

/// <summary>Finds where reading starts.</summary>
internal sealed class SegmentSearch(SegmentLog log, string? service)
{
    /// <param name="gone"><see langword="true"/> when lines that were asked for are no longer kept.</param>
    public long Start(LogQuery query, out bool gone)
    {
        var segments = log.Segments;
        var oldest = segments.IsEmpty ? log.End : segments[0];
        gone = query.From is { } wanted && (wanted < oldest || wanted > log.End);
        return query switch
        {
            { From: not null } when gone => oldest,
            { From: { } from } => NextLine(from),
            { Tail: { } tail } => Backwards(tail, query.Since),
            { Since: { } since } => FirstSegmentSince(since),
            _ => oldest,
        };
    }

    /// <summary>An offset inside a line (nobody was given such a one) starts at the next.</summary>
    private long NextLine(long offset)
    {
        var segment = log.Segments.LastOrDefault(s => s <= offset, -1);
        if (segment < 0 || segment == offset || offset == log.End || SegmentFile.TryOpenToRead(log.FileOf(segment)) is not { } handle)
        {
            return offset;
        }

        using (handle)
        {
            Span<byte> before = stackalloc byte[1];
            while (RandomAccess.Read(handle, before, offset - 1 - segment) == 1 && before[0] != '\n')
            {
                offset++;
            }
        }

        return offset;
    }

    /// <summary>Start of the last <paramref name="lines"/> lines that match.</summary>
    private long Backwards(int lines, DateTimeOffset? since)
    {
        var start = log.End;
        var mark = SegmentReader.Mark(service);
        foreach (var segment in log.Segments.Reverse())
        {
            using var handle = lines > 0 ? SegmentFile.TryOpenToRead(log.FileOf(segment)) : null;
            if (handle is null)
            {
                break;
            }

            foreach (var (line, from) in new LinesBackwards(handle, start - segment))
            {
                if (SegmentReader.Parse(line.Span, mark) is { } record && (service is null || record.Service == service))
                {
                    if (record.At < since)
                    {
                        return start;
                    }

                    lines--;
                }

                start = segment + from;
                if (lines == 0)
                {
                    break;
                }
            }
        }

        return start;
    }

    /// <summary>Segments are in the order of time; the one before the first that begins later may hold some of it.</summary>
    private long FirstSegmentSince(DateTimeOffset since)
    {
        var segments = log.Segments;
        var i = segments.Length;
        while (--i > 0)
        {
            if (SegmentFile.TryOpenToRead(log.FileOf(segments[i])) is not { } handle)
            {
                continue;
            }

            using (handle)
            {
                if (First(handle) is { } first && first.At < since)
                {
                    break;
                }
            }
        }

        return segments.IsEmpty ? log.End : segments[Math.Max(i, 0)];
    }

    private static LogRecord? First(SafeFileHandle handle)
    {
        var block = new byte[16 << 10];
        var read = RandomAccess.Read(handle, block, 0);
        var line = block.AsSpan(0, read).IndexOf((byte)'\n');
        return line < 0 ? null : SegmentReader.Parse(block.AsSpan(0, line));
    }
}
