using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Core.Routing;
using Wherry.Edge.Listening;

namespace Wherry.Edge.Tcp;

/// <summary>The ports on which the edge takes connections for services. Reserved before a switch, opened and closed with it.</summary>
/// <param name="addresses">What the edge listens on for HTTP: its addresses are those of the ports too, and its ports are not to be had.</param>
/// <param name="held">Sockets that listen already; taken where their address is asked for.</param>
internal sealed partial class TcpPorts(IReadOnlyList<IPEndPoint> addresses, IReadOnlyList<Socket> held, TimeProvider time, ILogger<TcpPorts> logger) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<IPEndPoint, TcpPort> _open = [];
    private readonly IPAddress[] _addresses = [.. addresses.Select(a => a.Address).Distinct()];
    private readonly List<Socket> _held = [.. held.Where(s => !addresses.Contains(s.LocalEndPoint))];
    private Func<Socket, int, CancellationToken, Task>? _serve;
    private TcpTable _wanted = TcpTable.Empty;
    private bool _stopped;

    /// <summary>Opens what was asked for until now, and from here on at once. A port that cannot be had is tried again and again; nothing else waits for it.</summary>
    /// <param name="serve">Serves a connection to one of the ports; cancelled when it is to end.</param>
    public void Start(Func<Socket, int, CancellationToken, Task> serve)
    {
        lock (_lock)
        {
            _serve = serve;
            Align(null);
            _held.ForEach(s => s.Dispose());
            _held.Clear();
        }
    }

    /// <summary>Makes sure that these ports can be had, and that nobody else takes them until then.</summary>
    /// <exception cref="ProblemException"><c>edge/port-taken</c>, <c>edge/address-denied</c>, <c>edge/address</c>.</exception>
    public Reserved Reserve(IReadOnlyList<TcpRoute>? routes)
    {
        var reserved = new Reserved();
        try
        {
            lock (_lock)
            {
                foreach (var route in routes ?? [])
                {
                    if (addresses.Any(a => a.Port == route.Listen))
                    {
                        throw new Problem("edge/port-taken", $"The edge itself listens on port {route.Listen} for HTTP.", "Choose another port for the TCP route.").AsException();
                    }

                    // One that another address of the same port keeps from being had is opened when that is closed.
                    if (_open.Keys.All(e => e.Port != route.Listen))
                    {
                        reserved.Add(EndPoints(route).Select(e => (e, ListenSockets.Open(e))));
                    }
                }
            }

            return reserved;
        }
        catch
        {
            reserved.Dispose();
            throw;
        }
    }

    /// <summary>From here on the edge listens on the ports of this table and no others.</summary>
    public void Keep(TcpTable table, Reserved? reserved = null)
    {
        lock (_lock)
        {
            _wanted = table;
            Align(reserved);
        }
    }

    /// <summary>Whether it listens, by address.</summary>
    public IReadOnlyDictionary<IPEndPoint, bool> State()
    {
        lock (_lock)
        {
            return _open.ToDictionary(p => p.Key, p => p.Value.IsListening);
        }
    }

    /// <summary>Takes no more connections; who holds the sockets too keeps them open.</summary>
    public void StopListening()
    {
        lock (_lock)
        {
            _stopped = true;
            foreach (var port in _open.Values)
            {
                port.StopListening();
            }
        }
    }

    /// <summary>Ends the connections too.</summary>
    public async ValueTask DisposeAsync()
    {
        StopListening();
        await Task.WhenAll(_open.Values.Select(p => p.DisposeAsync().AsTask()));
    }

    private void Align(Reserved? reserved)
    {
        if (_serve is null || _stopped)
        {
            return;
        }

        var wanted = _wanted.Routes.SelectMany(EndPoints).ToHashSet();
        foreach (var gone in _open.Keys.Where(e => !wanted.Contains(e)).ToList())
        {
            _open.Remove(gone, out var port);
            port!.Leave();
            LogClosed(gone);
        }

        foreach (var endpoint in wanted.Where(e => !_open.ContainsKey(e)))
        {
            var port = new TcpPort(endpoint, _serve, time, logger);
            _open.Add(endpoint, port);
            port.Start(reserved?.Take(endpoint) ?? Held(endpoint));
            LogOpened(endpoint);
        }
    }

    private Socket? Held(IPEndPoint endpoint)
    {
        var socket = _held.Find(s => endpoint.Equals(s.LocalEndPoint));
        _held.Remove(socket!);
        return socket;
    }

    private IEnumerable<IPEndPoint> EndPoints(TcpRoute route) => TcpAddresses.Of(route, _addresses);

    [LoggerMessage(Level = LogLevel.Information, Message = "The edge takes connections on {Address}")]
    private partial void LogOpened(IPEndPoint address);

    [LoggerMessage(Level = LogLevel.Information, Message = "The edge takes no more connections on {Address}")]
    private partial void LogClosed(IPEndPoint address);

    /// <summary>Ports that are bound and wait for a switch.</summary>
    internal sealed class Reserved : IDisposable
    {
        private readonly Dictionary<IPEndPoint, Socket> _sockets = [];

        public void Add(IEnumerable<(IPEndPoint EndPoint, Socket Socket)> sockets)
        {
            foreach (var (endpoint, socket) in sockets)
            {
                _sockets[endpoint] = socket;
            }
        }

        public Socket? Take(IPEndPoint endpoint) => _sockets.Remove(endpoint, out var socket) ? socket : null;

        public void Dispose()
        {
            foreach (var socket in _sockets.Values)
            {
                socket.Dispose();
            }
        }
    }
}
