using Wherry.Core.Problems;

namespace Wherry.Cli.Deployments;

/// <summary>A file with the length it had when it was opened: one that grows meanwhile, a log say, would break the tar.</summary>
/// <param name="path">For the message when it shrinks instead.</param>
internal sealed class FixedLengthStream(FileStream file, string path) : Stream
{
    private readonly long _length = file.Length;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => _length;

    public override long Position
    {
        get => file.Position;
        set => file.Position = value;
    }

    public override int Read(Span<byte> buffer) => Checked(file.Read(Cut(buffer)), buffer.Length);

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Checked(await file.ReadAsync(buffer[..(int)Math.Min(buffer.Length, _length - file.Position)], cancellationToken), buffer.Length);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override long Seek(long offset, SeekOrigin origin) => file.Seek(offset, origin);

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private Span<byte> Cut(Span<byte> buffer) => buffer[..(int)Math.Min(buffer.Length, _length - file.Position)];

    private int Checked(int read, int wanted) => read > 0 || wanted == 0 || file.Position >= _length
        ? read
        : throw new Problem("upload/file-changed", $"{path} became shorter while it was uploaded.", "Try again when nothing writes to the folder.").AsException();
}
