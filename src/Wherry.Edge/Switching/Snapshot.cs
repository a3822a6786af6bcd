using System.Collections.Immutable;
using Wherry.Core.Routing;

namespace Wherry.Edge.Switching;

/// <summary>Everything a request needs to find its target. Immutable, exchanged in one step.</summary>
internal sealed record Snapshot(RouteTable Routes, ImmutableDictionary<string, ServiceSlot> Services)
{
    public static Snapshot Empty { get; } = new(RouteTable.Empty, ImmutableDictionary.Create<string, ServiceSlot>(StringComparer.Ordinal));

    public Snapshot With(ServiceSlot slot) => new(Routes.With(slot.Key, slot.Service.Routes), Services.SetItem(slot.Key, slot));

    public Snapshot Without(string key) => new(Routes.Without(key), Services.Remove(key));
}
