using Wherry.Core.Model;
using Wherry.Server.Deployments;
using Wherry.Server.Projects;
using Wherry.Server.Store;

namespace Wherry.Server.Environments;

/// <summary>Takes an environment or a project away with everything that is labelled as its own.</summary>
internal sealed class EnvironmentRemoval(EdgeClient edge, EnvironmentStore environments, ProjectStore projects, DeploymentLanes lanes, Leftovers leftovers, SiteFiles sites)
{
    /// <summary>What is at work in it is broken off first.</summary>
    /// <param name="environment">What to remove.</param>
    /// <param name="volumes">Its data too. Without, volumes stay and are found again by a project of the same name.</param>
    /// <param name="ct">Stops in the middle; asking again goes on.</param>
    public async Task RemoveAsync(EnvironmentRef environment, bool volumes, CancellationToken ct)
    {
        environments.Leave(environment);
        var gone = false;
        try
        {
            await lanes.HaltAsync(environment, ct);
            await TakeAwayAsync(environment, volumes, ct);
            gone = true;
        }
        finally
        {
            environments.Stay(environment);
            lanes.Reopen(environment, gone);
        }
    }

    private async Task TakeAwayAsync(EnvironmentRef environment, bool volumes, CancellationToken ct)
    {
        var prefix = EdgeClient.KeyPrefix(environment);
        foreach (var service in (await edge.ListAsync(ct)).Where(s => s.Key.StartsWith(prefix, StringComparison.Ordinal)))
        {
            await edge.RemoveAsync(service.Key, ct);
            sites.Prune(service.Key, serving: null);
        }

        await leftovers.RemoveContainersAsync(environment, volumes, ct);
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
