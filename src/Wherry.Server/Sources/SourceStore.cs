using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Server.Environments;
using Wherry.Server.Git;

namespace Wherry.Server.Sources;

/// <summary>Turns what a request names into a <see cref="SourceTree"/>. Whoever asked for a tree disposes it.</summary>
internal sealed class SourceStore(TreeFolders folders, Commits commits, GitRepositories repositories, RemoteRepositories remotes, Submodules submodules, Uploads uploads)
{
    /// <summary>A commit of a repository on this server, also while a push of it is not accepted yet.</summary>
    /// <param name="repository">Bare repository.</param>
    /// <param name="commit">What to unpack.</param>
    /// <param name="path">Folder that becomes the tree's root.</param>
    /// <param name="describe">For the history.</param>
    /// <param name="quarantine">Folder of the objects of a push that is not accepted yet.</param>
    /// <param name="ct">Leaves nothing behind.</param>
    /// <exception cref="ProblemException">A code that starts with <c>source/</c>.</exception>
    public Task<SourceTree> FromCommitAsync(string repository, Commit commit, SourcePath path, string describe, string? quarantine, CancellationToken ct) =>
        TreeAsync(repository, commit, path, describe, quarantine, null, ct);

    /// <summary>A branch, tag or commit that was pushed to the project's own repository.</summary>
    /// <exception cref="ProblemException"><c>source/ref-not-found</c> and others of <c>source/</c>.</exception>
    public async Task<SourceTree> FromRepositoryAsync(ProjectName project, GitRef name, SourcePath path, CancellationToken ct)
    {
        var repository = await repositories.EnsureAsync(project, ct);
        var hash = await commits.FindAsync(repository, name, ct) ?? throw Commits.NotFound(name.Value);
        var commit = await commits.ReadAsync(repository, hash, null, ct);
        return await TreeAsync(repository, commit, path, Named("git", commit, name), null, null, ct);
    }

    /// <summary>A branch, tag or commit of a repository somewhere else, with its submodules.</summary>
    /// <exception cref="ProblemException"><c>source/unreachable</c>, <c>source/denied</c>, <c>source/ref-not-found</c> and others of <c>source/</c>.</exception>
    public async Task<SourceTree> FromRemoteAsync(GitSource source, CancellationToken ct)
    {
        using var fetched = await remotes.FetchAsync(source.Url, source.Ref, ct);
        var commit = await commits.ReadAsync(fetched.Repository, fetched.Hash, null, ct);
        return await TreeAsync(fetched.Repository, commit, source.Path, $"{Named("git", commit, source.Ref)} of {source.Url}", null, source.Url, ct);
    }

    /// <summary>An upload of this environment.</summary>
    /// <exception cref="ProblemException"><c>source/upload-not-found</c>, <c>source/path-not-found</c>.</exception>
    public Task<SourceTree> FromUploadAsync(EnvironmentRef environment, string id, SourcePath path, CancellationToken ct) => uploads.OpenAsync(environment, id, path, ct);

    private async Task<SourceTree> TreeAsync(string repository, Commit commit, SourcePath path, string describe, string? quarantine, GitUrl? origin, CancellationToken ct)
    {
        var folder = folders.Next();
        var complete = false;
        try
        {
            await commits.ExtractAsync(repository, commit.Hash, path, quarantine, folder, ct);
            await submodules.AddAsync(new SubmoduleParent(repository, commit.Hash, quarantine, origin), path, folder, ct);
            complete = true;
        }
        finally
        {
            if (!complete)
            {
                TreeFolders.Remove(folder);
            }
        }

        return new SourceTree(Path.GetFullPath(Path.Combine(folder, path.Value)), () => Remove(folder))
        {
            Describe = describe,
            Commit = commit.Hash,
            CommitMessage = commit.Title,
            Author = commit.Author,
        };
    }

    private static string Named(string how, Commit commit, GitRef? name) =>
        name is null || commit.Hash.StartsWith(name.Value, StringComparison.Ordinal) ? $"{how} {commit.Short}" : $"{how} {commit.Short} on {name}";

    private static ValueTask Remove(string folder)
    {
        TreeFolders.Remove(folder);
        return ValueTask.CompletedTask;
    }
}
