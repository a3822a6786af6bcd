using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Wherry.Docker;

/// <summary>A piece of output.</summary>
/// <param name="StartsFrame">Whether the engine began a write of its own here.</param>
internal readonly record struct OutputPiece(LogStream Stream, ReadOnlyMemory<byte> Bytes, bool StartsFrame);

/// <summary>Takes the engine's output apart: frames of eight bytes head (stream, three zeros, length) and a body, or with a terminal the bare bytes.</summary>
internal sealed class FrameReader(Func<Memory<byte>, CancellationToken, ValueTask<int>> read, bool isRaw)
{
    private const int HeadBytes = 8;
    private const int BufferBytes = 64 * 1024;

    // Grows as output comes: most of many followed logs are silent most of the time.
    private byte[] _buffer = new byte[4 * 1024];
    private bool _wasFilled;
    private int _start;
    private int _end;

    /// <summary>Pieces in order until the output ends. Each owns its bytes.</summary>
    /// <exception cref="EndOfStreamException">The output ended inside a frame.</exception>
    public async IAsyncEnumerable<OutputPiece> ReadAsync([EnumeratorCancellation] CancellationToken ct)
    {
        if (isRaw)
        {
            while (await FillAsync(1, ct))
            {
                yield return new(LogStream.Stdout, Take(_end - _start), StartsFrame: false);
            }

            yield break;
        }

        while (await FillAsync(HeadBytes, ct))
        {
            var stream = _buffer[_start] == (byte)LogStream.Stderr ? LogStream.Stderr : LogStream.Stdout;
            var left = BinaryPrimitives.ReadUInt32BigEndian(_buffer.AsSpan(_start + 4, 4));
            _start += HeadBytes;
            for (var first = true; left > 0; first = false)
            {
                // A frame that fits is waited for as a whole, so that what stands at its start stays in one piece.
                if (!await FillAsync((int)Math.Min(left, BufferBytes), ct))
                {
                    throw new EndOfStreamException("the engine's output ended inside a frame");
                }

                var count = (int)Math.Min(left, _end - _start);
                left -= (uint)count;
                yield return new(stream, Take(count), first);
            }
        }
    }

    private byte[] Take(int count)
    {
        var taken = _buffer.AsSpan(_start, count).ToArray();
        _start += count;
        return taken;
    }

    /// <summary>Makes at least <paramref name="count"/> bytes available; <see langword="false"/> at a clean end.</summary>
    private async ValueTask<bool> FillAsync(int count, CancellationToken ct)
    {
        if (_buffer.Length < count || (_wasFilled && _buffer.Length < BufferBytes))
        {
            Move(new byte[Math.Max(count, Math.Min(BufferBytes, _buffer.Length * 4))]);
        }
        else if (_buffer.Length - _start < count)
        {
            Move(_buffer);
        }

        while (_end - _start < count)
        {
            var got = await read(_buffer.AsMemory(_end), ct);
            if (got == 0)
            {
                return _end == _start ? false : throw new EndOfStreamException("the engine's output ended inside a frame");
            }

            _end += got;
            _wasFilled = _end == _buffer.Length;
        }

        return true;
    }

    private void Move(byte[] to)
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(to);
        (_buffer, _start, _end, _wasFilled) = (to, 0, _end - _start, false);
    }
}
