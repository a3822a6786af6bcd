using System.Globalization;
using Wherry.Core.Model;
using Wherry.Core.Reconcile;
using Wherry.Core.Routing;
using Wherry.Docker;
using Wherry.Server.Deployments;
using Wherry.Server.Environments;

namespace Wherry.Server.Reconcile;

/// <summary>Looks at engine and edge once for all environments, and takes from that what belongs to each.</summary>
internal sealed class ReconcileObserver(Engine engine, EdgeClient edge, ContainerSpecs specs, EngineNames names, SettingsWatch settings, ReconcileStore store)
{
    /// <exception cref="Core.Problems.ProblemException">Engine or edge does not answer.</exception>
    public async Task<Sight> LookAsync(CancellationToken ct)
    {
        var labels = specs.OwnedByHome().ToDictionary(l => l.Key, l => (string?)l.Value);
        var listing = engine.Containers.ListAsync(labels, true, ct);
        var networks = engine.Networks.ListAsync(labels, ct);
        var services = await edge.ListAsync(ct);
        var containers = await listing;
        settings.Keep(containers.Select(c => c.Id).ToHashSet());
        return new Sight(
            containers.ToLookup(c => $"{c.Labels.GetValueOrDefault(Labels.Project)}/{c.Labels.GetValueOrDefault(Labels.Environment)}"),
            (await networks).Select(n => n.Name).ToHashSet(),
            services.ToLookup(s => s.Key[..(s.Key.LastIndexOf('.') + 1)]));
    }

    /// <summary>One environment of it.</summary>
    public async Task<EnvironmentView> ViewAsync(EnvironmentFacts facts, WantedRelease wanted, Sight sight, IEnumerable<Death> deaths, CancellationToken ct)
    {
        var environment = facts.Environment;
        var services = wanted.Scaled(facts.Scale);
        var own = sight.Containers[environment.ToString()].ToList();
        var traffic = sight.OfEdge(environment);
        var seen = new List<SeenContainer>();
        foreach (var container in own.Where(c => c.Labels.ContainsKey(Labels.Service)))
        {
            seen.Add(await SeenAsync(facts, wanted, services, container, traffic, ct));
        }

        return new EnvironmentView
        {
            Services = services,
            Stopped = facts.Stopped ? services.Select(s => s.Name).ToHashSet() : facts.StoppedServices,
            Containers = seen,
            Traffic = traffic.ToDictionary(t => t.Key, t => Traffic(t.Value, own)),
            MissingNetworks = facts.Stopped ? [] : [.. services.SelectMany(s => s.Spec.Networks.Keys).Distinct().Where(n => wanted.Release.Model.Networks.GetValueOrDefault(n) is not { External: true } && !sight.Networks.Contains(names.Network(environment, wanted.Release.Model, n)))],
            Deaths = [.. deaths.Where(d => d.At > (facts.LastEnd ?? DateTimeOffset.MinValue))],
        };
    }

    /// <summary>Whether the edge has another address of a replica that serves.</summary>
    public static bool HasMoved(EnvironmentRef environment, Sight sight)
    {
        var traffic = sight.OfEdge(environment);
        return sight.Containers[environment.ToString()].Where(c => c.State == ContainerState.Running).Any(c =>
            Name(c) is { } service && traffic.GetValueOrDefault(service)?.Targets.FirstOrDefault(t => t.Id == EdgeServices.TargetId(c.Id) && !t.Draining) is { } target
            && WorldObserver.AddressOf(c) is { } address && address != target.Address);
    }

    private async Task<SeenContainer> SeenAsync(EnvironmentFacts facts, WantedRelease wanted, IReadOnlyList<WantedService> services, ContainerSummary c, Dictionary<ServiceName, EdgeServiceState> traffic, CancellationToken ct)
    {
        var name = ServiceName.Parse(c.Labels[Labels.Service]);
        var service = services.FirstOrDefault(s => s.Name == name);
        var isReplica = c.Labels.ContainsKey(Labels.Replica);
        var number = isReplica ? Number(c, Labels.Replica) : 0;
        var hash = c.Labels.GetValueOrDefault(Labels.Hash) ?? "";
        return new SeenContainer(
            c.Id,
            name,
            number,
            Number(c, Labels.Release),
            hash,
            c.State switch
            {
                ContainerState.Running when service is { IsRouted: true } && WorldObserver.AddressOf(c) is null => Doing.CutOff,
                ContainerState.Running => Doing.Running,
                ContainerState.Restarting => Doing.Restarting,
                ContainerState.Paused => Doing.Paused,
                ContainerState.Created => Doing.Created,
                ContainerState.Exited => Doing.Exited,
                _ => Doing.Dead,
            },
            c.ExitCode,
            traffic.GetValueOrDefault(name)?.Targets.Any(t => t.Id == EdgeServices.TargetId(c.Id) && !t.Draining) ?? false,
            c.Health == ContainerHealth.Unhealthy,
            service is null && c.Labels.GetValueOrDefault(Labels.Deployment) is { } deployment && await store.FailedAsync(facts.Environment.Team, deployment, ct),
            isReplica ? null : c.Labels.GetValueOrDefault(Labels.OneOff),
            isReplica && !facts.Busy && service is { IsJob: false } && hash == service.Hash ? await settings.DifferencesAsync(facts.Environment, wanted.Release, service.Spec, c, number, ct) : null);
    }

    private static SeenTraffic Traffic(EdgeServiceState state, List<ContainerSummary> own) => new(
        state.Service.Routes,
        state.Targets.Where(t => !t.Draining).Select(t => own.FirstOrDefault(c => EdgeServices.TargetId(c.Id) == t.Id)?.Id ?? t.Id).ToHashSet(),
        state.Service.Tcp);

    private static ServiceName? Name(ContainerSummary container) => container.Labels.TryGetValue(Labels.Service, out var text) ? ServiceName.Parse(text) : null;

    private static int Number(ContainerSummary container, string label) => int.TryParse(container.Labels.GetValueOrDefault(label), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}

/// <summary>Engine and edge at one moment.</summary>
/// <param name="Containers">By <c>project/environment</c>.</param>
/// <param name="Edge">By what the keys of an environment begin with.</param>
internal sealed record Sight(ILookup<string, ContainerSummary> Containers, IReadOnlySet<string> Networks, ILookup<string, EdgeServiceState> Edge)
{
    public Dictionary<ServiceName, EdgeServiceState> OfEdge(EnvironmentRef environment) =>
        Edge[EdgeClient.KeyPrefix(environment)].ToDictionary(s => ServiceName.Parse(s.Key[EdgeClient.KeyPrefix(environment).Length..]));
}
