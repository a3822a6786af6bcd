using System.Text.RegularExpressions;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Server.Git;

namespace Wherry.Server.Sources;

/// <summary>A commit's name and message.</summary>
/// <param name="Hash">In full.</param>
/// <param name="Message">All of it.</param>
internal sealed record Commit(string Hash, string Author, string Message)
{
    public string Short => Hash[..7];

    public string Title => Message.Split('\n', 2)[0].Trim();
}

/// <summary>Reads commits of bare repositories, also of one that is still in a push's quarantine.</summary>
internal sealed partial class Commits(GitProgram git, SafeTar tar)
{
    /// <param name="repository">Bare repository.</param>
    /// <param name="hash">Full hash of a commit or annotated tag.</param>
    /// <param name="quarantine">Where the objects of a push are before it is accepted; <see langword="null"/> otherwise.</param>
    /// <param name="ct">Ends git.</param>
    /// <exception cref="ProblemException"><c>source/ref-not-found</c>: there is no such commit.</exception>
    public async Task<Commit> ReadAsync(string repository, string hash, string? quarantine, CancellationToken ct)
    {
        CheckHash(hash);
        var result = await git.RunAsync(Call(repository, quarantine, "log", "-1", "--no-show-signature", "--encoding=UTF-8", "--format=%H%x00%an%x00%B", hash, "--"), ct);
        var parts = result.Output.Split('\0');
        return result.Succeeded && parts.Length == 3 ? new Commit(parts[0], parts[1], parts[2].Trim()) : throw NotFound(hash);
    }

    /// <summary>The commit that a branch, tag or hash means here; <see langword="null"/>: none.</summary>
    public async Task<string?> FindAsync(string repository, GitRef name, CancellationToken ct)
    {
        foreach (var candidate in new[] { $"refs/heads/{name}", $"refs/tags/{name}", name.Value })
        {
            var result = await git.RunAsync(Call(repository, null, "rev-parse", "--verify", "--quiet", "--end-of-options", $"{candidate}^{{commit}}"), ct);
            if (result.Succeeded)
            {
                return result.Output.Trim();
            }
        }

        return null;
    }

    /// <summary>Unpacks a commit's files into a new folder.</summary>
    /// <param name="repository">Bare repository.</param>
    /// <param name="hash">Full hash.</param>
    /// <param name="path">Only this folder of it; it keeps its place.</param>
    /// <param name="quarantine">See <see cref="ReadAsync"/>.</param>
    /// <param name="folder">Folder to make.</param>
    /// <param name="ct">Leaves nothing behind.</param>
    /// <exception cref="ProblemException"><c>source/path-not-found</c>, and what <see cref="SafeTar"/> says.</exception>
    public async Task ExtractAsync(string repository, string hash, SourcePath path, string? quarantine, string folder, CancellationToken ct)
    {
        CheckHash(hash);
        var call = Call(repository, quarantine, "archive", "--format=tar", hash, "--", $":(literal){path}") with { Timeout = TimeSpan.FromMinutes(10) };
        if (path == SourcePath.Root)
        {
            call = call with { Arguments = [.. call.Arguments.SkipLast(2)] };
        }
        else if (!await IsFolderAsync(repository, hash, path, quarantine, ct))
        {
            throw new Problem("source/path-not-found", $"There is no folder {path} in commit {hash[..7]}.", "Paths are relative to the root of the repository.").AsException();
        }

        var (_, exit) = await git.StreamAsync(call, (stream, stop) => tar.ExtractAsync(stream, folder, stop), ct);
        if (!exit.Succeeded)
        {
            TreeFolders.Remove(folder);
            throw new Problem("source/broken", $"The files of commit {hash[..7]} cannot be read: {exit.Error}", "Check the repository with `git fsck`; if it is damaged, push or fetch it anew.").AsException();
        }
    }

    /// <summary>A run of git on a repository, with the objects of a push that is not accepted yet.</summary>
    public static GitCall Call(string repository, string? quarantine, params IReadOnlyList<string> arguments) => new(arguments)
    {
        Repository = repository,
        Variables = quarantine is null ? new Dictionary<string, string>() : new Dictionary<string, string>
        {
            ["GIT_OBJECT_DIRECTORY"] = quarantine,
            ["GIT_ALTERNATE_OBJECT_DIRECTORIES"] = Path.Combine(repository, "objects"),
        },
    };

    public static ProblemException NotFound(string name) =>
        new Problem("source/ref-not-found", $"There is no branch, tag or commit {name} in the repository.", "Check the name with `git ls-remote`; a commit must be part of a branch or tag that was pushed.").AsException();

    private async Task<bool> IsFolderAsync(string repository, string hash, SourcePath path, string? quarantine, CancellationToken ct)
    {
        var result = await git.RunAsync(Call(repository, quarantine, "ls-tree", "-d", "-z", "--full-tree", hash, "--", $"{path}"), ct);
        return result.Succeeded && result.Output.StartsWith("040000 tree", StringComparison.Ordinal);
    }

    private static void CheckHash(string hash)
    {
        if (!Hash().IsMatch(hash))
        {
            throw NotFound(hash.Length > 60 ? hash[..60] : hash);
        }
    }

    [GeneratedRegex(@"\A(?:[0-9a-f]{40}|[0-9a-f]{64})\z")]
    public static partial Regex Hash();
}
