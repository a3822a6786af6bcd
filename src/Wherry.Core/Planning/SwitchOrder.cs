namespace Wherry.Core.Planning;

/// <summary>In which order traffic moves: what interrupts first, because until it succeeds nothing else has moved; and a service that takes a route over before the one that has it, so that the route always leads somewhere.</summary>
internal sealed class SwitchOrder(RouteClaims claims, IReadOnlyCollection<ServiceSteps> services)
{
    private readonly List<ServiceSteps> _order = [];

    public static IEnumerable<ServiceSteps> Of(IReadOnlyCollection<ServiceSteps> services, PlanInput input)
    {
        var order = new SwitchOrder(new RouteClaims(input), services);
        foreach (var service in services.OrderBy(s => !s.Interrupts))
        {
            order.Visit(service, []);
        }

        return order._order;
    }

    private void Visit(ServiceSteps service, IReadOnlyList<ServiceSteps> waiting)
    {
        if (_order.Contains(service) || waiting.Contains(service))
        {
            return;
        }

        foreach (var taker in services.Where(s => claims.HoldersOfRoutesOf(s.Spec).Contains(service.Spec.Name)))
        {
            Visit(taker, [.. waiting, service]);
        }

        _order.Add(service);
    }
}
