using System.Net;
using System.Net.Sockets;
using System.Text;
using Wherry.Core.Routing;

namespace Wherry.Edge.Tests.Rig;

/// <summary>A replica that speaks no HTTP: says its id to whoever connects, then gives back what it gets. When the client has said all, it says how many bytes that were.</summary>
public sealed class TcpReplica : IAsyncDisposable
{
    private static int _lastAddress;

    private readonly CancellationTokenSource _stop = new();
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Task _accepting;
    private readonly Func<NetworkStream, CancellationToken, Task> _serve;
    private int _connections;

    private TcpReplica(string id, int port, Func<NetworkStream, CancellationToken, Task>? serve)
    {
        var n = Interlocked.Increment(ref _lastAddress);
        Id = id;
        _serve = serve ?? EchoAsync;
        Address = $"127.{201 + (Environment.ProcessId % 50)}.{n / 250}.{2 + (n % 250)}";
        _listener.Bind(new IPEndPoint(IPAddress.Parse(Address), port));
        _listener.Listen(4096);
        _accepting = AcceptAsync();
    }

    public string Id { get; }

    public string Address { get; }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    public Target Target => new(Id, Address);

    /// <summary>That have sent or got something: a probe does neither.</summary>
    public int Connections => Volatile.Read(ref _connections);

    public static TcpReplica Start(string id, TcpReplica? beside = null, Func<NetworkStream, CancellationToken, Task>? serve = null) => new(id, beside?.Port ?? 0, serve);

    /// <summary>A service on a port of the edge with these replicas.</summary>
    public static EdgeService Service(int listen, params TcpReplica[] replicas) => new()
    {
        Routes = [],
        Tcp = [new(listen, replicas[0].Port)],
        Targets = [.. replicas.Select(r => r.Target)],
        Probe = A.Probe with { Path = null },
        DrainFor = TimeSpan.FromSeconds(5),
    };

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> served = [];
        try
        {
            while (true)
            {
                served.Add(ServeAsync(await _listener.AcceptAsync(_stop.Token)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(served);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        try
        {
            await _serve(stream, _stop.Token);
            Interlocked.Increment(ref _connections);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The other side left, or the test is over.
        }
    }

    private async Task EchoAsync(NetworkStream stream, CancellationToken ct)
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{Id}\n"), ct);
        var buffer = new byte[64 << 10];
        long total = 0;
        for (int read; (read = await stream.ReadAsync(buffer, ct)) > 0; total += read)
        {
            await stream.WriteAsync(buffer.AsMemory(0, read), ct);
        }

        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{total} bytes"), ct);
    }
}
