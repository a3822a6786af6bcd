using System.Collections.Immutable;
using Wherry.Core.Model;
using Wherry.Core.Routing;

namespace Wherry.Edge.Switching;

/// <summary>Everything a request needs to find its target. Immutable, exchanged in one step.</summary>
internal sealed record Snapshot(RouteTable Routes, TcpTable Tcp, ImmutableDictionary<string, ServiceSlot> Services)
{
    private bool? _hasTls;

    /// <summary>Whether any service asks for TLS.</summary>
    public bool HasTls => _hasTls ??= Services.Values.Any(s => s.Service.Tls is not null);

    public static Snapshot Empty { get; } = new(RouteTable.Empty, TcpTable.Empty, ImmutableDictionary.Create<string, ServiceSlot>(StringComparer.Ordinal));

    /// <summary>The snapshot in which the services of <paramref name="from"/> have given up the hosts, paths and ports of this one; one that keeps none is gone.</summary>
    public Snapshot Yielding(EdgeService to, IReadOnlyCollection<string> from)
    {
        var (table, tcp) = (Routes.Yielding(to.Routes, from), Tcp.Yielding(to.Tcp, from));
        var services = Services;
        foreach (var slot in from.Select(Services.GetValueOrDefault).OfType<ServiceSlot>())
        {
            var (routes, ports) = (table.RoutesOf(slot.Key), tcp.RoutesOf(slot.Key));
            if (routes.Count < slot.Service.Routes.Count || ports.Count < (slot.Service.Tcp?.Count ?? 0))
            {
                services = routes.Count + ports.Count > 0 ? services.SetItem(slot.Key, slot.With(routes, ports)) : services.Remove(slot.Key);
            }
        }

        return new(table, tcp, services);
    }

    /// <summary>How a host is served over TLS, and the host of the route that says so.</summary>
    /// <param name="name">Host without port.</param>
    public (TlsSettings Settings, HostName? Host)? FindTls(string name) =>
        HasTls && Routes.FindSpeaker(name) is { } speaker && Services[speaker.Key].Service.Tls is { } settings ? (settings, speaker.Route.Host) : null;

    /// <summary>The service that takes a host which nobody listed and may have a certificate on demand, its route for it, and who is asked.</summary>
    /// <param name="name">Host without port.</param>
    public (ServiceSlot Slot, Route Route, string Policy)? FindOnDemand(string name) =>
        HasTls && Routes.FindSpeaker(name) is { Route.Host: null or { IsWildcard: true } } speaker && Services[speaker.Key] is { Service.Tls.OnDemand: { } policy } slot ? (slot, speaker.Route, policy) : null;

    public Snapshot With(ServiceSlot slot) => new(Routes.With(slot.Key, slot.Service.Routes), Tcp.With(slot.Key, slot.Service.Tcp), Services.SetItem(slot.Key, slot));

    public Snapshot Without(string key) => new(Routes.Without(key), Tcp.Without(key), Services.Remove(key));
}
