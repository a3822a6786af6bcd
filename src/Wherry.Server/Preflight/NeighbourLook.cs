using Wherry.Core.Model;
using Wherry.Core.Preflight;
using Wherry.Core.Problems;
using Wherry.Core.Routing;
using Wherry.Docker;
using Wherry.Server.Deployments;
using Wherry.Server.Environments;

namespace Wherry.Server.Preflight;

/// <summary>What others have of the ports, routes and names that a model wants.</summary>
internal sealed class NeighbourLook(Engine engine, EdgeClient edge, NamesInUse names, ContainerSpecs specs)
{
    public async Task<HostFacts> LookAsync(EnvironmentRef environment, ProjectModel model, HostFacts facts, CancellationToken ct)
    {
        var health = await edge.FindHealthAsync(ct);
        return facts with
        {
            Ports = await PortsAsync(environment, model, health?.Proxy is not null, ct),
            EdgePorts = await EdgePortsAsync(environment, model, ct),
            Routes = await RoutesAsync(environment, model, ct),
            ListensTls = model.Services.Values.All(s => s.Tls is null) || health is null or { ListenTls.Count: > 0 },
            Proxy = health?.Proxy?.Name,
            Names = await names.FindProblemsAsync(environment, model, ct),
        };
    }

    /// <param name="behindProxy">The ports of TCP routes are not the edge's but another proxy's, which has them already.</param>
    private async Task<IReadOnlyList<TakenPort>> PortsAsync(EnvironmentRef environment, ProjectModel model, bool behindProxy, CancellationToken ct)
    {
        var wanted = model.Services.Values.SelectMany(s => s.Ports).Select(p => p.HostPort).OfType<int>().ToHashSet();
        var ofEdge = behindProxy ? [] : model.Services.Values.SelectMany(s => s.Tcp ?? []).Select(r => r.Listen).ToHashSet();
        wanted.UnionWith(ofEdge);
        if (wanted.Count == 0)
        {
            return [];
        }

        var published = (await engine.Containers.ListAsync(new Dictionary<string, string?>(), all: false, ct))
            .SelectMany(c => c.Ports.Where(p => wanted.Contains(p.HostPort ?? 0)).Select(p => (Container: c, Port: p))).ToList();
        var taken = published.Where(p => !IsOf(environment, p.Container)).Select(p => new TakenPort(p.Port.HostAddress, p.Port.HostPort!.Value, p.Port.Protocol, OwnerOf(p.Container)));
        if (!engine.IsHere(await engine.InfoAsync(ct)))
        {
            return [.. taken];
        }

        // What the edge has for a service is told by its key, not by its socket; what it has for one of this environment it gives back.
        var own = EdgeClient.KeyPrefix(environment);
        var atEdge = (from service in await ServicesAsync(ct) from route in service.Service.Tcp ?? [] where ofEdge.Contains(route.Listen) || service.Key.StartsWith(own, StringComparison.Ordinal) select route.Listen).ToHashSet();

        // The engine's own proxies listen for what containers publish: those are told by their container.
        var others = Listening.All().Where(l => wanted.Contains(l.Port) && !published.Any(p => p.Port.HostPort == l.Port && p.Port.Protocol == l.Protocol) && !(l.Protocol == "tcp" && atEdge.Contains(l.Port)));
        return [.. taken, .. others.Select(l => new TakenPort(l.Address.ToString(), l.Port, l.Protocol, Listening.ProgramOf(l) ?? "another program"))];
    }

    private async Task<IReadOnlyList<TakenRoute>> RoutesAsync(EnvironmentRef environment, ProjectModel model, CancellationToken ct)
    {
        if (model.Services.Values.All(s => s.Routes.Count == 0))
        {
            return [];
        }

        var own = EdgeClient.KeyPrefix(environment);
        return
        [
            .. from service in await ServicesAsync(ct)
               where !service.Key.StartsWith(own, StringComparison.Ordinal)
               from route in service.Service.Routes
               select new TakenRoute(route.Host, route.Path, EnvironmentOf(service)),
        ];
    }

    private async Task<IReadOnlyList<TakenPort>> EdgePortsAsync(EnvironmentRef environment, ProjectModel model, CancellationToken ct)
    {
        if (model.Services.Values.All(s => s.Tcp is not { Count: > 0 }))
        {
            return [];
        }

        var own = EdgeClient.KeyPrefix(environment);
        return
        [
            .. from service in await ServicesAsync(ct)
               where !service.Key.StartsWith(own, StringComparison.Ordinal)
               from route in service.Service.Tcp ?? []
               select new TakenPort(route.Address, route.Listen, "tcp", EnvironmentOf(service)),
        ];
    }

    private async Task<IReadOnlyList<EdgeServiceState>> ServicesAsync(CancellationToken ct)
    {
        try
        {
            return await edge.ListAsync(ct);
        }
        catch (ProblemException e) when (e.Problem.Code == "edge/unreachable")
        {
            return []; // the plan asks it again, and says so
        }
    }

    private static string EnvironmentOf(EdgeServiceState service) => string.Join('/', service.Key.Split('.').Take(2));

    private bool IsOf(EnvironmentRef environment, ContainerSummary container) => specs.Owned(environment).All(l => container.Labels.GetValueOrDefault(l.Key) == l.Value);

    private static string OwnerOf(ContainerSummary container) => container.Labels.TryGetValue(Labels.Project, out var project)
        ? $"{container.Labels.GetValueOrDefault(Labels.Service)} of {project}/{container.Labels.GetValueOrDefault(Labels.Environment)}"
        : $"the container {container.Name}";
}
