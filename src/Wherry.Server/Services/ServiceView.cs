using Wherry.Client;
using Wherry.Core.Model;
using Wherry.Core.Planning;
using Wherry.Core.Routing;
using Wherry.Docker;
using Wherry.Server.Deployments;
using Wherry.Server.Environments;
using Wherry.Server.Reconcile;

namespace Wherry.Server.Services;

/// <summary>Services with their replicas, as engine and edge see them now.</summary>
internal sealed class ServiceView(Engine engine, EdgeClient edge, ReleaseStore releases, EnvironmentStore environments, ContainerSpecs specs, DriftBoard board)
{
    /// <summary>What is asked of engine and edge once, for all environments.</summary>
    public async Task<Snapshot> LookAsync(EnvironmentRef? only, CancellationToken ct)
    {
        var labels = only is null ? specs.OwnedByHome() : specs.Owned(only);
        var containers = engine.Containers.ListAsync(labels.ToDictionary(l => l.Key, l => (string?)l.Value), true, ct);
        var health = await edge.FindHealthAsync(ct);
        var services = health is null ? [] : await edge.ListAsync(ct);
        return new Snapshot(await containers, services.ToDictionary(s => s.Key), health);
    }

    public async Task<IReadOnlyList<Service>> OfAsync(EnvironmentRef environment, CancellationToken ct) => await OfAsync(environment, await LookAsync(environment, ct), ct);

    public async Task<IReadOnlyList<Service>> OfAsync(EnvironmentRef environment, Snapshot seen, CancellationToken ct)
    {
        if (await releases.FindCurrentAsync(environment, ct) is not { } release)
        {
            return [];
        }

        var scale = await environments.ScaleAsync(environment, ct);
        var ports = EdgePorts.Of(seen.Edge);
        var secure = AddressBook.Secure(release.Model);
        return [.. release.Model.Services.Values.Select(spec => View(environment, spec, scale.GetValueOrDefault(spec.Name, spec.Replicas), seen, [.. AddressBook.Of(spec, secure, ports)], release.Model)).Select(s => s.State is "running" or "degraded" or "stopped" && board.IsCrashLooping(environment, ServiceName.Parse(s.Name)) ? s with { State = "crash-looping" } : s)];
    }

    private static Service View(EnvironmentRef environment, ServiceSpec spec, int wanted, Snapshot seen, IReadOnlyList<string> addresses, ProjectModel model)
    {
        var routed = seen.Services.GetValueOrDefault(EdgeClient.Key(environment, spec.Name));
        var replicas = seen.Replicas[EdgeClient.Key(environment, spec.Name)]
            .Select(c => View(c, routed))
            .OrderBy(r => r.Number)
            .ToList();
        return new Service(spec.Name.Value, spec.Image?.Value ?? "", wanted, State(spec, wanted, replicas, routed, Dependents.WaitForCompletion(model, spec.Name)), addresses, replicas);
    }

    private static Replica View(ContainerSummary container, EdgeServiceState? routed)
    {
        var target = routed?.Targets.FirstOrDefault(t => t.Id == EdgeServices.TargetId(container.Id));
        var health = (target, container.Health) switch
        {
            ({ Draining: true }, _) => "draining",
            ({ Healthy: true }, _) => "healthy",
            ({ Healthy: false }, _) => "unhealthy",
            (_, ContainerHealth.Healthy) => "healthy",
            (_, ContainerHealth.Unhealthy) => "unhealthy",
            (_, ContainerHealth.Starting) => "starting",
            _ => "none",
        };
        return new Replica(container.Id, container.Name, int.Parse(container.Labels[Labels.Replica], System.Globalization.CultureInfo.InvariantCulture), int.Parse(container.Labels[Labels.Release], System.Globalization.CultureInfo.InvariantCulture), container.State.ToString().ToLowerInvariant(), health, container.Created);
    }

    private static string State(ServiceSpec spec, int wanted, List<Replica> replicas, EdgeServiceState? routed, bool isJob) => routed?.Mode switch
    {
        ServiceMode.Maintenance => "maintenance",
        ServiceMode.Paused => "paused",
        _ when isJob || (spec.Restart.Condition == RestartCondition.No && replicas.Any(r => r.State == "exited")) => "completed",
        _ when replicas.All(r => r.State != "running") => "stopped",
        _ when replicas.Count(r => r is { State: "running", Health: not "unhealthy" }) >= wanted => "running",
        _ => "degraded",
    };
}

/// <summary>Engine and edge at one moment.</summary>
/// <param name="Edge"><see langword="null"/> when the edge does not answer.</param>
internal sealed record Snapshot(IReadOnlyList<ContainerSummary> Containers, IReadOnlyDictionary<string, EdgeServiceState> Services, EdgeHealth? Edge)
{
    /// <summary>Containers that are replicas, by the edge's name for their service.</summary>
    public ILookup<string, ContainerSummary> Replicas { get; } = Containers.Where(c => c.Labels.ContainsKey(Labels.Replica))
        .ToLookup(c => $"{c.Labels.GetValueOrDefault(Labels.Project)}.{c.Labels.GetValueOrDefault(Labels.Environment)}.{c.Labels.GetValueOrDefault(Labels.Service)}");
}
