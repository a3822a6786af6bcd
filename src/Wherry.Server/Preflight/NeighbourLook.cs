using Wherry.Core.Model;
using Wherry.Core.Preflight;
using Wherry.Core.Problems;
using Wherry.Docker;
using Wherry.Server.Deployments;
using Wherry.Server.Environments;

namespace Wherry.Server.Preflight;

/// <summary>What others have of the ports, routes and names that a model wants.</summary>
internal sealed class NeighbourLook(Engine engine, EdgeClient edge, NamesInUse names, ContainerSpecs specs)
{
    public async Task<HostFacts> LookAsync(EnvironmentRef environment, ProjectModel model, HostFacts facts, CancellationToken ct) => facts with
    {
        Ports = await PortsAsync(environment, model, ct),
        Routes = await RoutesAsync(environment, model, ct),
        ListensTls = model.Services.Values.All(s => s.Tls is null) || await edge.FindHealthAsync(ct) is null or { ListenTls.Count: > 0 },
        Names = await names.FindProblemsAsync(environment, model, ct),
    };

    private async Task<IReadOnlyList<TakenPort>> PortsAsync(EnvironmentRef environment, ProjectModel model, CancellationToken ct)
    {
        var wanted = model.Services.Values.SelectMany(s => s.Ports).Select(p => p.HostPort).OfType<int>().ToHashSet();
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

        // The engine's own proxies listen for what containers publish: those are told by their container.
        var others = Listening.All().Where(l => wanted.Contains(l.Port) && !published.Any(p => p.Port.HostPort == l.Port && p.Port.Protocol == l.Protocol));
        return [.. taken, .. others.Select(l => new TakenPort(l.Address.ToString(), l.Port, l.Protocol, Listening.ProgramOf(l) ?? "another program"))];
    }

    private async Task<IReadOnlyList<TakenRoute>> RoutesAsync(EnvironmentRef environment, ProjectModel model, CancellationToken ct)
    {
        if (model.Services.Values.All(s => s.Routes.Count == 0))
        {
            return [];
        }

        try
        {
            var own = EdgeClient.KeyPrefix(environment);
            return
            [
                .. from service in await edge.ListAsync(ct)
                   where !service.Key.StartsWith(own, StringComparison.Ordinal)
                   from route in service.Service.Routes
                   select new TakenRoute(route.Host, route.Path, string.Join('/', service.Key.Split('.').Take(2))),
            ];
        }
        catch (ProblemException e) when (e.Problem.Code == "edge/unreachable")
        {
            return []; // the plan asks it again, and says so
        }
    }

    private bool IsOf(EnvironmentRef environment, ContainerSummary container) => specs.Owned(environment).All(l => container.Labels.GetValueOrDefault(l.Key) == l.Value);

    private static string OwnerOf(ContainerSummary container) => container.Labels.TryGetValue(Labels.Project, out var project)
        ? $"{container.Labels.GetValueOrDefault(Labels.Service)} of {project}/{container.Labels.GetValueOrDefault(Labels.Environment)}"
        : $"the container {container.Name}";
}
