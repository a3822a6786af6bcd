using System.Text;
using System.Text.RegularExpressions;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Server.Git;

namespace Wherry.Server.Sources;

/// <summary>The runs of <c>git</c> that talk to somebody else's server, and what their failures mean.</summary>
internal sealed partial class RemoteGit(GitProgram git, SourceOptions limits, TimeProvider time)
{
    private static readonly TimeSpan SizeEvery = TimeSpan.FromSeconds(1);

    /// <summary>What the server offers under <paramref name="name"/>, and as HEAD.</summary>
    /// <returns>Full name to hash.</returns>
    public async Task<IReadOnlyDictionary<string, string>> ListAsync(string repository, GitUrl url, GitRef? name, CancellationToken ct)
    {
        IReadOnlyList<string> wanted = name is null ? ["HEAD"] : [$"refs/heads/{name}", $"refs/tags/{name}"];
        var result = await git.RunAsync(Call(repository, url, ["ls-remote", "--quiet", "--", Address(url), .. wanted]), ct);
        Check(result, url);
        return result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('\t', 2)).Where(p => p.Length == 2).ToDictionary(p => p[1], p => p[0]);
    }

    /// <param name="repository">Bare repository to fetch into.</param>
    /// <param name="url">From where.</param>
    /// <param name="what">A refspec of validated names.</param>
    /// <param name="shallow">Only the newest commit.</param>
    /// <param name="ct">Ends the fetch.</param>
    /// <exception cref="ProblemException"><c>source/…</c>.</exception>
    public async Task FetchAsync(string repository, GitUrl url, string what, bool shallow, CancellationToken ct)
    {
        string[] depth = shallow ? ["--depth=1"] : File.Exists(Path.Combine(repository, "shallow")) ? ["--unshallow"] : [];
        var call = Call(repository, url, ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", "--no-recurse-submodules", .. depth, "--", Address(url), what]);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var watch = WatchSizeAsync(repository, stop);
        GitResult result;
        try
        {
            result = await git.RunAsync(call, stop.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw TooLarge(url);
        }
        finally
        {
            await stop.CancelAsync();
            await watch;
        }

        if (!result.Succeeded && shallow && result.Error.Contains("does not support shallow", StringComparison.Ordinal))
        {
            await FetchAsync(repository, url, what, shallow: false, ct);
            return;
        }

        Check(result, url);
    }

    /// <summary>Git has no limit of its own for what it fetches.</summary>
    private async Task WatchSizeAsync(string repository, CancellationTokenSource stop)
    {
        try
        {
            using var timer = new PeriodicTimer(SizeEvery, time);
            while (await timer.WaitForNextTickAsync(stop.Token))
            {
                if (SizeOf(repository) > limits.MaxBytes.Bytes)
                {
                    await stop.CancelAsync();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The fetch has ended.
        }
    }

    /// <summary>Bytes of a repository's objects; 0 when it is not there.</summary>
    public static long SizeOf(string repository) => new DirectoryInfo(Path.Combine(repository, "objects")) is { Exists: true } objects
        ? objects.EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true }).Sum(f => f.Exists ? f.Length : 0)
        : 0;

    private GitCall Call(string repository, GitUrl url, IReadOnlyList<string> arguments) => new(arguments)
    {
        Repository = repository,
        Timeout = limits.FetchFor,
        Settings = Settings(url),
        Variables = new Dictionary<string, string>
        {
            ["GIT_ALLOW_PROTOCOL"] = limits.AllowLocalRepositories ? "https:http:ssh:git:file" : "https:http:ssh:git",
            // Constant, so nothing can be slipped into it: never ask, and remember a host's key when it is first seen.
            ["GIT_SSH_COMMAND"] = "ssh -oBatchMode=yes -oStrictHostKeyChecking=accept-new",
        },
    };

    private static Dictionary<string, string> Settings(GitUrl url)
    {
        var settings = new Dictionary<string, string>
        {
            ["protocol.ext.allow"] = "never",
            ["core.hooksPath"] = "/dev/null",
            ["credential.helper"] = "",
            ["http.lowSpeedLimit"] = "1000",
            ["http.lowSpeedTime"] = "60",
        };
        if (Credentials(url) is { } credentials)
        {
            settings[$"http.{Host(url)}.extraHeader"] = $"Authorization: Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials))}";
        }

        return settings;
    }

    /// <summary>The address as an argument: without credentials, which every user of the machine could read there.</summary>
    private static string Address(GitUrl url) => Credentials(url) is null ? url.Value : url.ToString();

    private static string? Credentials(GitUrl url) =>
        HttpUser().Match(url.Value) is { Success: true } user ? Uri.UnescapeDataString(user.Groups[1].Value) is var pair && pair.Contains(':', StringComparison.Ordinal) ? pair : $"{pair}:" : null;

    private static string Host(GitUrl url) => new Uri(url.ToString()).GetLeftPart(UriPartial.Authority) + "/";

    private static void Check(GitResult result, GitUrl url)
    {
        if (result.Succeeded)
        {
            return;
        }

        var said = Redact(result.Error);
        throw (said switch
        {
            _ when MissingRef().IsMatch(said) => new Problem("source/ref-not-found", $"{url} does not have what was asked for: {said}", "Check branch, tag or commit with `git ls-remote`."),
            _ when Denied().IsMatch(said) => new Problem("source/denied", $"{url} refuses access: {said}", "Check the user name and token in the address, or the server's SSH key; a private repository looks like a missing one."),
            _ => new Problem("source/unreachable", $"{url} cannot be fetched: {said}", "Check the address, and that this server can reach it."),
        }).AsException();
    }

    private static ProblemException TooLarge(GitUrl url) =>
        new Problem("source/too-large", $"{url} is larger than Wherry takes in.", "Keep large data out of the repository.").AsException();

    /// <summary>The last lines of what git said, on one line, without credentials.</summary>
    private static string Redact(string error) =>
        UserInfo().Replace(string.Join("; ", error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).TakeLast(3)), "://");

    [GeneratedRegex(@"\Ahttps?://([^/@]+)@")]
    private static partial Regex HttpUser();

    [GeneratedRegex(@"://[^/@\s]*@")]
    private static partial Regex UserInfo();

    [GeneratedRegex("couldn't find remote ref|not our ref|unadvertised object|no such remote ref|remote error: upload-pack: not our ref", RegexOptions.IgnoreCase)]
    private static partial Regex MissingRef();

    [GeneratedRegex("could not read Username|could not read Password|Authentication failed|Permission denied|error: 401|error: 403|Access denied|Host key verification failed", RegexOptions.IgnoreCase)]
    private static partial Regex Denied();
}
