using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Wherry.Client;
using Wherry.Core.Model;
using Wherry.Core.Planning;
using Wherry.Core.Problems;
using Wherry.Docker;
using Wherry.Server.Builds;
using Wherry.Server.Environments;
using Wherry.Server.Sources;

namespace Wherry.Server.Deployments;

/// <summary>A release as it would be, without building or pulling anything, and what decides about it.</summary>
/// <param name="Builds">Services whose image is not known before it is built, and why.</param>
internal sealed record PlanSketch(ProjectModel Model, IReadOnlyDictionary<ServiceName, string> Builds, IReadOnlyList<string> Notes, PlanBasis Basis);

/// <summary>Makes sketches: once for the plan, and once more when a plan is deployed, to see that nothing moved.</summary>
internal sealed class PlanSketches(ReleaseStore releases, EnvironmentStore environments, BuildRunner builds, Engine engine, WorldObserver observer, PlanStore plans)
{
    public async Task<PlanSketch> MakeAsync(EnvironmentRef environment, DeployRequest request, PreparedModel prepared, SourceTree? tree, CancellationToken ct)
    {
        var current = await releases.FindCurrentAsync(environment, ct);
        var notes = new List<string>(prepared.Warnings);
        var unbuilt = new Dictionary<ServiceName, string>();
        var services = new Dictionary<ServiceName, ServiceSpec>();
        foreach (var (name, spec) in prepared.Model.Services)
        {
            var before = current?.Model.Services.GetValueOrDefault(name);
            var image = spec.Build is null ? await FindImageAsync(spec, request, notes, ct) : await FindBuiltAsync(environment, request, spec, before, tree, unbuilt, ct);
            services[name] = spec with { Image = image, Routes = spec.Routes.Count > 0 ? spec.Routes : before?.Routes ?? [] };
        }

        if (prepared.Input.ComposeFile is null && services.Values.All(s => s.Routes.Count == 0))
        {
            notes.Add("its route is made when its image is there and tells its port");
        }

        var model = prepared.Model with { Services = services };
        return new PlanSketch(model, unbuilt, notes, await BasisAsync(environment, request, model, unbuilt, tree, current, ct));
    }

    /// <summary>Refuses to deploy a plan when what it was made of is not as it was.</summary>
    /// <exception cref="ProblemException"><c>plan/changed</c>, <c>plan/unknown</c>.</exception>
    public async Task CheckAsync(DeploymentRun run, PreparedModel prepared, CancellationToken ct)
    {
        if (run.Intent.Request is not { Plan: { } hash } request)
        {
            return;
        }

        var planned = await plans.GetAsync(run.Environment, hash, ct);
        var now = await MakeAsync(run.Environment, request, prepared, run.Tree, ct);
        if (planned.Differences(now.Basis) is { Count: > 0 } moved)
        {
            throw new Problem("plan/changed", $"The plan {hash} does not hold any more. Different now: {string.Join("; ", moved)}.", "Nothing was changed. Look at `wherry plan` again and deploy that one.").AsException();
        }
    }

    private async Task<ImageReference> FindImageAsync(ServiceSpec spec, DeployRequest request, List<string> notes, CancellationToken ct)
    {
        var found = await engine.Images.FindAsync(spec.Image!, ct);
        if (found is null || request.Pull)
        {
            notes.Add($"{spec.Image} is pulled when it is deployed");
        }

        return found is null ? spec.Image! : ImageReference.Parse(found.Id);
    }

    /// <summary>The image that this source was built to before; else a name that no image has, so that the plan replaces what runs.</summary>
    private async Task<ImageReference> FindBuiltAsync(EnvironmentRef environment, DeployRequest request, ServiceSpec spec, ServiceSpec? before, SourceTree? tree, Dictionary<ServiceName, string> unbuilt, CancellationToken ct)
    {
        if (spec.Source is null && tree is null)
        {
            return before?.Image ?? throw new Problem("source/missing", $"The source of {spec.Name} is not at hand to build it.", "Push or upload it again: `git push wherry main` or `wherry deploy`.").AsException();
        }

        if (spec.Source is { } remote)
        {
            unbuilt[spec.Name] = $"is built from {remote.Url} when it is deployed";
            return before?.Image ?? ImageReference.Parse("wherry/not-built:remote");
        }

        var (key, image) = await builds.LookUpAsync(environment, spec, tree!.Root, ct);
        if (image is not null && !request.Rebuild)
        {
            return image;
        }

        unbuilt[spec.Name] = before is null ? "is built when it is deployed" : request.Rebuild ? "is built again" : "its source changed: it is built when it is deployed";
        return ImageReference.Parse($"wherry/not-built:{key[..16]}");
    }

    private async Task<PlanBasis> BasisAsync(EnvironmentRef environment, DeployRequest request, ProjectModel model, Dictionary<ServiceName, string> unbuilt, SourceTree? tree, Core.Model.Release? current, CancellationToken ct)
    {
        var parts = new Dictionary<string, string>
        {
            ["the source"] = tree switch { null => request.Image ?? "the last one", { Commit: { } commit } => commit, _ => await TreeDigest.OfAsync(tree.Root, ct) },
            ["the current release"] = current is null ? "" : $"r{current.Number}",
            ["the options"] = Options(request),
            ["the networks and volumes"] = Digest(JsonSerializer.Serialize(model with { Services = new Dictionary<ServiceName, ServiceSpec>() }, ModelJson.Default.ProjectModel)),
            ["replica counts"] = string.Join(", ", (await environments.ScaleAsync(environment, ct)).OrderBy(s => s.Key.Value, StringComparer.Ordinal).Select(s => $"{s.Key}={s.Value}")),
        };
        foreach (var (name, spec) in model.Services)
        {
            parts[$"the settings of {name}"] = Digest(JsonSerializer.Serialize(spec with { Image = null }, ModelJson.Default.ServiceSpec));
            parts[$"the image of {name}"] = unbuilt.ContainsKey(name) ? $"to be built: {spec.Image}" : spec.Image!.Value;
        }

        foreach (var service in (await observer.ReplicasAsync(environment, ct)).Replicas.GroupBy(r => r.Service))
        {
            parts[$"what runs of {service.Key}"] = string.Join(", ", service.OrderBy(r => r.Number).Select(r => $"{r.Service}-{r.Number} {r.State.ToString().ToLowerInvariant()}{(r.Serving ? " serving" : "")} {r.Hash}"));
        }

        return new PlanBasis(parts);
    }

    private static string Options(DeployRequest request) => string.Join(" ", ((IEnumerable<string?>)
    [
        request.RemoveOrphans ? "--remove-orphans" : null,
        request.Rebuild ? "--rebuild" : null,
        request.Pull ? "--pull" : null,
        request.GitUrl is { } url ? $"--git {GitUrl.Parse(url)}" : null,
        request.Path is { } path ? $"--path {path}" : null,
        request.Host is { } host ? $"--host {host}" : null,
        request.Port is { } port ? $"--port {port}" : null,
        request.Canary is { } trial ? $"--canary {trial.Share}" : null,
        .. request.ComposeFiles.Select(f => $"--file {f}"),
        .. request.Profiles.Select(p => $"--profile {p}"),
    ]).OfType<string>());

    private static string Digest(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];
}
