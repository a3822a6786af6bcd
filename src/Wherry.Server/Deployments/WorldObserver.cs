using System.Globalization;
using Wherry.Core.Model;
using Wherry.Core.Planning;
using Wherry.Core.Routing;
using Wherry.Docker;
using Wherry.Server.Environments;

namespace Wherry.Server.Deployments;

/// <summary>Asks engine and edge what there is of an environment.</summary>
internal sealed class WorldObserver(Engine engine, EdgeClient edge, ContainerSpecs specs, EngineNames names)
{
    /// <summary>Everything: for planning.</summary>
    /// <param name="environment">Where.</param>
    /// <param name="model">Whose networks and volumes.</param>
    /// <param name="held">Services whose requests the deployment at work holds; <see langword="null"/>: those whose requests the edge holds.</param>
    /// <param name="ct">Stops asking.</param>
    public async Task<Observed> ObserveAsync(EnvironmentRef environment, ProjectModel model, IReadOnlySet<ServiceName>? held, CancellationToken ct)
    {
        var labels = Owned(environment);
        var networks = engine.Networks.ListAsync(labels, ct);
        var volumes = engine.Volumes.ListAsync(labels, ct);
        var world = await ReplicasAsync(environment, ct);
        var networkNames = (await networks).Select(n => n.Name).ToHashSet();
        var volumeNames = (await volumes).Select(v => v.Name).ToHashSet();
        return world with
        {
            Held = held ?? world.Held,
            Networks = Present(model.Networks.Keys, n => model.Networks[n].External || networkNames.Contains(names.Network(environment, model, n))),
            Volumes = Present(model.Volumes.Keys, v => model.Volumes[v].External || volumeNames.Contains(names.Volume(environment, model, v))),
        };
    }

    /// <summary>Replicas and traffic only: for every step.</summary>
    public async Task<Observed> ReplicasAsync(EnvironmentRef environment, CancellationToken ct)
    {
        var listing = engine.Containers.ListAsync(Owned(environment), true, ct);
        var prefix = EdgeClient.KeyPrefix(environment);
        var routed = (await edge.ListAsync(ct)).Where(s => s.Key.StartsWith(prefix, StringComparison.Ordinal)).ToDictionary(s => ServiceName.Parse(s.Key[prefix.Length..]));
        var replicas = (await listing)
            .Where(c => c.Labels.ContainsKey(Labels.Replica))
            .Select(c => Replica(c, routed))
            .OrderBy(r => r.Service.Value, StringComparer.Ordinal).ThenBy(r => r.Number)
            .ToList();
        return new Observed
        {
            Replicas = replicas,
            Routed = routed.Keys.ToHashSet(),
            Routes = routed.ToDictionary(r => r.Key, r => r.Value.Service.Routes),
            Tcp = routed.ToDictionary(r => r.Key, r => r.Value.Service.Tcp ?? []),
            Sides = routed.Where(r => r.Value.Split is not null).ToDictionary(r => r.Key, r => r.Value.Split!),
            Held = routed.Where(r => r.Value.Mode == ServiceMode.Paused).Select(r => r.Key).ToHashSet(),
        };
    }

    /// <summary>On its first network.</summary>
    public static string? AddressOf(ContainerSummary container) =>
        container.Networks.OrderBy(n => n.Key, StringComparer.Ordinal).Select(n => n.Value).FirstOrDefault(a => !string.IsNullOrEmpty(a));

    private Dictionary<string, string?> Owned(EnvironmentRef environment) => specs.Owned(environment).ToDictionary(l => l.Key, l => (string?)l.Value);

    private static ObservedReplica Replica(ContainerSummary container, Dictionary<ServiceName, EdgeServiceState> routed)
    {
        var service = ServiceName.Parse(container.Labels[Labels.Service]);
        var target = routed.GetValueOrDefault(service)?.Targets.FirstOrDefault(t => t.Id == EdgeServices.TargetId(container.Id));
        return new ObservedReplica(
            container.Id,
            service,
            Number(container, Labels.Replica),
            Number(container, Labels.Release),
            container.Labels.GetValueOrDefault(Labels.Hash) ?? "",
            container.State switch
            {
                ContainerState.Running when routed.ContainsKey(service) && AddressOf(container) is null => ReplicaState.Failed, // nobody reaches it
                ContainerState.Running => ReplicaState.Running,
                ContainerState.Created => ReplicaState.Created,
                ContainerState.Exited when container.ExitCode == 0 => ReplicaState.Completed,
                _ => ReplicaState.Failed,
            },
            AddressOf(container),
            target is { Draining: false },
            target?.InFlight ?? 0,
            target is { Healthy: false });
    }

    private static int Number(ContainerSummary container, string label) => int.Parse(container.Labels[label], CultureInfo.InvariantCulture);

    private static HashSet<string> Present(IEnumerable<string> names, Func<string, bool> exists) => [.. names.Where(exists)];
}
