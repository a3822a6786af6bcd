using Wherry.Core.Model;

namespace Wherry.Core.Planning;

/// <summary>In which order traffic moves: what interrupts first, because until it succeeds nothing else has moved; and a host and path is given up before another service claims it.</summary>
internal sealed class SwitchOrder(PlanInput input)
{
    private readonly List<Step> _steps = [];
    private readonly HashSet<ServiceName> _begun = [];
    private readonly HashSet<ServiceName> _finished = [];
    private readonly HashSet<ServiceName> _gone = [];

    public static IReadOnlyList<Step> Of(IReadOnlyCollection<ServiceSteps> services, PlanInput input)
    {
        var order = new SwitchOrder(input);
        foreach (var service in services.OrderBy(s => !s.Interrupts))
        {
            order.Visit(service, services);
        }

        return order._steps;
    }

    private void Visit(ServiceSteps service, IReadOnlyCollection<ServiceSteps> all)
    {
        if (!_begun.Add(service.Spec.Name))
        {
            return;
        }

        foreach (var holder in Holders(service.Spec))
        {
            if (all.FirstOrDefault(s => s.Spec.Name == holder) is { } other && !_begun.Contains(holder))
            {
                Visit(other, all);
            }
            else if ((!input.Wanted.Model.Services.ContainsKey(holder) || IsUnfinished(holder, all)) && _gone.Add(holder))
            {
                // Nobody else will give it up in time: the service is gone, or the two exchange their routes.
                _steps.Add(new Step.RemoveRoutes(holder));
            }
        }

        _steps.AddRange(service.Switch);
        _finished.Add(service.Spec.Name);
    }

    private bool IsUnfinished(ServiceName holder, IReadOnlyCollection<ServiceSteps> all) => all.Any(s => s.Spec.Name == holder) && !_finished.Contains(holder);

    /// <summary>Other services that the edge gives this one's routes to now.</summary>
    private IEnumerable<ServiceName> Holders(ServiceSpec spec) => input.Current is null ? [] :
        from before in input.Current.Model.Services.Values
        where before.Name != spec.Name && input.Seen.Routed.Contains(before.Name)
        where before.Routes.Any(r => spec.Routes.Any(n => n.Host == r.Host && n.Path == r.Path))
        select before.Name;
}
