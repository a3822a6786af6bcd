using System.Text;
using Wherry.Cli.Frame;
using Wherry.Cli.Supervision;
using Wherry.Client;
using Wherry.Core.Problems;

namespace Wherry.Cli.Up;

/// <summary>A real <c>git push</c> of an example to Wherry's own Git server, from a repository that is kept in the home.</summary>
internal sealed class ExamplePush(Call call, Setup setup, string name, string source)
{
    private const int TokenSeconds = 3600;

    private readonly string _repository = Path.Combine(setup.Files.Home, "examples", name);

    /// <summary>Pushes what is new. A branch on which somebody else has worked since is left alone.</summary>
    /// <exception cref="ProblemException"><c>git/push-failed</c>; the reason stands in its <c>remote:</c> lines.</exception>
    public async Task PushAsync(CancellationToken ct)
    {
        await CommitAsync(ct);
        var api = Remembered.ApiListen(setup.Files.Home) ?? "127.0.0.1:7070";
        var address = GitAddress.Of(new Uri($"http://{api}"), name);
        var token = await call.Client.CreateTokenAsync(new CreateToken($"up-{Guid.NewGuid():N}", TokenScope.Deploy, TokenSeconds), ct);
        try
        {
            if (await FindOtherWorkAsync(address, token.Secret, ct) is { } other)
            {
                setup.Checklist.Done($"{name} has work of its own on main ({other[..7]}): it is left alone");
            }
            else
            {
                await PushAsync(address, token.Secret, ct);
            }
        }
        finally
        {
            await call.Client.RevokeTokenAsync(token.Token.Id, CancellationToken.None);
        }
    }

    /// <summary>The server's commit, when it is none that this repository knows and goes on from.</summary>
    private async Task<string?> FindOtherWorkAsync(Uri address, string token, CancellationToken ct)
    {
        var (code, output) = await GitProgram.RunAsync(_repository, ["ls-remote", address.ToString(), "refs/heads/main"], Credentials(token), line => call.Note($"  {line.TrimEnd()}"), ct);
        if (code != 0)
        {
            throw new Problem("git/push-failed", $"Wherry's Git server does not tell what it has of {name}.", "The lines above say why; mend it and run `wherry up` again.").AsException();
        }

        var theirs = output.Split('\t')[0].Trim();
        return theirs.Length == 0 || await GitProgram.TryAsync(_repository, ["merge-base", "--is-ancestor", theirs, "HEAD"], ct) is not null ? null : theirs;
    }

    private async Task PushAsync(Uri address, string token, CancellationToken ct)
    {
        setup.Checklist.Doing($"git push {address} main");
        var isUpToDate = false;
        var (code, _) = await GitProgram.RunAsync(_repository, ["push", address.ToString(), "main:main"], Credentials(token), line =>
        {
            isUpToDate |= line.StartsWith("Everything up-to-date", StringComparison.Ordinal);
            call.Note($"  {line.TrimEnd()}");
        }, ct);
        if (code != 0)
        {
            throw new Problem("git/push-failed", $"The push of examples/{name} failed.", "The lines above say why; mend it and run `wherry up` again.").AsException();
        }

        setup.Checklist.Done(isUpToDate ? $"examples/{name} has not changed since the last push" : $"examples/{name} pushed");
    }

    /// <summary>The header travels in the environment: a command line can be read by every user of the machine.</summary>
    private static Dictionary<string, string> Credentials(string token) => new()
    {
        ["GIT_CONFIG_COUNT"] = "2",
        ["GIT_CONFIG_KEY_0"] = "http.extraHeader",
        ["GIT_CONFIG_VALUE_0"] = $"Authorization: Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"wherry:{token}"))}",
        // A proxy of the machine has no business between it and itself.
        ["GIT_CONFIG_KEY_1"] = "http.proxy",
        ["GIT_CONFIG_VALUE_1"] = "",
    };

    private async Task CommitAsync(CancellationToken ct)
    {
        Directory.CreateDirectory(_repository);
        if (!Directory.Exists(Path.Combine(_repository, ".git")))
        {
            await GitProgram.RequireAsync(_repository, ["init", "--quiet", "--initial-branch=main"], ct);
        }

        Mirror(source, _repository);
        await GitProgram.RequireAsync(_repository, ["add", "--all"], ct);
        if (await GitProgram.RequireAsync(_repository, ["status", "--porcelain"], ct) is { Length: > 0 })
        {
            await GitProgram.RequireAsync(_repository, ["-c", "user.name=Wherry", "-c", "user.email=wherry@localhost", "-c", "commit.gpgSign=false", "commit", "--quiet", "--message", $"examples/{name}"], ct);
        }
    }

    /// <summary>Makes <paramref name="to"/> hold what <paramref name="from"/> holds, but for Git's own folder and what is no source.</summary>
    private static void Mirror(string from, string to)
    {
        foreach (var item in new DirectoryInfo(to).GetFileSystemInfos().Where(i => i.Name != ".git"))
        {
            if (item is DirectoryInfo { LinkTarget: null } folder)
            {
                folder.Delete(recursive: true);
            }
            else
            {
                item.Delete();
            }
        }

        foreach (var file in Directory.GetFiles(from, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None }))
        {
            var relative = Path.GetRelativePath(from, file);
            if (relative.Split('/').Any(part => part is "node_modules" or ".git" or ".env"))
            {
                continue;
            }

            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(to, relative))!);
            File.Copy(file, Path.Combine(to, relative));
        }
    }
}
