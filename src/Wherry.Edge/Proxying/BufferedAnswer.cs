using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;

namespace Wherry.Edge.Proxying;

/// <summary>Takes an answer's body and gives it to the visitor when it is whole. What is meant as a stream passes at once.</summary>
internal sealed class BufferedAnswer : IHttpResponseBodyFeature, IAsyncDisposable
{
    private static readonly string[] Streams = ["text/event-stream", "application/x-ndjson", "application/grpc", "multipart/x-mixed-replace"];

    /// <summary>Sent piece by piece, these are streams and long polls too.</summary>
    private static readonly string[] StreamsInChunks = ["text/plain", "application/json"];

    private readonly HttpContext _http;
    private readonly FileBufferingWriteStream _buffer;
    private readonly KeptRoom.Share _share;
    private readonly long _atMost;
    private readonly IHttpResponseBodyFeature _outgoing;
    private readonly Intake _intake;
    private PipeWriter? _writer;
    private long _length;
    private bool _holds;

    public BufferedAnswer(HttpContext http, FileBufferingWriteStream buffer, KeptRoom.Share share, long atMost)
    {
        (_http, _buffer, _share, _atMost) = (http, buffer, share, atMost);
        _outgoing = http.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        _intake = new(this);
        http.Features.Set<IHttpResponseBodyFeature>(this);
    }

    /// <summary>It was more than may be held back; nothing of it went out.</summary>
    public bool TooLarge { get; private set; }

    /// <summary>It could not be written down; nothing of it went out.</summary>
    public bool NotKept { get; private set; }

    public Stream Stream => _intake;

    public PipeWriter Writer => _writer ??= PipeWriter.Create(_intake);

    /// <summary>Decides, by its head, whether an answer is held back.</summary>
    public void Look(HttpResponseMessage answer)
    {
        var type = answer.Content.Headers.ContentType?.MediaType ?? "";
        _holds = answer.StatusCode != System.Net.HttpStatusCode.SwitchingProtocols
            && !Streams.Any(s => type.StartsWith(s, StringComparison.OrdinalIgnoreCase))
            && !(answer.Headers.TransferEncodingChunked == true && StreamsInChunks.Contains(type, StringComparer.OrdinalIgnoreCase))
            && !(answer.Headers.TryGetValues("X-Accel-Buffering", out var asked) && asked.Contains("no", StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>What is written from here on goes out at once.</summary>
    public void StandAside() => _http.Features.Set(_outgoing);

    /// <summary>Gives the whole answer to the visitor.</summary>
    public async Task SendAsync(CancellationToken ct)
    {
        StandAside();
        if (!_holds || _length == 0)
        {
            return;
        }

        if (!_http.Response.HasStarted && _http.Response.Headers.Trailer.Count == 0)
        {
            _http.Response.ContentLength ??= _length;
        }

        await _buffer.DrainBufferAsync(_outgoing.Stream, ct);
    }

    public ValueTask DisposeAsync()
    {
        _share.Dispose();
        return _buffer.DisposeAsync();
    }

    public void DisableBuffering()
    {
        // The route says that answers are held back.
    }

    public Task StartAsync(CancellationToken cancellationToken = default) => _holds ? Task.CompletedTask : _outgoing.StartAsync(cancellationToken);

    public Task CompleteAsync() => _holds ? Task.CompletedTask : _outgoing.CompleteAsync();

    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) =>
        SendFileFallback.SendFileAsync(_intake, path, offset, count, cancellationToken);

    private ValueTask TakeAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        if (!_holds)
        {
            return _outgoing.Stream.WriteAsync(bytes, ct);
        }

        _length += bytes.Length;
        if (_length > _atMost || _http.Response.ContentLength > _atMost)
        {
            TooLarge = true;
            throw new IOException("The answer is larger than is held back.");
        }

        return KeepAsync(bytes, ct);
    }

    private async ValueTask KeepAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        try
        {
            _share.Take(bytes.Length);
            await _buffer.WriteAsync(bytes, ct);
        }
        catch (IOException)
        {
            NotKept = true;
            throw;
        }
    }

    /// <summary>Where the answer is written to.</summary>
    private sealed class Intake(BufferedAnswer answer) : Stream
    {
        public override bool CanRead => false;

        public override bool CanWrite => true;

        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => answer.TakeAsync(buffer, cancellationToken);

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override Task FlushAsync(CancellationToken cancellationToken) => answer._holds ? Task.CompletedTask : answer._outgoing.Stream.FlushAsync(cancellationToken);

        // The server allows no synchronous reads and writes; these make that plain.
        public override void Flush() => throw new NotSupportedException();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
