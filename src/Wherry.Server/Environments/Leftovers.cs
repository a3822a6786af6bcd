using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Docker;
using Wherry.Server.Deployments;
using Wherry.Server.Git;
using Wherry.Server.Logs;

namespace Wherry.Server.Environments;

/// <summary>What an environment leaves outside of the store: containers, networks, volumes, images, logs, the repository.</summary>
internal sealed class Leftovers(Engine engine, LogStore logs, GitRepositories repositories, EngineNames names, ContainerSpecs specs, HomeId home)
{
    /// <summary>Containers and networks, and volumes where that is asked for.</summary>
    public async Task RemoveContainersAsync(EnvironmentRef environment, bool volumes, CancellationToken ct)
    {
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
    }

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
