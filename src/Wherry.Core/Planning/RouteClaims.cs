using Wherry.Core.Model;

namespace Wherry.Core.Planning;

/// <summary>Which service has which routes while a plan runs: no two have the same host and path, and one takes them over from the other as it is switched.</summary>
internal sealed class RouteClaims(PlanInput input)
{
    private readonly Dictionary<ServiceName, IReadOnlyList<Route>> _routes = input.Seen.Routed.ToDictionary(
        s => s,
        s => input.Seen.Routes.GetValueOrDefault(s) ?? input.Current?.Model.Services.GetValueOrDefault(s)?.Routes ?? []);

    private readonly Dictionary<ServiceName, IReadOnlyList<TcpRoute>> _ports = input.Seen.Routed.ToDictionary(
        s => s,
        s => input.Seen.Tcp.GetValueOrDefault(s) ?? input.Current?.Model.Services.GetValueOrDefault(s)?.Tcp ?? []);

    /// <summary>The steps, without those that take routes away which a switch before them takes over: from a service that is gone, or that exchanges its with another.</summary>
    public IEnumerable<Step> Settle(IEnumerable<Step> steps)
    {
        foreach (var step in steps)
        {
            if (step is Step.SwitchTraffic { Service: var service } && input.Wanted.Model.Services[service] is var spec)
            {
                foreach (var holder in HoldersOfRoutesOf(spec).ToList())
                {
                    GiveUp(holder, spec);
                }

                (_routes[service], _ports[service]) = (spec.Routes, spec.Tcp ?? []);
            }

            if (step is not Step.RemoveRoutes gone || _routes.Remove(gone.Service))
            {
                yield return step;
            }
        }
    }

    public IEnumerable<ServiceName> HoldersOfRoutesOf(ServiceSpec spec) =>
        _routes.Where(r => r.Key != spec.Name && (r.Value.Any(has => Claims(spec.Routes, has)) || _ports[r.Key].Any(has => Claims(spec.Tcp, has)))).Select(r => r.Key);

    /// <summary>As the edge does it: who keeps no route is forgotten.</summary>
    private void GiveUp(ServiceName holder, ServiceSpec taker)
    {
        IReadOnlyList<Route> kept = [.. _routes[holder].Where(has => !Claims(taker.Routes, has))];
        IReadOnlyList<TcpRoute> ports = [.. _ports[holder].Where(has => !Claims(taker.Tcp, has))];
        if (kept.Count + ports.Count > 0)
        {
            (_routes[holder], _ports[holder]) = (kept, ports);
        }
        else
        {
            _routes.Remove(holder);
        }
    }

    private static bool Claims(IReadOnlyList<Route> routes, Route has) => routes.Any(n => n.Host == has.Host && n.Path == has.Path);

    private static bool Claims(IReadOnlyList<TcpRoute>? routes, TcpRoute has) => routes?.Any(n => n.Listen == has.Listen) == true;
}
