using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Server.Git;

namespace Wherry.Server.Sources;

/// <param name="Repository">Bare repository.</param>
/// <param name="Hash">Commit in it.</param>
/// <param name="Quarantine">Objects of a push that is not accepted yet.</param>
/// <param name="Origin">What the repository was fetched from, for relative addresses; <see langword="null"/> for a pushed one.</param>
internal sealed record SubmoduleParent(string Repository, string Hash, string? Quarantine, GitUrl? Origin);

/// <summary>Fills in a tree's submodules: each at the commit that the tree names, from the address in <c>.gitmodules</c>. Git's own submodule machinery, which runs what a repository says, is not used.</summary>
internal sealed class Submodules(GitProgram git, Commits commits, RemoteRepositories remotes)
{
    private const int MaxDepth = 5;

    /// <param name="parent">Whose submodules.</param>
    /// <param name="within">Only those in this folder of it.</param>
    /// <param name="folder">Where the parent is unpacked.</param>
    /// <param name="ct">Stops in the middle; the caller removes the folder.</param>
    /// <exception cref="ProblemException"><c>source/submodule</c>, and what fetching it says.</exception>
    public Task AddAsync(SubmoduleParent parent, SourcePath within, string folder, CancellationToken ct) => AddAsync(parent, within, folder, MaxDepth, ct);

    private async Task AddAsync(SubmoduleParent parent, SourcePath within, string folder, int depth, CancellationToken ct)
    {
        // Most trees have none; one look at the file system says so.
        if (within == SourcePath.Root && !File.Exists(Path.Combine(folder, ".gitmodules")))
        {
            return;
        }

        var links = await LinksAsync(parent, within, ct);
        var addresses = links.Count == 0 ? [] : await AddressesAsync(parent, ct);
        foreach (var (path, hash) in links)
        {
            if (!addresses.TryGetValue(path.Value, out var address))
            {
                continue; // an embedded repository without an address: its folder stays empty, as with git itself
            }

            if (depth == 0)
            {
                throw Wrong(path, "is nested too deeply");
            }

            await AddOneAsync(path, Resolve(path, address, parent.Origin), hash, Path.Combine(folder, path.Value), depth, ct);
        }
    }

    private async Task AddOneAsync(SourcePath path, GitUrl url, string hash, string folder, int depth, CancellationToken ct)
    {
        if (new DirectoryInfo(folder) is not { Exists: true, LinkTarget: null } place || place.EnumerateFileSystemInfos().Any())
        {
            throw Wrong(path, "is not an empty folder in the tree");
        }

        using var fetched = await remotes.FetchAsync(url, GitRef.Parse(hash), ct);
        Directory.Delete(folder);
        await commits.ExtractAsync(fetched.Repository, hash, SourcePath.Root, null, folder, ct);
        await AddAsync(new SubmoduleParent(fetched.Repository, hash, null, url), SourcePath.Root, folder, depth - 1, ct);
    }

    /// <summary>Paths of the tree that are commits of other repositories.</summary>
    private async Task<IReadOnlyList<(SourcePath Path, string Hash)>> LinksAsync(SubmoduleParent parent, SourcePath within, CancellationToken ct)
    {
        IReadOnlyList<string> only = within == SourcePath.Root ? [] : ["--", $"{within}/"];
        var listed = await git.RunAsync(Commits.Call(parent.Repository, parent.Quarantine, ["ls-tree", "-r", "-z", "--full-tree", parent.Hash, .. only]), ct);
        return
        [
            .. listed.Output.Split('\0').Where(l => l.StartsWith("160000 commit ", StringComparison.Ordinal))
                .Select(l => l["160000 commit ".Length..].Split('\t', 2))
                .Select(p => (SourcePath.Parse(p[1]), p[0])),
        ];
    }

    /// <summary>Path to address, from the commit's <c>.gitmodules</c>.</summary>
    private async Task<Dictionary<string, string>> AddressesAsync(SubmoduleParent parent, CancellationToken ct)
    {
        var listed = await git.RunAsync(Commits.Call(parent.Repository, parent.Quarantine, "config", "--blob", $"{parent.Hash}:.gitmodules", "--no-includes", "-z", "--list"), ct);
        var values = listed.Output.Split('\0', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('\n', 2)).Where(p => p.Length == 2 && p[0].StartsWith("submodule.", StringComparison.Ordinal)).ToList();
        var urls = values.Where(p => p[0].EndsWith(".url", StringComparison.Ordinal)).GroupBy(p => p[0][..^".url".Length]).ToDictionary(g => g.Key, g => g.Last()[1]);
        return values.Where(p => p[0].EndsWith(".path", StringComparison.Ordinal) && urls.ContainsKey(p[0][..^".path".Length]))
            .GroupBy(p => p[1]).ToDictionary(g => g.Key, g => urls[g.Last()[0][..^".path".Length]]);
    }

    private static GitUrl Resolve(SourcePath path, string address, GitUrl? origin)
    {
        if (!address.StartsWith("./", StringComparison.Ordinal) && !address.StartsWith("../", StringComparison.Ordinal))
        {
            return GitUrl.Parse(address);
        }

        if (origin is null || !Uri.TryCreate(origin.Value.TrimEnd('/') + "/", UriKind.Absolute, out var absolute))
        {
            throw Wrong(path, $"has the relative address {address}, and there is nothing that it is relative to");
        }

        return GitUrl.Parse(new Uri(absolute, address).AbsoluteUri);
    }

    private static ProblemException Wrong(SourcePath path, string why) =>
        new Problem("source/submodule", $"The submodule {path} {why}.", "Give it a whole https address in .gitmodules.").AsException();
}
