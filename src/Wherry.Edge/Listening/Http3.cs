using System.Net;
using System.Net.Quic;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Wherry.Core.Problems;
using Wherry.Edge.Proxying;

namespace Wherry.Edge.Listening;

/// <summary>HTTP/3 beside HTTP/1.1 and HTTP/2 on the addresses for TLS, where this machine has what speaks QUIC; elsewhere, why not.</summary>
/// <remarks>An address that cannot be had over UDP is left out and nothing of it is advertised: who comes over TCP is served all the same.</remarks>
internal sealed partial class Http3 : IMultiplexedConnectionListenerFactory
{
    private readonly IMultiplexedConnectionListenerFactory? _transport;
    private readonly ILogger _logger;

    /// <summary>Exchanged, not changed: requests come over TCP while UDP is bound.</summary>
    private volatile IPEndPoint[] _listening = [];

    /// <param name="options">Where the edge listens.</param>
    /// <param name="logging">For the transport too.</param>
    public Http3(EdgeOptions options, ILoggerFactory logging)
    {
        _logger = logging.CreateLogger<Http3>();
        Missing = WhyNot(options);
        _transport = Missing is null && options.ListenTls is not [] ? options.QuicTransport ?? KestrelServices.Quic(logging) : null;
        Wanted = _transport is null ? [] : Of([.. EdgeServer.Possible(options.ListenTls)]);
    }

    /// <summary>Why nothing is served over HTTP/3; <see langword="null"/>: it is, or the edge does not listen for TLS at all.</summary>
    public Problem? Missing { get; private set; }

    /// <summary>Addresses to listen on.</summary>
    public IReadOnlyList<IPEndPoint> Wanted { get; }

    /// <summary>Those that the edge has.</summary>
    public IReadOnlyList<IPEndPoint> Listening => _listening;

    /// <summary>Tells a visitor who came over TLS that he may come over HTTP/3 from now on.</summary>
    public void Advertise(EdgeRequest request)
    {
        if (_listening.Length > 0 && request.Http.Request.IsHttps && IsServedOn(request.Http.Connection.LocalPort))
        {
            // Last, so that it stands there instead of what a target says of ports of its own.
            var (response, value) = (request.Http.Response, $"h3=\":{request.Http.Connection.LocalPort}\"; ma=86400");
            response.OnStarting(() =>
            {
                response.Headers.AltSvc = value;
                return Task.CompletedTask;
            });
        }
    }

    public async ValueTask<IMultiplexedConnectionListener> BindAsync(EndPoint endpoint, IFeatureCollection? features = null, CancellationToken cancellationToken = default)
    {
        try
        {
            var listener = await _transport!.BindAsync(endpoint, features, cancellationToken);
            _listening = [.. _listening, (IPEndPoint)endpoint];
            return listener;
        }
        catch (Exception e) when (e is QuicException or AddressInUseException or IOException or System.Net.Sockets.SocketException or NotSupportedException)
        {
            Missing = new Problem("edge/udp-port", $"HTTP/3 is not served on {endpoint}: {e.Message}", "See who has that port over UDP (`ss -lunp`), then start the edge again.");
            LogLeftOut(_logger, endpoint, e.Message);
            return new Nobody(endpoint);
        }
    }

    /// <summary>Over QUIC, [::] takes IPv4 too.</summary>
    internal static IReadOnlyList<IPEndPoint> Of(IReadOnlyList<IPEndPoint> tls) =>
        [.. tls.Where(e => e.Port != 0 && !(e.Address.Equals(IPAddress.Any) && tls.Contains(new(IPAddress.IPv6Any, e.Port))))];

    private bool IsServedOn(int port) => Wanted.Count(w => w.Port == port) is > 0 and var all && _listening.Count(l => l.Port == port) == all;

    private static Problem? WhyNot(EdgeOptions options) => options switch
    {
        { ListenTls: [] } => null,
        { ProxyProtocolFrom: [_, ..] } => new Problem("edge/no-quic", "HTTP/3 is not served: a load balancer introduces visitors with the PROXY protocol, which there is for TCP alone.", "Let the load balancer speak HTTP/3 with visitors; HTTP/1.1 and HTTP/2 are served."),
        { QuicTransport: not null } => null,
        _ when !QuicListener.IsSupported => new Problem("edge/no-quic", "HTTP/3 is not served: this machine has no libmsquic, which speaks QUIC. HTTP/1.1 and HTTP/2 are served.", "Install libmsquic from Microsoft's packages (docs/route.md), open the port for UDP too, and start the edge again. Or leave it."),
        _ => null,
    };

    [LoggerMessage(Level = LogLevel.Error, Message = "The edge does not listen for HTTP/3 on {Address}: {Reason} HTTP/1.1 and HTTP/2 are served on")]
    private static partial void LogLeftOut(ILogger logger, EndPoint address, string reason);

    /// <summary>Stands for an address that the edge did not get.</summary>
    private sealed class Nobody(EndPoint endpoint) : IMultiplexedConnectionListener
    {
        private readonly TaskCompletionSource<MultiplexedConnectionContext?> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public EndPoint EndPoint => endpoint;

        public async ValueTask<MultiplexedConnectionContext?> AcceptAsync(IFeatureCollection? features = null, CancellationToken cancellationToken = default) => await _end.Task.WaitAsync(cancellationToken);

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            _end.TrySetResult(null);
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync() => UnbindAsync();
    }
}
