using System.Collections.Frozen;
using Wherry.Core.Model;

namespace Wherry.Edge.Rules;

/// <summary>The policies of a service's routes. A route whose rules stay what they are keeps its policy, and with it its clients' buckets.</summary>
internal sealed class RoutePolicies
{
    /// <summary>Found by reference: a route is compared with its rules only when a service changes.</summary>
    private readonly FrozenDictionary<Route, RoutePolicy> _byRoute;

    private RoutePolicies(IEnumerable<KeyValuePair<Route, RoutePolicy>> byRoute) => _byRoute = byRoute.ToFrozenDictionary(ReferenceEqualityComparer.Instance);

    public static RoutePolicies None { get; } = new([]);

    /// <param name="route">As the service has it.</param>
    /// <returns><see langword="null"/> when the route has no rules.</returns>
    public RoutePolicy? Of(Route route) => route.Rules is null ? null : _byRoute.GetValueOrDefault(route);

    /// <summary>For a new version of the service.</summary>
    public RoutePolicies With(IReadOnlyList<Route> routes, TimeProvider time) =>
        new(routes.Where(r => r.Rules is not null).Select(r => KeyValuePair.Create(r, _byRoute.FirstOrDefault(known => known.Key == r).Value ?? new(r.Rules!, time))));

    /// <summary>Gives up what <paramref name="next"/> does not go on with.</summary>
    public void GiveUp(RoutePolicies next)
    {
        foreach (var gone in _byRoute.Values.Except(next._byRoute.Values))
        {
            gone.Dispose();
        }
    }
}
