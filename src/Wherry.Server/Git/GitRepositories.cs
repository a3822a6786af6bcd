using System.Collections.Concurrent;
using Wherry.Core.Model;
using Wherry.Core.Problems;

namespace Wherry.Server.Git;

/// <summary>The bare repositories that projects are pushed to: <c>repos/PROJECT.git</c>.</summary>
internal sealed class GitRepositories(ServerOptions options, GitProgram git)
{
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _making = new();

    public string PathOf(ProjectName project) => Path.Combine(options.Repositories, $"{project}.git");

    /// <summary>The project's repository, made if it is missing.</summary>
    /// <returns>Its folder.</returns>
    public async Task<string> EnsureAsync(ProjectName project, CancellationToken ct)
    {
        var folder = PathOf(project);
        await EnsureAtAsync(folder, ct);
        return folder;
    }

    /// <summary>Makes an empty bare repository at <paramref name="folder"/> unless it is there. It appears whole or not at all.</summary>
    public async Task EnsureAtAsync(string folder, CancellationToken ct)
    {
        if (Directory.Exists(folder))
        {
            return;
        }

        var one = _making.GetOrAdd(folder, _ => new SemaphoreSlim(1));
        await one.WaitAsync(ct);
        try
        {
            if (!Directory.Exists(folder))
            {
                await MakeAsync(folder, ct);
            }
        }
        finally
        {
            one.Release();
        }
    }

    /// <summary>Deletes the project's repository. Idempotent.</summary>
    public void Remove(ProjectName project)
    {
        if (Directory.Exists(PathOf(project)))
        {
            Directory.Delete(PathOf(project), recursive: true);
        }
    }

    private async Task MakeAsync(string folder, CancellationToken ct)
    {
        var fresh = $"{folder}.new";
        if (Directory.Exists(fresh))
        {
            Directory.Delete(fresh, recursive: true);
        }

        var made = await git.RunAsync(new GitCall("init", "--quiet", "--bare", "--template=", "--initial-branch=main", "--", fresh), ct);
        if (!made.Succeeded)
        {
            throw new Problem("git/repository", $"A repository could not be made: {made.Error}", "Check space and rights of the state folder with `wherry doctor`.").AsException();
        }

        // A deployment gets the tree as a checkout would have it, also the files that `git archive` is told to leave out or to fill in.
        Directory.CreateDirectory(Path.Combine(fresh, "info"));
        await File.WriteAllTextAsync(Path.Combine(fresh, "info", "attributes"), "* !export-ignore !export-subst\n", ct);
        Directory.Move(fresh, folder);
    }
}
