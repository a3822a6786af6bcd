using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Wherry.Core.Problems;

namespace Wherry.Edge.Listening;

/// <summary>Binds what the edge listens on.</summary>
public sealed class ListenSockets : IConnectionListenerFactory
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly SocketTransportFactory _sockets;
    private readonly List<Socket> _held;
    private readonly TimeProvider _time;

    /// <param name="held">Sockets that listen already; taken where their address is asked for.</param>
    /// <param name="transport">How the transport works.</param>
    /// <param name="time">Its clock.</param>
    /// <param name="logging">For the transport.</param>
    public ListenSockets(IReadOnlyList<Socket> held, SocketTransportOptions transport, TimeProvider time, ILoggerFactory logging)
    {
        _held = [.. held];
        _time = time;
        transport.CreateBoundListenSocket = Bind;
        _sockets = new(Options.Create(transport), logging);
    }

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        endpoint is Http2Pipeline.Nowhere ? new Http2Pipeline.NowhereListener() : new PatientListener(await _sockets.BindAsync(endpoint, cancellationToken), _time);

    /// <exception cref="ProblemException"><c>edge/listen</c>.</exception>
    public static IPEndPoint Parse(string address) => IPEndPoint.TryParse(address, out var endpoint) && address.LastIndexOf(':') > address.LastIndexOf(']')
        ? endpoint
        : throw new Problem("edge/listen", $"\"{address}\" is not an address to listen on.", "Write it as 0.0.0.0:80 or [::]:80.").AsException();

    /// <summary>Binds an address without listening yet.</summary>
    /// <exception cref="ProblemException"><c>edge/port-taken</c>, <c>edge/address-denied</c>, <c>edge/address</c>, <c>edge/running</c>.</exception>
    public static Socket Open(EndPoint endpoint)
    {
        var socket = endpoint is UnixDomainSocketEndPoint
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (endpoint is UnixDomainSocketEndPoint unix)
            {
                RemoveStale(unix);
                socket.Bind(unix);

                // Nobody can connect before the socket listens, and that comes after this.
                File.SetUnixFileMode(unix.ToString(), OwnerOnly);
                return socket;
            }

            if (endpoint.AddressFamily is AddressFamily.InterNetworkV6)
            {
                // IPv4 has addresses of its own in the list.
                socket.DualMode = false;
            }

            socket.Bind(endpoint);
            return socket;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw Refused(endpoint, e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private Socket Bind(EndPoint endpoint)
    {
        if (_held.FirstOrDefault(s => endpoint.Equals(s.LocalEndPoint)) is not { } held)
        {
            return Open(endpoint);
        }

        _held.Remove(held);
        return held;
    }

    private static ProblemException Refused(EndPoint endpoint, SocketException e) => (e.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => new Problem("edge/port-taken", $"Another program listens on {endpoint}.", "Stop it (`ss -ltnp` names it), or choose another port: `wherry up --port N`."),
        SocketError.AccessDenied => new Problem("edge/address-denied", $"The edge may not listen on {endpoint}.", "Ports below 1024 need root or the capability CAP_NET_BIND_SERVICE."),
        _ => new Problem("edge/address", $"The edge cannot listen on {endpoint}: {e.Message}", "Check that the machine has this address."),
    }).AsException(e);

    /// <summary>A killed edge leaves its socket file behind; a living one answers on it.</summary>
    private static void RemoveStale(UnixDomainSocketEndPoint endpoint)
    {
        var path = endpoint.ToString();
        if (!File.Exists(path))
        {
            return;
        }

        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(endpoint);
        }
        catch (SocketException)
        {
            File.Delete(path);
            return;
        }

        throw new Problem("edge/running", $"An edge already answers on {path}.", "Stop it first, or use another home.").AsException();
    }
}
