using Wherry.Core.Model;
using Wherry.Docker;
using Wherry.Server.Deployments;
using Wherry.Server.Projects;
using Wherry.Server.Store;

namespace Wherry.Server.Environments;

/// <summary>Takes an environment or a project away with everything that is labelled as its own.</summary>
internal sealed class EnvironmentRemoval(Engine engine, EdgeClient edge, EnvironmentStore environments, ProjectStore projects, ContainerSpecs specs, Leftovers leftovers)
{
    /// <param name="environment">What to remove.</param>
    /// <param name="volumes">Its data too. Without, volumes stay and are found again by a project of the same name.</param>
    /// <param name="ct">Stops in the middle; asking again goes on.</param>
    public async Task RemoveAsync(EnvironmentRef environment, bool volumes, CancellationToken ct)
    {
        environments.Leave(environment, true);
        try
        {
            await TakeAwayAsync(environment, volumes, ct);
        }
        finally
        {
            environments.Leave(environment, false);
        }
    }

    private async Task TakeAwayAsync(EnvironmentRef environment, bool volumes, CancellationToken ct)
    {
        var prefix = EdgeClient.KeyPrefix(environment);
        foreach (var service in (await edge.ListAsync(ct)).Where(s => s.Key.StartsWith(prefix, StringComparison.Ordinal)))
        {
            await edge.RemoveAsync(service.Key, ct);
        }

        var labels = specs.Owned(environment).ToDictionary(l => l.Key, l => (string?)l.Value);
        foreach (var container in await engine.Containers.ListAsync(labels, true, ct))
        {
            await engine.Containers.RemoveAsync(container.Id, null, true, ct);
        }

        foreach (var network in await engine.Networks.ListAsync(labels, ct))
        {
            await engine.Networks.RemoveAsync(network.Name, ct);
        }

        foreach (var volume in volumes ? await engine.Volumes.ListAsync(labels, ct) : [])
        {
            await engine.Volumes.RemoveAsync(volume.Name, ct);
        }

        await leftovers.RemoveImagesAsync(environment, ct);
        await environments.RemoveAsync(environment, ct);
        leftovers.RemoveLogs(environment);
    }

    public async Task RemoveProjectAsync(TeamId team, ProjectName project, bool volumes, CancellationToken ct)
    {
        await projects.GetAsync(team, project, ct);
        foreach (var row in (await environments.ListAsync(team, ct)).Where(e => e.Project == project.Value))
        {
            await RemoveAsync(row.Ref(team), volumes, ct);
        }

        await leftovers.RemoveUnnamedImagesAsync(project, ct);
        await projects.RemoveAsync(team, project, ct);
        leftovers.RemoveProject(project);
    }
}
