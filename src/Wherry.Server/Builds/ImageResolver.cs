using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Docker;
using Wherry.Server.Deployments;
using Wherry.Server.Environments;
using Wherry.Server.Sources;

namespace Wherry.Server.Builds;

/// <summary>Turns every service's build or image name into the id of one exact image.</summary>
internal sealed class ImageResolver(Engine engine, BuildRunner builds, SourceStore sources, EngineNames names, TimeProvider time)
{
    public async Task<ProjectModel> ResolveAsync(DeploymentRun run, ProjectModel model, CancellationToken ct)
    {
        await CheckEngineAsync(run, model, ct);

        // Services with the same build share its image.
        var built = new Dictionary<string, ImageReference>();
        var resolved = new Dictionary<ServiceName, ServiceSpec>();
        foreach (var (name, spec) in model.Services)
        {
            resolved[name] = spec with { Image = spec.Build is null ? await FetchAsync(run, spec, ct) : await BuildOnceAsync(run, spec, built, ct) };
        }

        return model with { Services = resolved };
    }

    /// <summary>What this engine cannot do is told before anything is pulled or built for it.</summary>
    private async Task CheckEngineAsync(DeploymentRun run, ProjectModel model, CancellationToken ct)
    {
        var version = await engine.VersionAsync(ct);
        foreach (var spec in model.Services.Values)
        {
            if (EngineAbilities.Missing(spec, version) is { } problem)
            {
                throw problem.AsException();
            }

            if (EngineAbilities.LeftOut(spec, version) is { } note)
            {
                await run.Log.WriteAsync("model", "wherry", note);
            }
        }
    }

    /// <exception cref="ProblemException"><c>release/images-gone</c>.</exception>
    public async Task EnsurePresentAsync(Release release, CancellationToken ct)
    {
        foreach (var spec in release.Model.Services.Values)
        {
            if (await engine.Images.FindAsync(spec.Image!, ct) is null)
            {
                throw new Problem("release/images-gone", $"The image of {spec.Name} in r{release.Number} is not on the server any more.", "Go back to a newer release (`wherry releases` shows which are kept), or deploy that source again.").AsException();
            }
        }
    }

    /// <summary>Tags built images with their release, so that nobody's clean-up of untagged images takes them.</summary>
    public async Task KeepAsync(EnvironmentRef environment, Release release, CancellationToken ct)
    {
        foreach (var spec in release.Model.Services.Values.Where(s => s.Build is not null))
        {
            await engine.Images.TagAsync(spec.Image!, names.Repository(environment, spec.Name), $"r{release.Number}", ct);
        }
    }

    public async Task<IReadOnlyList<int>> ExposedPortsAsync(ImageReference image, CancellationToken ct) =>
        [.. (await engine.Images.FindAsync(image, ct))?.ExposedPorts.Where(p => p.Protocol == "tcp").Select(p => p.Port) ?? []];

    private async Task<ImageReference> BuildOnceAsync(DeploymentRun run, ServiceSpec spec, Dictionary<string, ImageReference> built, CancellationToken ct)
    {
        if (spec.Source is { } source)
        {
            await run.Log.WriteAsync("source", "wherry", $"fetching {source.Url} for {spec.Name}");
            await using var tree = await sources.FromRemoteAsync(source, ct);
            return await builds.BuildAsync(run, spec, tree.Root, ct);
        }

        var same = System.Text.Json.JsonSerializer.Serialize(new ServiceSpec { Name = ServiceName.Parse("any"), Build = spec.Build, Platform = spec.Platform }, ModelJson.Default.ServiceSpec);
        if (built.TryGetValue(same, out var image))
        {
            return image;
        }

        return built[same] = run.Tree is { } root ? await builds.BuildAsync(run, spec, root.Root, ct) : AsBefore(run, spec);
    }

    /// <summary>Without the source at hand the image of the current release stays.</summary>
    private static ImageReference AsBefore(DeploymentRun run, ServiceSpec spec) =>
        run.Current?.Model.Services.GetValueOrDefault(spec.Name)?.Image
        ?? throw new Problem("source/missing", $"The source of {spec.Name} is not at hand to build it.", "Push or upload it again: `git push wherry main` or `wherry deploy`.").AsException();

    private async Task<ImageReference> FetchAsync(DeploymentRun run, ServiceSpec spec, CancellationToken ct)
    {
        var name = spec.Image!;
        var here = await engine.Images.FindAsync(name, ct);
        if (here is null && spec.Pull is { When: PullWhen.Never })
        {
            throw new Problem("image/not-found", $"{spec.Name} needs the image {name}, which the server does not have, and its pull_policy is never.", $"Bring it there (`docker load`, `docker build`), or remove pull_policy.").AsException();
        }

        if (here is null || (spec.Pull is not { When: PullWhen.Never } && (run.Intent.Request.Pull || IsOutdated(spec, here))))
        {
            await run.Log.WriteAsync("image", "wherry", $"pulling {name}{(spec.Platform is { } platform ? $" for {platform}" : "")}");
            await PullAsync(spec, name, ct);
        }

        var image = await engine.Images.FindAsync(name, ct)
            ?? throw new Problem("image/not-found", $"There is no image {name}.", "Check the name and tag, or build it on the server first.").AsException();
        return ImageReference.Parse(image.Id);
    }

    /// <summary>The server has an image of this name that the service does not want.</summary>
    private bool IsOutdated(ServiceSpec spec, ImageInfo here) => spec.Platform?.Covers(here.Os, here.Architecture) is false || spec.Pull switch
    {
        { When: PullWhen.Always } => true,
        { When: PullWhen.Aged, Every: { } every } => (here.Named ?? DateTimeOffset.MinValue) + every <= time.GetUtcNow(),
        _ => false,
    };

    private async Task PullAsync(ServiceSpec spec, ImageReference name, CancellationToken ct)
    {
        try
        {
            await engine.Images.PullAsync(name, null, null, ct, spec.Platform);
        }
        catch (ProblemException e) when (e.Problem.Code.StartsWith("image/", StringComparison.Ordinal))
        {
            throw (e.Problem with { Message = $"{spec.Name} needs an image that is not to be had. {e.Problem.Message}" }).AsException(e);
        }
    }
}
