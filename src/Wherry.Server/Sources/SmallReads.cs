using Wherry.Core.Problems;

namespace Wherry.Server.Sources;

/// <summary>Refuses to be read in large pieces. Files of an archive are copied in small ones; only a name or attribute of many megabytes is read at once.</summary>
internal sealed class SmallReads(Stream inner) : Stream
{
    private const int MaxBytes = 1 << 20;

    /// <summary>Whether anything came.</summary>
    public bool Any { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => Seen(await inner.ReadAsync(Checked(buffer.Length, buffer), cancellationToken));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => Seen(inner.Read(Checked(count, buffer), offset, count));

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private int Seen(int read)
    {
        Any |= read > 0;
        return read;
    }

    private static T Checked<T>(int length, T buffer) => length <= MaxBytes
        ? buffer
        : throw new Problem("source/unsafe-entry", "The source holds a name or an attribute of more than 1 MB.", "Make the archive anew, for instance with `wherry deploy`.").AsException();
}
