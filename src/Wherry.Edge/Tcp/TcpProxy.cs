using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Wherry.Core.Model;
using Wherry.Core.Routing;
using Wherry.Edge.Listening;
using Wherry.Edge.Metrics;
using Wherry.Edge.Switching;
using Wherry.Edge.Targets;

namespace Wherry.Edge.Tcp;

/// <summary>The way of a connection to a TCP route: find its service, be let in, claim a target, carry bytes. A switch sends new ones to the new targets; old ones live on while theirs drains.</summary>
internal sealed partial class TcpProxy(TrafficSwitch traffic, Upstream upstream, ProxyProtocol introduced, TimeProvider time, ILogger<TcpProxy> logger)
{
    /// <summary>As for requests.</summary>
    private const int MostRefusals = 3;

    /// <summary>How soon it is noticed that a client left who waits for a paused service.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<int, StrongBox<int>> _open = new();

    /// <param name="client">Closed when it returns.</param>
    /// <param name="port">Where it came to.</param>
    /// <param name="cut">Ends it.</param>
    public async Task ServeAsync(Socket client, int port, CancellationToken cut)
    {
        using var closes = client;
        var visit = new Visit(client, port);
        var open = _open.GetOrAdd(port, _ => new());
        var ordinal = Interlocked.Increment(ref open.Value);
        var end = TcpEnd.Closed;
        try
        {
            end = await AdmitAsync(visit, ordinal, cut);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The client left, or the edge stops.
        }
        finally
        {
            Interlocked.Decrement(ref open.Value);
            visit.Counters?.Ended(end);
        }

        if (end is not TcpEnd.Finished)
        {
            client.LingerState = new(true, 0); // reset: what was not delivered must not look like an end
        }
    }

    private async Task<TcpEnd> AdmitAsync(Visit visit, int ordinal, CancellationToken cut)
    {
        if (traffic.Snapshot.Tcp.Find(visit.Port) is not { } match)
        {
            return TcpEnd.Closed;
        }

        visit.Enter(traffic.Snapshot.Services.GetValueOrDefault(match.Key)?.Counters.Tcp);
        if (ordinal > match.Route.MaxConnections)
        {
            return TcpEnd.Limit;
        }

        KeepAlive(visit.Client);
        visit.From = (IPEndPoint)visit.Client.RemoteEndPoint!;
        if (introduced.Expects(visit.From) && !await IsIntroducedAsync(visit, cut))
        {
            return TcpEnd.Malformed;
        }

        while (true)
        {
            if (await LookAsync(visit, cut) is { } end)
            {
                return end;
            }
        }
    }

    private async Task<bool> IsIntroducedAsync(Visit visit, CancellationToken cut)
    {
        using var limit = new CancellationTokenSource(ProxyProtocol.Within, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cut);
        try
        {
            if (await TcpIntroduction.ReadAsync(visit.Client, both.Token) is not var (from, rest))
            {
                return false;
            }

            visit.From = from ?? visit.From;
            visit.First = rest;
            return true;
        }
        catch (OperationCanceledException) when (!cut.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>One look at the table and what follows from it.</summary>
    /// <returns><see langword="null"/>: look again.</returns>
    private async Task<TcpEnd?> LookAsync(Visit visit, CancellationToken cut)
    {
        var snapshot = traffic.Snapshot;
        if (snapshot.Tcp.Find(visit.Port) is not { } match)
        {
            return TcpEnd.Closed;
        }

        var slot = snapshot.Services[match.Key];
        visit.Enter(slot.Counters.Tcp);
        var admission = slot.Admission.Now;
        if (admission.Stops(ProxyProtocol.Plain(visit.From.Address).ToString(), time.GetUtcNow()))
        {
            return admission.Mode is ServiceMode.Paused && await GoesOnAsync(visit, admission, cut) ? null : TcpEnd.Closed;
        }

        if (slot.Stopped)
        {
            return TcpEnd.Closed;
        }

        if (slot.Claim(visit.Refused, new Visitor(HasShare: false, Sticky: null)) is not { } target)
        {
            return ReferenceEquals(snapshot, traffic.Snapshot) ? TcpEnd.Unreachable : null;
        }

        try
        {
            return await ConnectAsync(visit, slot.Key, target, match.Route, cut);
        }
        finally
        {
            target.Release();
        }
    }

    /// <returns><see langword="null"/>: the target took no connection, another may.</returns>
    private async Task<TcpEnd?> ConnectAsync(Visit visit, string service, LiveTarget target, TcpRoute route, CancellationToken cut)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cut, target.Cut);
        Socket connection;
        try
        {
            connection = await upstream.ConnectAsync(target, route.Port, either.Token);
        }
        catch (SocketException e)
        {
            LogRefused(service, target.Id, e.Message);
            target.Failed(e.Message);
            visit.Refused.Add(target);
            return visit.Refused.Count < MostRefusals ? null : TcpEnd.Unreachable;
        }
        catch (OperationCanceledException) when (target.Cut.IsCancellationRequested && !cut.IsCancellationRequested)
        {
            return null; // the drain was over before it was connected: the new targets take it
        }

        using (connection)
        {
            KeepAlive(connection);
            if (route.SendProxy is { } version)
            {
                var header = TcpIntroduction.Write(version, visit.From, (IPEndPoint)visit.Client.LocalEndPoint!);
                visit.First = (byte[])[.. header, .. visit.First.Span];
            }

            var end = await new TwoWayPipe(visit.Client, connection, visit.Counters!, time).RunAsync(visit.First, route.SilentFor, either.Token);
            if (end is not TcpEnd.Finished)
            {
                connection.LingerState = new(true, 0);
            }

            return end;
        }
    }

    private async Task<bool> GoesOnAsync(Visit visit, Admission.State admission, CancellationToken cut)
    {
        visit.HeldSince ??= time.GetTimestamp();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cut, traffic.Stopping);
        var going = admission.GoesOnAsync(visit.HeldSince.Value, time, end.Token);
        while (!going.IsCompleted)
        {
            if (visit.First.IsEmpty && HasLeft(visit.Client))
            {
                await end.CancelAsync(); // nobody waits any more
            }

            await Task.WhenAny(going, Task.Delay(LookEvery, time, end.Token));
        }

        return await going;
    }

    /// <summary>Whether a client that waits is gone. One that has said something and all it wants to say may still wait for an answer; one that says nothing and will not cannot be told from one that left.</summary>
    private static bool HasLeft(Socket client) => client.Poll(TimeSpan.Zero, SelectMode.SelectRead) && client.Available == 0;

    /// <summary>Connections whose other side is gone without a word are found out after two minutes.</summary>
    private static void KeepAlive(Socket socket)
    {
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 60);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 10);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 6);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Service}: target {Target} refused a connection: {Why}")]
    private partial void LogRefused(string service, string target, string why);

    /// <summary>What is known of one connection.</summary>
    private sealed class Visit(Socket client, int port)
    {
        public Socket Client => client;

        public int Port => port;

        /// <summary>Whose it is, also behind a load balancer.</summary>
        public IPEndPoint From { get; set; } = null!;

        /// <summary>What it sent before a target was found.</summary>
        public ReadOnlyMemory<byte> First { get; set; }

        public List<LiveTarget> Refused { get; } = [];

        public long? HeldSince { get; set; }

        public TcpCounters? Counters { get; private set; }

        public void Enter(TcpCounters? counters)
        {
            if (Counters == counters)
            {
                return;
            }

            Counters?.Left();
            Counters = counters;
            counters?.Began();
        }
    }
}
