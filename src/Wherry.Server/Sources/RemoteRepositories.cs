using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Server.Git;

namespace Wherry.Server.Sources;

/// <summary>What was fetched. The repository is not thrown away until this is disposed.</summary>
/// <param name="Repository">Bare repository.</param>
/// <param name="Hash">Full hash of the commit that was asked for.</param>
/// <param name="LetGo">Called once.</param>
internal sealed record Fetched(string Repository, string Hash, Action LetGo) : IDisposable
{
    public void Dispose() => LetGo();
}

/// <summary>Fetches from repositories somewhere else. Each address has a bare repository under <c>repos/remote/</c>, so that a second fetch brings only what is new.</summary>
internal sealed class RemoteRepositories(ServerOptions options, SourceOptions limits, GitRepositories repositories, RemoteGit git, Commits commits, TimeProvider time)
{
    private static readonly TimeSpan KeepUnused = TimeSpan.FromDays(30);

    private readonly ConcurrentDictionary<string, Slot> _slots = new();

    private string Folder => Path.Combine(options.Repositories, "remote");

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

        var repository = Path.Combine(Folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(url.Value)))[..32] + ".git");
        var slot = _slots.GetOrAdd(repository, _ => new Slot());
        // One fetch at a time. Reading beside a fetch is safe, and a repository may be a submodule of itself.
        await slot.Fetching.WaitAsync(ct);
        try
        {
            if (slot.IsUnread && RemoteGit.SizeOf(repository) > limits.MaxBytes.Bytes / 2)
            {
                TreeFolders.Remove(repository); // years of fetches, or one that was too large
            }

            Directory.CreateDirectory(Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            await repositories.EnsureAtAsync(repository, ct);
            Directory.SetLastWriteTimeUtc(repository, time.GetUtcNow().UtcDateTime);
            var hash = await FetchIntoAsync(repository, url, name, ct);
            slot.Enter();
            return new Fetched(repository, hash, slot.Leave);
        }
        finally
        {
            slot.Fetching.Release();
        }
    }

    /// <summary>Removes repositories that nobody asked for in the last 30 days.</summary>
    public async Task RemoveUnusedAsync(CancellationToken ct)
    {
        foreach (var folder in Directory.Exists(Folder) ? new DirectoryInfo(Folder).GetDirectories() : [])
        {
            var slot = _slots.GetOrAdd(folder.FullName, _ => new Slot());
            await slot.Fetching.WaitAsync(ct);
            try
            {
                folder.Refresh();
                if (slot.IsUnread && time.GetUtcNow() - folder.LastWriteTimeUtc > KeepUnused)
                {
                    TreeFolders.Remove(folder.FullName);
                }
            }
            finally
            {
                slot.Fetching.Release();
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

    private sealed class Slot
    {
        private int _readers;

        public SemaphoreSlim Fetching { get; } = new(1);

        public bool IsUnread => Volatile.Read(ref _readers) == 0;

        public void Enter() => Interlocked.Increment(ref _readers);

        public void Leave() => Interlocked.Decrement(ref _readers);
    }
}
