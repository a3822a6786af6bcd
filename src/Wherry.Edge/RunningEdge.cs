using System.Net;
using Wherry.Edge.AccessLogs;
using Wherry.Edge.Certificates;
using Wherry.Edge.Foreign;
using Wherry.Edge.Health;
using Wherry.Edge.Listening;
using Wherry.Edge.Proxying;
using Wherry.Edge.Switching;
using Wherry.Edge.Targets;
using Wherry.Edge.Tcp;

namespace Wherry.Edge;

/// <summary>A started edge.</summary>
public sealed class RunningEdge : IAsyncDisposable
{
    private readonly Parts _parts;
    private bool _stopped;

    internal RunningEdge(Parts parts) => _parts = parts;

    /// <summary>Public addresses, with the real port where 0 was asked for.</summary>
    public IReadOnlyList<IPEndPoint> Addresses => _parts.Server.Addresses;

    /// <summary>Those for TLS.</summary>
    public IReadOnlyList<IPEndPoint> TlsAddresses => _parts.Server.TlsAddresses;

    /// <summary>Path of the control socket.</summary>
    public string SocketPath => _parts.Options.SocketPath;

    /// <summary>Takes no new connections, lets requests in flight finish within <see cref="EdgeOptions.StopWithin"/>, and writes the access log out. Idempotent.</summary>
    /// <param name="ct">Cuts what is still in flight.</param>
    public async Task StopAsync(CancellationToken ct)
    {
        if (_stopped)
        {
            return;
        }

        _stopped = true;
        _parts.Traffic.Stop();
        using var limit = new CancellationTokenSource(_parts.Options.StopWithin, _parts.Options.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        _parts.Ports.StopListening();
        await _parts.Server.StopAsync(both.Token);
        await _parts.Ports.DisposeAsync(); // a connection may be for days: it ends with the requests
        await (_parts.Foreign?.DisposeAsync() ?? ValueTask.CompletedTask); // what it was told stays: visitors go on being served
        await (_parts.Automatic?.DisposeAsync() ?? ValueTask.CompletedTask);
        await _parts.Watch.DisposeAsync();
        await _parts.Mirroring.DisposeAsync();
        await _parts.AccessLog.DisposeAsync();
        _parts.Server.Dispose();
        _parts.Policy.Dispose();
        _parts.Upstream.Dispose();
        _parts.Traffic.Dispose();
        await _parts.Services.DisposeAsync();
    }

    public async ValueTask DisposeAsync() => await StopAsync(CancellationToken.None);

    internal sealed record Parts(
        EdgeOptions Options, EdgeServer Server, TrafficSwitch Traffic, TcpPorts Ports, HealthWatch Watch, AccessLog AccessLog, Mirroring Mirroring, Upstream Upstream, AutomaticCertificates? Automatic, OnDemandPolicy Policy, ForeignFront? Foreign, Microsoft.Extensions.DependencyInjection.ServiceProvider Services);
}
