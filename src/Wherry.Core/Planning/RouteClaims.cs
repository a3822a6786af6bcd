using Wherry.Core.Model;

namespace Wherry.Core.Planning;

/// <summary>Which service has which routes while a plan runs: no two may have the same host and path.</summary>
internal sealed class RouteClaims(PlanInput input)
{
    private readonly Dictionary<ServiceName, IReadOnlyList<Route>> _routes = input.Seen.Routed.ToDictionary(
        s => s,
        s => input.Seen.Routes.GetValueOrDefault(s) ?? input.Current?.Model.Services.GetValueOrDefault(s)?.Routes ?? []);

    /// <summary>The steps, with a service's routes taken away where another is about to claim one of them: the service is gone, or the two exchange theirs.</summary>
    public IEnumerable<Step> Settle(IEnumerable<Step> steps)
    {
        foreach (var step in steps)
        {
            if (step is Step.SwitchTraffic { Service: var service } && input.Wanted.Model.Services[service] is var spec)
            {
                foreach (var holder in HoldersOfRoutesOf(spec).ToList())
                {
                    _routes.Remove(holder);
                    yield return new Step.RemoveRoutes(holder);
                }

                _routes[service] = spec.Routes;
            }

            if (step is not Step.RemoveRoutes gone || _routes.Remove(gone.Service))
            {
                yield return step;
            }
        }
    }

    public IEnumerable<ServiceName> HoldersOfRoutesOf(ServiceSpec spec) =>
        _routes.Where(r => r.Key != spec.Name && r.Value.Any(has => spec.Routes.Any(n => n.Host == has.Host && n.Path == has.Path))).Select(r => r.Key);
}
