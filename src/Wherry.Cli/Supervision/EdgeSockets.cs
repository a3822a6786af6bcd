using System.Net;
using System.Net.Sockets;
using Wherry.Core.Problems;
using Wherry.Edge.Listening;

namespace Wherry.Cli.Supervision;

/// <summary>Holds the sockets of the edge's addresses: while the edge is exchanged or started again, who knocks waits instead of being refused.</summary>
internal sealed class EdgeSockets(HomeFiles files) : IDisposable
{
    /// <summary>Tells the edge whose sockets to take.</summary>
    public const string Variable = "WHERRY_SOCKETS_OF";

    private const int Backlog = 4096;

    private readonly Dictionary<IPEndPoint, Socket> _held = [];

    /// <summary>Holds what the edge is to listen on, and nothing else. What is open in an edge that runs is taken from it.</summary>
    public void Hold()
    {
        var wanted = Remembered.EdgeListen(files.Home).Concat(Remembered.EdgeListenTls(files.Home)).Select(a => IPEndPoint.TryParse(a, out var endpoint) ? endpoint : null).OfType<IPEndPoint>().ToHashSet();
        foreach (var gone in _held.Keys.Where(e => !wanted.Contains(e)).ToList())
        {
            _held.Remove(gone, out var socket);
            socket!.Dispose();
        }

        if (wanted.All(_held.ContainsKey))
        {
            return;
        }

        foreach (var socket in files.PidOf("edge") is { } running ? HeldSockets.Of(running) : [])
        {
            if (socket.LocalEndPoint is not IPEndPoint endpoint || !wanted.Contains(endpoint) || !_held.TryAdd(endpoint, socket))
            {
                socket.Dispose();
            }
        }

        foreach (var endpoint in wanted.Where(e => !_held.ContainsKey(e)))
        {
            Open(endpoint);
        }
    }

    public void Dispose()
    {
        foreach (var socket in _held.Values)
        {
            socket.Dispose();
        }
    }

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
