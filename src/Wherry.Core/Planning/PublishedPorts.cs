using Wherry.Core.Model;

namespace Wherry.Core.Planning;

/// <summary>Published ports that the edge takes in the engine's place: a service with one can then overlap with its successor, and have more than one replica.</summary>
public static class PublishedPorts
{
    /// <summary>The model with its published TCP ports led by the edge. What names <c>mode: host</c>, another protocol, or leaves the port to the engine stays the engine's.</summary>
    /// <param name="model">As it was read.</param>
    /// <param name="http">Ports on which the edge takes HTTP: a service that publishes one is reached there by its routes; without any it gets every host that is nobody else's.</param>
    public static ProjectModel ByEdge(ProjectModel model, IReadOnlyCollection<int> http) =>
        model.Services.Values.Any(s => s.Ports.Any(p => p.IsForEdge())) ? model with { Services = model.Services.ToDictionary(s => s.Key, s => ByEdge(s.Value, http)) } : model;

    private static ServiceSpec ByEdge(ServiceSpec spec, IReadOnlyCollection<int> http)
    {
        var led = spec.Ports.Where(p => p.IsForEdge()).ToList();
        if (led.Count == 0 || spec.Networks.Count == 0) // without a network of its own the edge does not reach it
        {
            return spec;
        }

        var web = led.FindAll(p => http.Contains(p.HostPort!.Value) && p.HostAddress is null or "0.0.0.0" or "::");
        IReadOnlyList<TcpRoute> tcp =
        [
            .. spec.Tcp ?? [],
            .. led.Except(web).Where(p => spec.Tcp?.Any(t => t.Listen == p.HostPort) != true).Select(p => new TcpRoute(p.HostPort!.Value, p.ContainerPort) { Address = p.HostAddress }),
        ];
        return spec with
        {
            Ports = [.. spec.Ports.Except(led)],
            Routes = spec.Routes.Count == 0 && web.Count > 0 ? [new Route(null, PathPrefix.Root, web[0].ContainerPort)] : spec.Routes,
            Tcp = tcp.Count > 0 ? tcp : null,
            Deploy = spec.Deploy.Strategy is null && OwnsWhatTwoCannot(spec) ? spec.Deploy with { Strategy = DeployStrategy.Recreate } : spec.Deploy,
        };
    }

    /// <summary>Its port alone kept it from running twice until here: a database on a folder of the server would lose its data by that.</summary>
    private static bool OwnsWhatTwoCannot(ServiceSpec spec) =>
        spec.Replicas <= 1 && (spec.Mounts.Any(m => m is { Kind: MountKind.Bind, ReadOnly: false }) || spec.Sharing?.Devices is { Count: > 0 });
}
