using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Server.Sources;

namespace Wherry.Server.Deployments;

/// <summary>Gets the tree that a request names.</summary>
internal sealed class SourceFetch(SourceStore sources)
{
    /// <returns><see langword="null"/> when the request names no source and there is none to find.</returns>
    /// <exception cref="ProblemException"><c>deployment/interrupted</c> for a push that an earlier process took in; what <see cref="SourceStore"/> says.</exception>
    public async Task<SourceTree?> FindAsync(DeploymentRun run, CancellationToken ct)
    {
        if (run.Intent.Pushed is { } push)
        {
            // Git gave its objects up when the push was refused, so there is nothing to take the tree from again.
            throw new Problem("deployment/interrupted", $"The server was restarted before the {push} was deployed.", "Nothing had been started, and the branch did not move: push again.").AsException();
        }

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
