using System.Collections.Immutable;
using Wherry.Core.Model;
using Wherry.Core.Routing;

namespace Wherry.Edge.Switching;

/// <summary>Everything a request needs to find its target. Immutable, exchanged in one step.</summary>
internal sealed record Snapshot(RouteTable Routes, ImmutableDictionary<string, ServiceSlot> Services)
{
    public static Snapshot Empty { get; } = new(RouteTable.Empty, ImmutableDictionary.Create<string, ServiceSlot>(StringComparer.Ordinal));

    /// <summary>The snapshot in which the services of <paramref name="from"/> have given up the hosts and paths of these routes; one that keeps none is gone.</summary>
    public Snapshot Yielding(IReadOnlyList<Route> routes, IReadOnlyCollection<string> from)
    {
        var table = Routes.Yielding(routes, from);
        var services = Services;
        foreach (var slot in from.Select(Services.GetValueOrDefault).OfType<ServiceSlot>().Where(s => table.RoutesOf(s.Key).Count < s.Service.Routes.Count))
        {
            services = table.RoutesOf(slot.Key) is { Count: > 0 } kept ? services.SetItem(slot.Key, slot.With(kept)) : services.Remove(slot.Key);
        }

        return new(table, services);
    }

    public Snapshot With(ServiceSlot slot) => new(Routes.With(slot.Key, slot.Service.Routes), Services.SetItem(slot.Key, slot));

    public Snapshot Without(string key) => new(Routes.Without(key), Services.Remove(key));
}
