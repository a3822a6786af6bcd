using System.Buffers;

namespace Wherry.Docker;

/// <summary>Collects bytes until a line is whole. Works on bytes, so a character that arrives in two parts is never cut.</summary>
internal sealed class LineSplitter
{
    /// <summary>A longer line is handed out in parts of this size.</summary>
    public const int MaxLineBytes = 1024 * 1024;

    private readonly ArrayBufferWriter<byte> _partial = new();

    public bool HasPartial => _partial.WrittenCount > 0;

    /// <summary>Adds bytes; returns the lines they complete, without their ends.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Add(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var room = MaxLineBytes - _partial.WrittenCount;
            var end = bytes.Span.IndexOf((byte)'\n');
            if (end < 0 && bytes.Length < room)
            {
                _partial.Write(bytes.Span);
                yield break;
            }

            var (take, skip) = end >= 0 && end <= room ? (end, end + 1) : (room, room);
            yield return Finish(bytes[..take]);
            bytes = bytes[skip..];
        }
    }

    /// <summary>The line without an end that the output stopped in.</summary>
    public ReadOnlyMemory<byte> Flush() => Finish(default);

    private ReadOnlyMemory<byte> Finish(ReadOnlyMemory<byte> rest)
    {
        if (!HasPartial)
        {
            return rest;
        }

        _partial.Write(rest.Span);
        var line = _partial.WrittenSpan.ToArray();
        _partial.ResetWrittenCount();
        return line;
    }
}
