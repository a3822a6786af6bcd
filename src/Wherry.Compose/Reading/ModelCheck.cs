using Wherry.Core.Model;

namespace Wherry.Compose.Reading;

/// <summary>What can be checked only when all services are known: dependencies, cycles, routes claimed twice.</summary>
internal sealed class ModelCheck(IReadOnlyDictionary<ServiceName, FoundService> active, IReadOnlySet<ServiceName> inactive)
{
    /// <summary>The services with their dependencies settled. Problems are reported where they are written.</summary>
    public SortedDictionary<ServiceName, ServiceSpec> Run()
    {
        CheckRoutes();
        CheckPorts();
        var oneShots = active.Values.SelectMany(s => s.Spec.DependsOn).Where(d => d.Condition == DependencyCondition.CompletedSuccessfully).Select(d => d.Service).ToHashSet();
        var services = new SortedDictionary<ServiceName, ServiceSpec>(Comparer<ServiceName>.Create((a, b) => string.CompareOrdinal(a.Value, b.Value)));
        foreach (var (name, found) in active)
        {
            var dependencies = found.Dependencies.Where(Settle).Select(d => d.Dependency).ToList();
            // What others wait for to complete would never be complete if it were started again.
            var restart = !found.HasRestart && oneShots.Contains(name) ? new RestartPolicy(RestartCondition.No) : found.Spec.Restart;
            services[name] = found.Spec with { DependsOn = dependencies, Restart = restart };
        }

        CheckCycles(services);
        new AliasCheck(active).Settle(services);
        new SharingCheck(active).Settle(services);
        return services;
    }

    /// <returns>Whether the dependency stays.</returns>
    private bool Settle(FoundDependency found)
    {
        var (service, required) = (found.Dependency.Service, found.Dependency.Required);
        if (active.ContainsKey(service))
        {
            return true;
        }

        if (!inactive.Contains(service))
        {
            found.Field.Wrong("compose/undefined-reference", $"there is no service \"{service}\"", "Name a service of this file.");
        }
        else if (required)
        {
            found.Field.Wrong("compose/undefined-reference", $"the service \"{service}\" is not active: none of its profiles is on", "Turn one of its profiles on, or write required: false.");
        }

        return false;
    }

    private void CheckRoutes()
    {
        var claimed = new Dictionary<(string? Host, string Path), string>();
        foreach (var (name, route) in active.SelectMany(s => s.Value.Routes.Select(r => (s.Key, r))))
        {
            if (!claimed.TryAdd((route.Route.Host?.Value, route.Route.Path.Value), name.Value))
            {
                var owner = claimed[(route.Route.Host?.Value, route.Route.Path.Value)];
                route.Field.Wrong("compose/route-taken", $"{route.Route.Host?.Value ?? "any host"}{route.Route.Path} leads to service \"{owner}\" already", "Give one of the two another host or path.");
            }
        }
    }

    /// <summary>The edge has each port once.</summary>
    private void CheckPorts()
    {
        var claimed = new Dictionary<int, string>();
        foreach (var (name, route) in active.SelectMany(s => s.Value.Tcp.Select(r => (s.Key, r))))
        {
            if (!claimed.TryAdd(route.Route.Listen, name.Value))
            {
                route.Field.Wrong("compose/route-taken", $"port {route.Route.Listen} of the edge leads to service \"{claimed[route.Route.Listen]}\" already", "Give one of the two another listen port.");
            }
        }
    }

    /// <summary>Takes away what depends on nothing that is left, until nothing goes: what stays is in a cycle or behind one.</summary>
    private void CheckCycles(SortedDictionary<ServiceName, ServiceSpec> services)
    {
        var left = services.Keys.ToHashSet();
        while (left.RemoveWhere(n => !services[n].DependsOn.Any(d => left.Contains(d.Service))) > 0)
        {
        }

        if (left.Count == 0)
        {
            return;
        }

        var path = new List<ServiceName> { services.Keys.First(left.Contains) };
        for (var next = Next(); ; next = Next())
        {
            var start = path.IndexOf(next);
            path.Add(next);
            if (start >= 0)
            {
                var cycle = string.Join(" -> ", path.Skip(start).Select(n => n.Value));
                active[next].Fields.Wrong("compose/cycle", $"depends on itself: {cycle}", "Remove one of these depends_on.");
                return;
            }
        }

        ServiceName Next() => services[path[^1]].DependsOn.First(d => left.Contains(d.Service)).Service;
    }
}
