using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Wherry.Client;

namespace Wherry.Server.Logs;

/// <summary>Reads a <see cref="SegmentLog"/>.</summary>
/// <param name="log">What is read.</param>
/// <param name="service">Only records of this service; <see langword="null"/>: all.</param>
/// <param name="time">Clock of the notice about missing lines.</param>
internal sealed class SegmentReader(SegmentLog log, string? service, TimeProvider time)
{
    private const int BlockBytes = 64 << 10;

    private readonly byte[] _mark = Mark(service);

    /// <summary>The lines that were asked for, in the order they were written. With <see cref="LogQuery.Follow"/> it ends when the log is complete.</summary>
    public async IAsyncEnumerable<LogLine> ReadAsync(LogQuery query, [EnumeratorCancellation] CancellationToken ct)
    {
        var offset = new SegmentSearch(log, service).Start(query, out var gone);
        if (gone)
        {
            yield return Gone(offset);
        }

        var since = query.From is null ? query.Since : null;
        var until = query.Follow ? long.MaxValue : log.End;
        while (offset < until)
        {
            var complete = log.IsComplete; // Asked before reading: what is appended before completion is read.
            var end = Math.Min(until, log.End);
            var from = offset;
            foreach (var (record, next) in Available(from, end))
            {
                ct.ThrowIfCancellationRequested();
                offset = next;
                if (record is not null && IsWanted(record, since))
                {
                    yield return record.ToLine(next);
                }
            }

            if (offset == from && offset < end)
            {
                offset = log.Segments.FirstOrDefault(s => s > offset, end);
                yield return Gone(offset);
            }
            else if (offset == end && complete)
            {
                yield break;
            }
            else if (query.Follow)
            {
                await log.ChangedAsync(offset, ct);
            }
        }
    }

    /// <summary>All readable records from <paramref name="offset"/> to the present end, of any service.</summary>
    public IEnumerable<LogRecord> Records(long offset) =>
        Available(Math.Max(offset, log.Segments.FirstOrDefault()), log.End).Select(r => r.Record).OfType<LogRecord>();

    private bool IsWanted(LogRecord record, DateTimeOffset? since) =>
        (service is null || record.Service == service) && (since is null || record.At >= since);

    private LogLine Gone(long offset) => new(offset, time.GetUtcNow(), "wherry", "wherry", "The lines before this are no longer kept.");

    /// <summary>Records in front of <paramref name="end"/>, each with the offset behind it; <see langword="null"/> for an unreadable one or one of another service. Ends early where a file is gone.</summary>
    private IEnumerable<(LogRecord? Record, long Next)> Available(long offset, long end)
    {
        var segments = log.Segments;
        for (var i = segments.Count(s => s <= offset) - 1; i >= 0 && i < segments.Length && offset < end; i++)
        {
            var stop = i + 1 < segments.Length ? Math.Min(end, segments[i + 1]) : end;
            if (stop <= offset)
            {
                continue;
            }

            using var handle = SegmentFile.TryOpenToRead(log.FileOf(segments[i]));
            if (handle is null)
            {
                yield break;
            }

            foreach (var (record, next) in Lines(handle, segments[i], Math.Max(offset, segments[i]), stop))
            {
                yield return (record, offset = next);
            }
        }
    }

    private IEnumerable<(LogRecord? Record, long Next)> Lines(SafeFileHandle handle, long segment, long from, long stop)
    {
        var block = ArrayPool<byte>.Shared.Rent(BlockBytes);
        try
        {
            var held = 0; // Bytes of a line that is not yet whole.
            while (from + held < stop)
            {
                if (held == block.Length)
                {
                    block = Grow(block);
                }

                var read = RandomAccess.Read(handle, block.AsSpan(held, (int)Math.Min(block.Length - held, stop - from - held)), from + held - segment);
                if (read == 0)
                {
                    yield break;
                }

                held += read;
                var done = 0;
                for (int line; (line = block.AsSpan(done, held - done).IndexOf((byte)'\n')) >= 0; done += line + 1)
                {
                    yield return (Parse(block.AsSpan(done, line), _mark), from + done + line + 1);
                }

                from += done;
                held -= done;
                block.AsSpan(done, held).CopyTo(block);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    private static byte[] Grow(byte[] block)
    {
        var larger = ArrayPool<byte>.Shared.Rent(block.Length * 2);
        block.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(block);
        return larger;
    }

    /// <summary>What stands in every line of the service: lines without it need not be parsed. Quotes in a line's text are escaped, so they never look like it.</summary>
    internal static byte[] Mark(string? service) => service is null ? [] : Encoding.UTF8.GetBytes($"\"service\":\"{service}\"");

    /// <returns><see langword="null"/> for a line without the mark, or one that is no record.</returns>
    internal static LogRecord? Parse(ReadOnlySpan<byte> line, ReadOnlySpan<byte> mark = default)
    {
        if (line.IndexOf(mark) < 0)
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(line, LogJson.Default.LogRecord);
        }
        catch (JsonException)
        {
            // Written by a disk that failed, or by another program: the lines after it are still good.
            return null;
        }
    }
}
