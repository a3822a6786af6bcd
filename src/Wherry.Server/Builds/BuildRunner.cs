using System.Security.Cryptography;
using System.Text;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Docker;
using Wherry.Server.Deployments;
using Wherry.Server.Environments;
using Wherry.Server.Metrics;
using Wherry.Server.Pools;

namespace Wherry.Server.Builds;

/// <summary>Source tree to image. A tree that was built before is not built again.</summary>
internal sealed class BuildRunner(Engine engine, BuildStore builds, BuildGuard guard, WorkPools pools, ContainerSpecs specs, TimeProvider time)
{
    /// <param name="run">The deployment; its log gets the build's output.</param>
    /// <param name="spec">The service to build.</param>
    /// <param name="root">Folder of the source tree.</param>
    /// <param name="ct">Ends the build on the engine too.</param>
    /// <exception cref="ProblemException"><c>build/failed</c>, <c>build/timeout</c>, <c>build/out-of-memory</c> and what the context's checks say.</exception>
    public async Task<ImageReference> BuildAsync(DeploymentRun run, ServiceSpec spec, string root, CancellationToken ct)
    {
        var build = spec.Build!;
        var context = BuildContext.Open(root, build.Context, build.Dockerfile, time.GetUtcNow()); // web servers make ETags of file times
        var key = Key(spec, await context.DigestAsync(ct));
        if (!run.Intent.Request.Rebuild && await builds.FindAsync(run.Environment, key, ct) is { } known && await engine.Images.FindAsync(known, ct) is not null)
        {
            await run.Log.WriteAsync("build", "wherry", $"{spec.Name}: this tree was built before, nothing to build");
            await NoteAsync(run, spec, known, null, ct);
            return known;
        }

        using var seat = await pools.Builds.EnterAsync(run.Environment.ToString(), line => run.Log.WriteAsync("build", "wherry", $"{spec.Name} {line}"), ct);
        try
        {
            var start = time.GetTimestamp();
            await run.Log.WriteAsync("build", "wherry", $"building {spec.Name} from {build.Context}");
            var image = ImageReference.Parse(await guard.RunAsync(token => engine.Builds.BuildAsync(Request(run, spec, context), new BuildOutput(run.Log, spec.Name), token), ct));
            await builds.SaveAsync(run.Environment, key, image, ct);
            await run.Log.WriteAsync("build", "wherry", $"built {spec.Name} in {time.GetElapsedTime(start).TotalSeconds:0.0} s");
            await NoteAsync(run, spec, image, time.GetElapsedTime(start), ct);
            return image;
        }
        catch (ProblemException)
        {
            ServerMeter.Builds.Add(1, new KeyValuePair<string, object?>("outcome", "failed"));
            throw;
        }
    }

    /// <summary>The image that this tree was built to before, when it is still there, and the name that the tree is known by.</summary>
    public async Task<(string Key, ImageReference? Image)> LookUpAsync(EnvironmentRef environment, ServiceSpec spec, string root, CancellationToken ct)
    {
        var build = spec.Build!;
        var key = Key(spec, await BuildContext.Open(root, build.Context, build.Dockerfile, time.GetUtcNow()).DigestAsync(ct));
        return (key, await builds.FindAsync(environment, key, ct) is { } known && await engine.Images.FindAsync(known, ct) is not null ? known : null);
    }

    /// <param name="took"><see langword="null"/>: nothing had to be built.</param>
    private async Task NoteAsync(DeploymentRun run, ServiceSpec spec, ImageReference image, TimeSpan? took, CancellationToken ct)
    {
        ServerMeter.Builds.Add(1, new KeyValuePair<string, object?>("outcome", took is null ? "cached" : "built"));
        if (took is { } span)
        {
            ServerMeter.BuildDuration.Record(span.TotalSeconds);
        }

        var bytes = (await engine.Images.FindAsync(image, ct))?.Size.Bytes ?? 0;
        run.Watch.Notes.Builds.Add(new(spec.Name.Value, took is null, Math.Round(took?.TotalSeconds ?? 0, 3), bytes));
    }

    private BuildRequest Request(DeploymentRun run, ServiceSpec spec, BuildContext context)
    {
        var build = spec.Build!;
        var labels = new Dictionary<string, string>(build.Labels);
        labels[Labels.Home] = specs.Owned(run.Environment)[Labels.Home];
        labels[Labels.Project] = run.Environment.Project.Value;
        return BuildRequest.Of(context) with
        {
            Target = build.Target,
            Args = build.Args,
            Labels = labels,
            CacheFrom = build.CacheFrom,
            Platform = spec.Platform,
            NoCache = run.Intent.Request.Rebuild,
        };
    }

    private static string Key(ServiceSpec spec, string digest)
    {
        var build = spec.Build!;
        var text = string.Join('\n', [digest, .. spec.Platform is { } platform ? [$"platform {platform}"] : (string[])[], build.Dockerfile, build.Target ?? "", .. build.Args.Select(a => $"arg {a.Key}={a.Value}"), .. build.Labels.Select(l => $"label {l.Key}={l.Value}")]);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }
}
