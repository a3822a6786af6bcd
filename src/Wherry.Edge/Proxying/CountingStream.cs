using Microsoft.AspNetCore.Http;

namespace Wherry.Edge.Proxying;

/// <summary>Passes everything on and counts it. Made once per connection and pointed at one body after the other.</summary>
internal sealed class CountingStream(ByteCount count) : Stream
{
    private Stream _inner = Null;

    /// <summary>Most bytes that may be read; the first one beyond ends the request with 413.</summary>
    public long? Limit { get; set; }

    /// <summary>Flushed when a read has to wait.</summary>
    public Stream? FlushWhileWaiting { get; set; }

    /// <summary>Keeps what is read.</summary>
    public BodyCopy? Copy { get; set; }

    public override bool CanRead => _inner.CanRead;

    public override bool CanWrite => _inner.CanWrite;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public CountingStream Around(Stream inner)
    {
        _inner = inner;
        Limit = null;
        Copy = null;
        return this;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var reading = _inner.ReadAsync(buffer, cancellationToken);
        if (!reading.IsCompleted && FlushWhileWaiting is { } outgoing)
        {
            await outgoing.FlushAsync(cancellationToken);
        }

        var read = await reading;
        count.Read(read);
        Copy?.Passed(buffer.Span[..read]);
        return count.In > Limit ? throw new BadHttpRequestException("The body is larger than allowed.", StatusCodes.Status413PayloadTooLarge) : read;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        count.Wrote(buffer.Length);
        return _inner.WriteAsync(buffer, cancellationToken);
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => _inner.FlushAsync(cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    // The server allows no synchronous reads and writes; these make that plain.
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
