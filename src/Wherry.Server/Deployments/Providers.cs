using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Docker;

namespace Wherry.Server.Deployments;

/// <summary>Finds the containers whose namespaces or volumes another one has.</summary>
internal static class Providers
{
    /// <summary>The newest container of each of these services that is made from the release's settings; for a namespace it must run.</summary>
    /// <exception cref="ProblemException"><c>service/provider-missing</c>.</exception>
    public static async Task<ContainerSpec> JoinAsync(Engine engine, DeploymentRun run, ContainerSpec made, CancellationToken ct)
    {
        var found = new Dictionary<ServiceName, string>();
        foreach (var service in made.Sharing?.Providers() ?? [])
        {
            found[service] = await FindAsync(engine, run, made, service, ct)
                ?? throw new Problem("service/provider-missing", $"{made.Labels[Labels.Service]} shares with {service}, of which no container runs.", $"See why with `wherry logs {service}`, then deploy again.").AsException();
        }

        return found.Count == 0 ? made : made with { Providers = found };
    }

    private static async Task<string?> FindAsync(Engine engine, DeploymentRun run, ContainerSpec made, ServiceName service, CancellationToken ct)
    {
        var labels = new Dictionary<string, string?> { [Labels.Service] = service.Value, [Labels.Replica] = null };
        foreach (var label in (string[])[Labels.Home, Labels.Project, Labels.Environment])
        {
            labels[label] = made.Labels[label];
        }

        var needsNamespace = new[] { made.Sharing?.Network, made.Sharing?.Ipc, made.Sharing?.Pid }.Any(n => n?.Service == service);
        var hash = run.FindSpec(service) is { } spec ? SpecHash.Of(spec) : null;
        return (await engine.Containers.ListAsync(labels, all: !needsNamespace, ct))
            .OrderByDescending(c => c.Labels.GetValueOrDefault(Labels.Hash) == hash)
            .ThenByDescending(c => c.State == ContainerState.Running)
            .ThenByDescending(c => c.Created)
            .FirstOrDefault()?.Id;
    }
}
