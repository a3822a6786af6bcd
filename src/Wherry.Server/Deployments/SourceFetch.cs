using Wherry.Core.Model;
using Wherry.Server.Sources;

namespace Wherry.Server.Deployments;

/// <summary>Gets the tree that a request names.</summary>
internal sealed class SourceFetch(SourceStore sources)
{
    /// <returns><see langword="null"/> when the request names no source and there is none to find.</returns>
    public async Task<SourceTree?> FindAsync(DeploymentRun run, CancellationToken ct)
    {
        var request = run.Intent.Request;
        var path = request.Path is { } given ? SourcePath.Parse(given) : SourcePath.Root;
        if (request.Upload is { } upload)
        {
            return await sources.FromUploadAsync(run.Environment, upload, path, ct);
        }

        if (request.GitUrl is { } url)
        {
            await run.Log.WriteAsync("source", "wherry", $"fetching {GitUrl.Parse(url)}");
            return await sources.FromRemoteAsync(new GitSource(GitUrl.Parse(url), request.GitRef is { } name ? GitRef.Parse(name) : null, path), ct);
        }

        return request.GitRef is { } pushed ? await sources.FromRepositoryAsync(run.Environment.Project, GitRef.Parse(pushed), path, ct) : null;
    }
}
