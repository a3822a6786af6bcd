using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Wherry.Edge.Proxying;

/// <summary>The server's response body with its bytes counted.</summary>
[SuppressMessage("Design", "CA1001", Justification = "The counting stream holds nothing; the body it is pointed at belongs to the server.")]
internal sealed class CountingResponse(ByteCount count) : IHttpResponseBodyFeature
{
    private readonly CountingStream _stream = new(count);
    private IHttpResponseBodyFeature _inner = null!;

    public Stream Stream => _stream;

    public PipeWriter Writer => _inner.Writer;

    public CountingResponse Around(IHttpResponseBodyFeature inner)
    {
        _inner = inner;
        _stream.Around(inner.Stream);
        return this;
    }

    public void DisableBuffering() => _inner.DisableBuffering();

    public Task StartAsync(CancellationToken cancellationToken = default) => _inner.StartAsync(cancellationToken);

    public Task CompleteAsync() => _inner.CompleteAsync();

    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) =>
        SendFileFallback.SendFileAsync(_stream, path, offset, count, cancellationToken); // which is what the server does too
}

/// <summary>An upgraded connection (WebSocket) with its bytes counted.</summary>
internal sealed class CountingUpgrade(IHttpUpgradeFeature inner, ByteCount count) : IHttpUpgradeFeature
{
    public bool IsUpgradableRequest => inner.IsUpgradableRequest;

    public async Task<Stream> UpgradeAsync() => new CountingStream(count).Around(await inner.UpgradeAsync());
}
