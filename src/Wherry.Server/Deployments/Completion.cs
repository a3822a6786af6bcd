using Wherry.Core.Deployments;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Core.Retention;
using Wherry.Docker;
using Wherry.Server.Environments;

namespace Wherry.Server.Deployments;

/// <summary>The end of a deployment: makes the release current, tells the addresses, gives up images that nobody can go back to.</summary>
internal sealed class Completion(Engine engine, EnvironmentStore environments, ReleaseStore releases, AddressBook addresses, EngineNames names, HomeId home)
{
    public async Task FinishAsync(DeploymentRun run, Problem? problem, CancellationToken ct)
    {
        await run.CloseTreeAsync();
        if (problem is not null)
        {
            await run.Log.WriteAsync("deploy", "wherry", problem.Code == Interruption.Cancelled ? problem.Message : $"failed: {problem.Message}");
            await run.Log.WriteAsync("deploy", "wherry", $"  → {problem.Hint}");
            await run.Log.WriteAsync("deploy", "wherry", $"  ({problem.Code})");
            return;
        }

        if (run.Intent.Kind == DeploymentKind.Stop)
        {
            await environments.SetStoppedAsync(run.Environment, run.Intent.Services.Count == 0, ct);
            await run.Log.WriteAsync("deploy", "wherry", "stopped");
            return;
        }

        await environments.SetCurrentAsync(run.Environment, run.Wanted!.Number, ct);
        foreach (var address in await addresses.OfAsync(run.Wanted.Model, ct))
        {
            await run.Log.WriteAsync("deploy", "wherry", $"live at {address}");
        }

        await PruneAsync(run, ct);
        await run.Log.WriteAsync("deploy", "wherry", $"r{run.Wanted.Number} is live");
    }

    private async Task PruneAsync(DeploymentRun run, CancellationToken ct)
    {
        var keep = run.Wanted!.Model.Services.Values.Max(s => s.Deploy.Keep);
        var all = await releases.ListAsync(run.Environment, ct);
        var expired = ReleaseRetention.Expired(all.Where(r => r.Kept != 0).Select(r => ((int)r.Number, r.LiveAt is not null)), run.Wanted.Number, keep);
        if (expired.Count == 0)
        {
            return;
        }

        var needed = new HashSet<string>();
        foreach (var kept in all.Where(r => r.Kept != 0 && !expired.Contains((int)r.Number)))
        {
            needed.UnionWith((await releases.GetAsync(run.Environment, (int)kept.Number, ct)).Model.Services.Values.Select(s => s.Image!.Value));
        }

        foreach (var number in expired)
        {
            await ForgetAsync(run.Environment, await releases.GetAsync(run.Environment, number, ct), needed, ct);
        }

        await releases.ForgetImagesAsync(run.Environment, expired, ct);
    }

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
