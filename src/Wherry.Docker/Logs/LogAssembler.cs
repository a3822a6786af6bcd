using System.Text;
using Wherry.Docker.Connection;

namespace Wherry.Docker;

/// <summary>Makes log lines of output pieces: one splitter per stream, timestamps taken off.</summary>
internal sealed class LogAssembler(bool isRaw, bool hasTimestamps)
{
    private const int MaxStampBytes = 40;
    private readonly Strand[] _strands = [new(LogStream.Stdout), new(LogStream.Stderr)];

    public IEnumerable<LogLine> Add(OutputPiece piece)
    {
        var strand = _strands[(int)piece.Stream - 1];
        var bytes = piece.Bytes;
        if (piece.StartsFrame && hasTimestamps)
        {
            // A long line comes in several frames, each with a timestamp of its own; the first one counts.
            var (at, rest) = TakeStamp(bytes);
            strand.At = strand.Lines.HasPartial ? strand.At : at;
            bytes = rest;
        }

        foreach (var line in strand.Lines.Add(bytes))
        {
            yield return Make(strand, line);
        }
    }

    /// <summary>The lines without an end that the output stopped in.</summary>
    public IEnumerable<LogLine> Flush() => _strands.Where(s => s.Lines.HasPartial).Select(s => Make(s, s.Lines.Flush()));

    private LogLine Make(Strand strand, ReadOnlyMemory<byte> line)
    {
        if (!isRaw)
        {
            return new(strand.Stream, hasTimestamps ? strand.At : null, line);
        }

        var (at, rest) = hasTimestamps ? TakeStamp(line) : (null, line);
        return new(strand.Stream, at, rest.Span is [.., (byte)'\r'] ? rest[..^1] : rest);
    }

    private static (DateTimeOffset? At, ReadOnlyMemory<byte> Text) TakeStamp(ReadOnlyMemory<byte> bytes)
    {
        var space = bytes.Span[..Math.Min(bytes.Length, MaxStampBytes)].IndexOf((byte)' ');
        return space > 0 && EngineTime.Parse(Encoding.ASCII.GetString(bytes.Span[..space])) is { } at ? (at, bytes[(space + 1)..]) : (null, bytes);
    }

    private sealed class Strand(LogStream stream)
    {
        public LogStream Stream => stream;

        public LineSplitter Lines { get; } = new();

        public DateTimeOffset? At { get; set; }
    }
}
