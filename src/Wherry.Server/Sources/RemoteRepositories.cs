using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Server.Git;

namespace Wherry.Server.Sources;

/// <summary>What was fetched. The repository is kept from changing until this is disposed.</summary>
/// <param name="Repository">Bare repository.</param>
/// <param name="Hash">Full hash of the commit that was asked for.</param>
internal sealed record Fetched(string Repository, string Hash, SemaphoreSlim Held) : IAsyncDisposable
{
    public ValueTask DisposeAsync()
    {
        Held.Release();
        return ValueTask.CompletedTask;
    }
}

/// <summary>Fetches from repositories somewhere else. Each address has a bare repository under <c>repos/remote/</c>, so that a second fetch brings only what is new.</summary>
internal sealed class RemoteRepositories(ServerOptions options, SourceOptions limits, GitRepositories repositories, RemoteGit git, Commits commits)
{
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _locks = new();

    /// <param name="url">Where.</param>
    /// <param name="name">Branch, tag or commit; <see langword="null"/>: the default branch.</param>
    /// <param name="ct">Ends the fetch; what was fetched before stays.</param>
    /// <exception cref="ProblemException"><c>source/local</c>, <c>source/unreachable</c>, <c>source/denied</c>, <c>source/ref-not-found</c> or <c>source/too-large</c>.</exception>
    public async Task<Fetched> FetchAsync(GitUrl url, GitRef? name, CancellationToken ct)
    {
        if (url.Value.StartsWith("file:", StringComparison.Ordinal) && !limits.AllowLocalRepositories)
        {
            throw new Problem("source/local", $"{url} is on the server's own disk; such repositories are not read.", "Push it to Wherry's own Git server, or serve it over https or ssh.").AsException();
        }

        var repository = Path.Combine(options.Repositories, "remote", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(url.Value)))[..32] + ".git");
        var held = _locks.GetOrAdd(repository, _ => new SemaphoreSlim(1));
        await held.WaitAsync(ct);
        var complete = false;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(repository)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            await repositories.EnsureAtAsync(repository, ct);
            var hash = await FetchIntoAsync(repository, url, name, ct);
            complete = true;
            return new Fetched(repository, hash, held);
        }
        finally
        {
            if (!complete)
            {
                held.Release();
            }
        }
    }

    private async Task<string> FetchIntoAsync(string repository, GitUrl url, GitRef? name, CancellationToken ct)
    {
        if (name is not null && Commits.Hash().IsMatch(name.Value))
        {
            return await FetchCommitAsync(repository, url, name, ct);
        }

        var advertised = await git.ListAsync(repository, url, name, ct);
        var wanted = name is null ? "HEAD" : advertised.Keys.FirstOrDefault(k => k == $"refs/heads/{name}") ?? advertised.Keys.FirstOrDefault(k => k == $"refs/tags/{name}");
        if (wanted is not null && advertised.ContainsKey(wanted))
        {
            await git.FetchAsync(repository, url, $"+{wanted}:refs/wherry/{wanted}", shallow: true, ct);
            return await commits.FindAsync(repository, GitRef.Parse($"refs/wherry/{wanted}"), ct) ?? throw Commits.NotFound(wanted);
        }

        return name is not null && name.Value.Length >= 7 && name.Value.All(char.IsAsciiHexDigitLower)
            ? await FetchEverythingAsync(repository, url, name, ct)
            : throw Commits.NotFound(name?.Value ?? "HEAD");
    }

    /// <summary>Most servers hand out any commit by its hash; where one does not, everything is fetched to find it.</summary>
    private async Task<string> FetchCommitAsync(string repository, GitUrl url, GitRef hash, CancellationToken ct)
    {
        if (await commits.FindAsync(repository, hash, ct) is { } known)
        {
            return known;
        }

        try
        {
            await git.FetchAsync(repository, url, $"+{hash}:refs/wherry/commits/{hash}", shallow: true, ct);
        }
        catch (ProblemException e) when (e.Problem.Code is "source/ref-not-found" or "source/unreachable")
        {
            return await FetchEverythingAsync(repository, url, hash, ct);
        }

        return await commits.FindAsync(repository, hash, ct) ?? throw Commits.NotFound(hash.Value);
    }

    private async Task<string> FetchEverythingAsync(string repository, GitUrl url, GitRef name, CancellationToken ct)
    {
        await git.FetchAsync(repository, url, "+refs/*:refs/wherry/all/*", shallow: false, ct);
        return await commits.FindAsync(repository, name, ct) ?? throw Commits.NotFound(name.Value);
    }
}
