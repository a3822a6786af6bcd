using Wherry.Client;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Core.Retention;
using Wherry.Docker;
using Wherry.Server.Environments;
using Release = Wherry.Core.Model.Release;

namespace Wherry.Server.Deployments;

/// <summary>Gives up images that nobody can go back to.</summary>
internal sealed class ReleasePruning(Engine engine, ReleaseStore releases, EngineNames names, HomeId home)
{
    /// <returns>What is kept, and what was given up.</returns>
    public async Task<ReceiptKept> PruneAsync(DeploymentRun run, CancellationToken ct)
    {
        var keep = run.Wanted!.Model.Services.Values.Max(s => s.Deploy.Keep);
        var all = await releases.ListKeptAsync(run.Environment, ct);
        var expired = ReleaseRetention.Expired(all.Select(r => ((int)r.Number, r.LiveAt is not null)), run.Wanted.Number, keep);
        var before = await BuiltAsync(run, ct);
        if (expired.Count > 0)
        {
            await ForgetAsync(run, all, expired, ct);
        }

        var after = expired.Count > 0 ? await BuiltAsync(run, ct) : before;
        var gone = before.ExceptBy(after.Select(i => i.Id), i => i.Id).ToList();
        return new ReceiptKept(all.Count - expired.Count, after.Count, after.Sum(i => i.Size.Bytes), expired, gone.Count, gone.Sum(i => i.Size.Bytes));
    }

    private async Task ForgetAsync(DeploymentRun run, IReadOnlyList<ReleaseRow> all, IReadOnlyList<int> expired, CancellationToken ct)
    {
        var needed = new HashSet<string>();
        foreach (var kept in all.Where(r => !expired.Contains((int)r.Number)))
        {
            needed.UnionWith((await releases.GetAsync(run.Environment, (int)kept.Number, ct)).Model.Services.Values.Select(s => s.Image!.Value));
        }

        foreach (var number in expired)
        {
            await ForgetAsync(run.Environment, await releases.GetAsync(run.Environment, number, ct), needed, ct);
        }

        await releases.ForgetImagesAsync(run.Environment, expired, ct);
    }

    /// <summary>Images that were built for the project; none are asked for when its release has none.</summary>
    private async Task<IReadOnlyList<ImageSummary>> BuiltAsync(DeploymentRun run, CancellationToken ct) => run.Wanted!.Model.Services.Values.All(s => s.Build is null) ? []
        : await engine.Images.ListAsync(new Dictionary<string, string?> { [Labels.Home] = home.Value, [Labels.Project] = run.Environment.Project.Value }, ct);

    /// <summary>Removes a release's tags, and its images when they are ours and no kept release has them.</summary>
    private async Task ForgetAsync(EnvironmentRef environment, Release release, HashSet<string> needed, CancellationToken ct)
    {
        foreach (var spec in release.Model.Services.Values.Where(s => s.Build is not null))
        {
            try
            {
                await engine.Images.RemoveAsync(ImageReference.Parse($"{names.Repository(environment, spec.Name)}:r{release.Number}"), ct);
                if (!needed.Contains(spec.Image!.Value) && (await engine.Images.FindAsync(spec.Image, ct))?.Labels.GetValueOrDefault(Labels.Home) == home.Value)
                {
                    await engine.Images.RemoveAsync(spec.Image, ct);
                }
            }
            catch (ProblemException e) when (e.Problem.Code == "docker/conflict")
            {
                // A container of somebody else uses it, or another environment's release has its own tag on it: it stays.
            }
        }
    }
}
