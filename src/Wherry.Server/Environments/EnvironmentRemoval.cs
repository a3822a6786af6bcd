using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Docker;
using Wherry.Server.Deployments;
using Wherry.Server.Git;
using Wherry.Server.Logs;
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
        var prefix = $"{environment.Project}.{environment.Name}.";
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

/// <summary>What an environment leaves outside of containers: images, logs, the repository.</summary>
internal sealed class Leftovers(Engine engine, LogStore logs, GitRepositories repositories, EngineNames names, HomeId home)
{
    public async Task RemoveImagesAsync(EnvironmentRef environment, CancellationToken ct)
    {
        var mine = names.Repositories(environment);
        foreach (var image in await engine.Images.ListAsync(Built(environment.Project), ct))
        {
            foreach (var tag in image.Tags.Where(t => t.StartsWith(mine, StringComparison.Ordinal)))
            {
                await engine.Images.RemoveAsync(ImageReference.Parse(tag), ct);
            }
        }
    }

    /// <summary>Images of builds that no release came of: another build of the same deployment failed.</summary>
    public async Task RemoveUnnamedImagesAsync(ProjectName project, CancellationToken ct)
    {
        var mine = await engine.Images.ListAsync(Built(project), ct);
        foreach (var image in mine.Where(i => i.Tags.Count == 0))
        {
            try
            {
                await engine.Images.RemoveAsync(ImageReference.Parse(image.Id), ct);
            }
            catch (ProblemException e) when (e.Problem.Code == "docker/conflict")
            {
                // A container of somebody else uses it: it stays.
            }
        }
    }

    public void RemoveLogs(EnvironmentRef environment) => logs.Remove(environment.Project.Value, environment.Name.Value);

    public void RemoveProject(ProjectName project)
    {
        logs.Remove(project.Value);
        repositories.Remove(project);
    }

    private Dictionary<string, string?> Built(ProjectName project) => new() { [Labels.Home] = home.Value, [Labels.Project] = project.Value };
}
