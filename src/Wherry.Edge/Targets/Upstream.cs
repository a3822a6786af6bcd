using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Wherry.Edge.Proxying;

namespace Wherry.Edge.Targets;

/// <summary>The connections to all targets: one shared pool, with an own part for each target.</summary>
internal sealed class Upstream : IDisposable
{
    private readonly ConcurrentDictionary<string, LiveTarget> _targets = new(StringComparer.Ordinal);
    private readonly TimeSpan _connectWithin;
    private readonly TimeProvider _time;

    public Upstream(TimeSpan connectWithin, TimeProvider time)
    {
        _connectWithin = connectWithin;
        _time = time;
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            ConnectCallback = ConnectAsync,
            EnableMultipleHttp2Connections = true,

            // Below the 5 s after which common servers close an idle connection, so that a request does not meet the close.
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(4),

            // Header bytes pass as they came.
            RequestHeaderEncodingSelector = (_, _) => Encoding.Latin1,
            ResponseHeaderEncodingSelector = (_, _) => Encoding.Latin1,
        };
        Invoker = new(new EagerBody.Handler(handler), disposeHandler: true);
    }

    public HttpMessageInvoker Invoker { get; }

    public void Open(LiveTarget target) => _targets[target.PoolName] = target;

    /// <summary>Gives a target up and closes its connections.</summary>
    public void Close(LiveTarget target)
    {
        _targets.TryRemove(target.PoolName, out _);
        target.Dispose();
    }

    /// <summary>A new connection to a target.</summary>
    /// <exception cref="SocketException">Refused, unreachable, or <see cref="SocketError.TimedOut"/>.</exception>
    public async Task<Socket> ConnectAsync(LiveTarget target, int port, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(_connectWithin, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        var socket = new Socket(target.IP.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(new IPEndPoint(target.IP, port), both.Token);
            return socket;
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            socket.Dispose();
            throw new SocketException((int)SocketError.TimedOut);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public void Dispose() => Invoker.Dispose();

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken ct)
    {
        if (!_targets.TryGetValue(context.DnsEndPoint.Host, out var target))
        {
            throw new SocketException((int)SocketError.HostDown);
        }

        var stream = new TargetStream(await ConnectAsync(target, context.DnsEndPoint.Port, ct), target);
        if (!target.Own(stream))
        {
            await stream.DisposeAsync();
            throw new SocketException((int)SocketError.HostDown);
        }

        return stream;
    }

    private sealed class TargetStream(Socket socket, LiveTarget target) : NetworkStream(socket, ownsSocket: true)
    {
        protected override void Dispose(bool disposing)
        {
            target.Disown(this);
            base.Dispose(disposing);
        }
    }
}
