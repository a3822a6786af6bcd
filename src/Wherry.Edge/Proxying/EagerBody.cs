using System.Net;

namespace Wherry.Edge.Proxying;

/// <summary>A request's body on its way out that does not wait for more before it is sent: a quiet client's last bytes reach the target at once.</summary>
/// <remarks>The HTTP client gathers small writes and the forwarder does not flush; so what was gathered is flushed whenever the incoming body makes us wait.</remarks>
internal sealed class EagerBody : HttpContent
{
    private readonly HttpContent _body;
    private readonly CountingStream _incoming;

    private EagerBody(HttpContent body, CountingStream incoming)
    {
        _body = body;
        _incoming = incoming;
        foreach (var header in body.Headers.NonValidated)
        {
            Headers.TryAddWithoutValidation(header.Key, header.Value);
        }
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        _incoming.FlushWhileWaiting = stream;
        try
        {
            await _body.CopyToAsync(stream, context, cancellationToken);
        }
        finally
        {
            _incoming.FlushWhileWaiting = null;
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        // The header says it, or it is sent in chunks.
        length = 0;
        return false;
    }

    /// <summary>Wraps the body of each request that says where its body comes from.</summary>
    internal sealed class Handler(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        private static readonly HttpRequestOptionsKey<CountingStream> Incoming = new("wherry.incoming-body");

        public static void Mark(HttpRequestMessage request, CountingStream incoming) => request.Options.Set(Incoming, incoming);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Content is { } body && request.Options.TryGetValue(Incoming, out var incoming))
            {
                request.Content = new EagerBody(body, incoming);
            }

            return base.SendAsync(request, cancellationToken);
        }
    }
}
