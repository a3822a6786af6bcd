using Wherry.Client;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Server.Environments;
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

        if (run.Intent.Request.GitUrl is { } url)
        {
            await run.Log.WriteAsync("source", "wherry", $"fetching {GitUrl.Parse(url)}");
        }

        return await FindAsync(run.Environment, run.Intent.Request, ct);
    }

    /// <returns><see langword="null"/> when the request names no source.</returns>
    /// <exception cref="ProblemException">What <see cref="SourceStore"/> says.</exception>
    public async Task<SourceTree?> FindAsync(EnvironmentRef environment, DeployRequest request, CancellationToken ct)
    {
        var path = request.Path is { } given ? SourcePath.Parse(given) : SourcePath.Root;
        return request switch
        {
            { Upload: { } upload } => await sources.FromUploadAsync(environment, upload, path, ct),
            { GitUrl: { } url } => await sources.FromRemoteAsync(new GitSource(GitUrl.Parse(url), request.GitRef is { } name ? GitRef.Parse(name) : null, path), ct),
            { GitRef: { } pushed } => await sources.FromRepositoryAsync(environment.Project, GitRef.Parse(pushed), path, ct),
            _ => null,
        };
    }
}
