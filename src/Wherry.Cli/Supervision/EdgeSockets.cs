using System.Net;
using System.Net.Sockets;
using Wherry.Core.Problems;
using Wherry.Edge.Listening;
using Wherry.Edge.Tcp;

namespace Wherry.Cli.Supervision;

/// <summary>Holds the sockets of the edge's addresses: while the edge is exchanged or started again, who knocks waits instead of being refused.</summary>
internal sealed class EdgeSockets(HomeFiles files) : IDisposable
{
    /// <summary>Tells the edge whose sockets to take.</summary>
    public const string Variable = "WHERRY_SOCKETS_OF";

    private const int Backlog = 4096;

    private readonly Lock _lock = new();
    private readonly Dictionary<IPEndPoint, Socket> _held = [];
    private (DateTime Written, IReadOnlyList<IPEndPoint> Ports) _services = (default, []);

    /// <summary>Holds what the edge is to listen on, and nothing else. What is open in an edge that runs is taken from it.</summary>
    /// <remarks>Called before the edge starts, and again and again while it runs: ports of services come and go.</remarks>
    public void Hold()
    {
        lock (_lock)
        {
            var http = Remembered.EdgeListen(files.Home).Concat(Remembered.EdgeListenTls(files.Home)).Select(a => IPEndPoint.TryParse(a, out var endpoint) ? endpoint : null).OfType<IPEndPoint>().ToHashSet();
            HashSet<IPEndPoint> wanted = Remembered.EdgeProxy(files.Home) is null ? [.. http, .. OfServices(http)] : []; // what a proxy listens on is not the edge's
            foreach (var gone in _held.Where(h => !wanted.Contains(h.Key) || !Listens(h.Value)).Select(h => h.Key).ToList())
            {
                _held.Remove(gone, out var socket);
                socket!.Dispose();
            }

            if (wanted.All(_held.ContainsKey))
            {
                return;
            }

            var running = files.PidOf("edge");
            foreach (var socket in running is { } edge ? HeldSockets.Of(edge) : [])
            {
                if (socket.LocalEndPoint is not IPEndPoint endpoint || !wanted.Contains(endpoint) || !_held.TryAdd(endpoint, socket))
                {
                    socket.Dispose();
                }
            }

            // An edge that runs opens its services' ports itself, in the moment of a switch.
            foreach (var endpoint in wanted.Where(e => !_held.ContainsKey(e) && (running is null || http.Contains(e))))
            {
                Open(endpoint);
            }
        }
    }

    public void Dispose()
    {
        foreach (var socket in _held.Values)
        {
            socket.Dispose();
        }
    }

    /// <summary>The state is read again when it was written again.</summary>
    private IReadOnlyList<IPEndPoint> OfServices(IEnumerable<IPEndPoint> http)
    {
        var edge = Path.Combine(files.Home, "edge");
        var written = File.GetLastWriteTimeUtc(Path.Combine(edge, "state.json"));
        if (_services.Written != written)
        {
            _services = (written, [.. TcpAddresses.Saved(edge, http)]);
        }

        return _services.Ports;
    }

    /// <summary>The edge shuts a port that a service gave up, for whoever holds it.</summary>
    private static bool Listens(Socket socket) => (int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.AcceptConnection)! != 0;

    private void Open(IPEndPoint endpoint)
    {
        try
        {
            var socket = ListenSockets.Open(endpoint);
            socket.Listen(Backlog);
            _held[endpoint] = socket;
        }
        catch (Exception e) when (e is ProblemException or SocketException)
        {
            // The edge tries it too, and says why it cannot.
        }
    }
}
