using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Wherry.Core.Problems;
using Wherry.Edge.Proxying;

namespace Wherry.Edge.Listening;

/// <summary>The web server by itself, without a host around it: no configuration, no middleware, little memory.</summary>
internal sealed partial class EdgeServer : IDisposable
{
    private readonly ServiceProvider _services;
    private readonly IServer _server;
    private readonly List<ListenOptions> _plain = [];
    private readonly List<ListenOptions> _tls = [];

    /// <exception cref="ProblemException"><c>edge/listen</c>, <c>edge/socket-path</c>.</exception>
    public EdgeServer(EdgeOptions options, TlsListening tls, ProxyProtocol introduced, IReadOnlyList<Socket> held, Http3 http3, ILoggerFactory logging)
    {
        // Lines of a head end with CR LF: who takes LF alone and who does not see different requests.
        AppContext.SetSwitch("Microsoft.AspNetCore.Server.Kestrel.DisableHttp1LineFeedTerminators", true);
        var services = http3.Wanted is [] ? KestrelServices.ForTcp(logging) : KestrelServices.ForTcpAndQuic(logging).AddSingleton<IMultiplexedConnectionListenerFactory>(http3);
        var kestrel = new KestrelServerOptions { AddServerHeader = false };
        _services = services.AddSingleton<IConnectionListenerFactory>(s => new ListenSockets(held, s.GetRequiredService<IOptions<SocketTransportOptions>>().Value, options.Time, logging)).AddSingleton(Options.Create(kestrel)).BuildServiceProvider();
        kestrel.ApplicationServices = _services;
        Limit(kestrel.Limits);

        // Header bytes pass as they came.
        kestrel.RequestHeaderEncodingSelector = _ => Encoding.Latin1;
        kestrel.ResponseHeaderEncodingSelector = _ => Encoding.Latin1;

        var http2 = new Http2Pipeline(options.Time);
        http2.AddTo(kestrel);
        foreach (var endpoint in Possible(options.Listen))
        {
            kestrel.Listen(endpoint, listen =>
            {
                introduced.AddTo(listen);
                http2.Join(listen);
                _plain.Add(listen);
            });
        }

        foreach (var endpoint in Possible(options.ListenTls).Where(e => !options.TlsWhereFree || held.Any(s => e.Equals(s.LocalEndPoint)) || IsFree(e, logging.CreateLogger<EdgeServer>())))
        {
            kestrel.Listen(endpoint, listen =>
            {
                introduced.AddTo(listen);
                tls.AddTo(listen);
                _tls.Add(listen);
            });
        }

        foreach (var endpoint in http3.Wanted.Where(e => _tls.Exists(t => t.EndPoint is IPEndPoint tcp && tcp.Port == e.Port)))
        {
            kestrel.Listen(endpoint, tls.AddToQuic);
        }

        kestrel.ListenUnixSocket(CheckLength(options.SocketPath), listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            listen.Use(next => connection =>
            {
                connection.Features.Set(ControlConnection.Mark);
                return next(connection);
            });
        });
        _server = _services.GetRequiredService<IServer>();
    }

    /// <summary>Public addresses with their real ports; known once started.</summary>
    public IReadOnlyList<IPEndPoint> Addresses => [.. _plain.Select(l => (IPEndPoint)l.EndPoint)];

    /// <summary>Those that speak TLS.</summary>
    public IReadOnlyList<IPEndPoint> TlsAddresses => [.. _tls.Select(l => (IPEndPoint)l.EndPoint)];

    /// <exception cref="ProblemException"><c>edge/port-taken</c>, <c>edge/address-denied</c>, <c>edge/address</c>, <c>edge/running</c>.</exception>
    public Task StartAsync(EdgeApplication application, CancellationToken ct) => _server.StartAsync(application, ct);

    /// <summary>Takes no more connections and waits for the requests in flight.</summary>
    /// <param name="ct">Cuts what is left.</param>
    public Task StopAsync(CancellationToken ct) => _server.StopAsync(ct);

    public void Dispose() => _services.Dispose();

    /// <summary>Addresses that this machine can have.</summary>
    internal static IEnumerable<IPEndPoint> Possible(IReadOnlyList<string> addresses) =>
        addresses.Select(ListenSockets.Parse).Where(e => e.AddressFamily is not AddressFamily.InterNetworkV6 || Socket.OSSupportsIPv6);

    private static bool IsFree(IPEndPoint endpoint, ILogger logger)
    {
        try
        {
            ListenSockets.Open(endpoint).Dispose();
            return true;
        }
        catch (ProblemException e)
        {
            LogLeftOut(logger, endpoint, e.Problem.Message);
            return false;
        }
    }

    private static void Limit(KestrelServerLimits limits)
    {
        // Services set their own limit of a body.
        limits.MaxRequestBodySize = null;

        // A slow upload or a quiet stream is not an attack; silence is limited in both directions together, see EdgeOptions.SilentFor.
        limits.MinRequestBodyDataRate = null;
        limits.MinResponseDataRate = null;
        limits.MaxRequestHeadersTotalSize = 64 << 10;
    }

    private static string CheckLength(string path) => Encoding.UTF8.GetByteCount(path) <= 107
        ? path
        : throw new Problem("edge/socket-path", $"{path} is too long for a socket.", "Use a home whose path has at most 90 bytes.").AsException();

    [LoggerMessage(Level = LogLevel.Error, Message = "The edge does not listen for TLS on {Address}: {Reason} Plain http is served on")]
    private static partial void LogLeftOut(ILogger logger, IPEndPoint address, string reason);
}
