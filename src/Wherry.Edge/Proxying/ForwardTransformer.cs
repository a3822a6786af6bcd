using System.Globalization;
using Microsoft.AspNetCore.Http;
using Wherry.Edge.Targets;
using Yarp.ReverseProxy.Forwarder;

namespace Wherry.Edge.Proxying;

/// <summary>Points the outgoing request at its target. Headers pass as they are; what the edge adds was added to the incoming request.</summary>
internal sealed class ForwardTransformer(CountingStream incoming) : HttpTransformer
{
    private static readonly UriCreationOptions AsWritten = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private LiveTarget _target = null!;
    private int _port;
    private string _pathAndQuery = "/";

    public void PointAt(LiveTarget target, int port, string pathAndQuery)
    {
        _target = target;
        _port = port;
        _pathAndQuery = pathAndQuery;
    }

    public override async ValueTask TransformRequestAsync(HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);

        proxyRequest.RequestUri = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://{_target.PoolName}:{_port}{_pathAndQuery}"), AsWritten);

        if (proxyRequest.Content is not null)
        {
            EagerBody.Handler.Mark(proxyRequest, incoming);
        }

        // HTTP/1.0 clients may send no host; the pool's name would be sent instead.
        proxyRequest.Headers.Host ??= _target.Address;
        proxyRequest.Headers.TryAddWithoutValidation("X-Wherry-Target", _target.Id);
    }
}
