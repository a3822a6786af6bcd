using Wherry.Client;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Docker;
using Wherry.Server.Deployments;
using Wherry.Server.Environments;
using Wherry.Server.Store;

namespace Wherry.Server.Disk;

/// <summary>Images that Wherry built and that no release which can be gone back to has: left by a crash, a failed build, a removed environment. Pulled ones are not Wherry's.</summary>
internal sealed class UnneededImages(Engine engine, HomeId home, EnvironmentStore environments, ReleaseStore releases, EngineNames names, Database database)
{
    public async Task<IReadOnlyList<DiskRemoval>> RemoveAsync(bool dryRun, CancellationToken ct)
    {
        // Listed before the store is asked: what is built in between is not among them.
        var own = await engine.Images.ListAsync(new Dictionary<string, string?> { [Labels.Home] = home.Value }, ct);
        var used = (await engine.Containers.ListAsync(new Dictionary<string, string?>(), all: true, ct)).Select(c => c.ImageId).ToHashSet(StringComparer.Ordinal);
        var busy = await BusyProjectsAsync(ct);
        var kept = await KeptAsync(ct);
        var removed = new List<DiskRemoval>();
        foreach (var image in own.OrderBy(i => i.Created).Where(i => !used.Contains(i.Id) && !busy.Contains(i.Labels.GetValueOrDefault(Labels.Project) ?? "")))
        {
            if (!kept.Images.Contains(image.Id) && image.Tags.All(t => IsOurs(t) && !kept.Tags.Contains(t)) && (dryRun || await TryRemoveAsync(image, ct)))
            {
                removed.Add(new DiskRemoval("image", image.Tags is [var tag, ..] ? tag : image.Id[..19], image.Size.Bytes, "no release that can be gone back to has it"));
            }
        }

        return removed;
    }

    /// <summary>Somebody may have given it a name of their own: then it is theirs too.</summary>
    private bool IsOurs(string tag) => tag.StartsWith($"wherry/{home.NamePrefix}", StringComparison.Ordinal);

    private async Task<bool> TryRemoveAsync(ImageSummary image, CancellationToken ct)
    {
        try
        {
            foreach (var tag in image.Tags)
            {
                await engine.Images.RemoveAsync(ImageReference.Parse(tag), ct);
            }

            await engine.Images.RemoveAsync(ImageReference.Parse(image.Id), ct);
            return true;
        }
        catch (ProblemException e) when (e.Problem.Code == "docker/conflict")
        {
            return false; // somebody began to use it
        }
    }

    /// <summary>Images and tags of all releases that can be gone back to, of all teams.</summary>
    private async Task<(HashSet<string> Images, HashSet<string> Tags)> KeptAsync(CancellationToken ct)
    {
        var (images, tags) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        foreach (var environment in await environments.AllAsync(ct))
        {
            foreach (var row in (await releases.ListAsync(environment, ct)).Where(r => r.Kept != 0))
            {
                foreach (var spec in (await releases.GetAsync(environment, (int)row.Number, ct)).Model.Services.Values)
                {
                    images.Add(spec.Image?.Value ?? "");
                    tags.Add($"{names.Repository(environment, spec.Name)}:r{row.Number}");
                }
            }
        }

        return (images, tags);
    }

    /// <summary>Projects with a deployment at work: what it built is in no release yet.</summary>
    private async Task<HashSet<string>> BusyProjectsAsync(CancellationToken ct) =>
        [.. await database.QueryAsync<string>("SELECT DISTINCT p.name FROM deployment d JOIN environment e ON e.id = d.environment_id JOIN project p ON p.id = e.project_id WHERE d.outcome IS NULL", null, ct)];
}
