using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Wherry.Core.Problems;

namespace Wherry.Server.Git;

/// <summary>Runs <c>git</c> so that neither the machine's settings nor a repository's content decide what it does.</summary>
internal sealed partial class GitProgram(TimeProvider time)
{
    private const int MaxOutputChars = 16 << 20;

    /// <summary>The first with <c>GIT_CONFIG_GLOBAL</c>, which keeps foreign settings out.</summary>
    private static readonly Version Oldest = new(2, 32);

    /// <summary>What git gets of our own environment: where programs, keys and certificates are, and the way out.</summary>
    private static readonly string[] Kept =
    [
        "PATH", "HOME", "TMPDIR", "SSH_AUTH_SOCK", "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO", "CURL_CA_BUNDLE",
        "http_proxy", "https_proxy", "no_proxy", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY",
    ];

    /// <summary>Runs git to its end.</summary>
    /// <exception cref="ProblemException"><c>git/missing</c>, <c>git/timeout</c>, <c>git/output</c>; a failure of git itself is in the result.</exception>
    public async Task<GitResult> RunAsync(GitCall call, CancellationToken ct)
    {
        var (output, exit) = await StreamAsync(call, async (stream, stop) =>
        {
            using var reader = new StreamReader(stream, leaveOpen: true);
            var text = new char[4096];
            var all = new System.Text.StringBuilder();
            int read;
            while ((read = await reader.ReadAsync(text, stop)) > 0)
            {
                all.Append(text, 0, read);
                if (all.Length > MaxOutputChars)
                {
                    throw new Problem("git/output", $"git {call.Arguments[0]} answered more than {MaxOutputChars >> 20} MB.", "The repository is larger than Wherry works with.").AsException();
                }
            }

            return all.ToString();
        }, ct);
        return exit with { Output = output };
    }

    /// <summary>Runs git to its end while <paramref name="read"/> takes its output.</summary>
    /// <returns>What <paramref name="read"/> returned, and how git ended.</returns>
    public async Task<(T Value, GitResult Exit)> StreamAsync<T>(GitCall call, Func<Stream, CancellationToken, Task<T>> read, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(call.Timeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        await using var process = Start(call);
        try
        {
            process.EndInput();
            var value = await read(process.Output, both.Token);
            await process.Output.CopyToAsync(Stream.Null, both.Token);
            var (code, error) = await process.ExitAsync(both.Token);
            return (value, new GitResult(code, "", error));
        }
        catch (OperationCanceledException e) when (limit.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            throw new Problem("git/timeout", string.Create(CultureInfo.InvariantCulture, $"git {call.Arguments[0]} did not end within {call.Timeout.TotalSeconds:0} s."), "Try again; if it stays so, check disk and network with `wherry doctor`.").AsException(e);
        }
    }

    /// <summary>Starts git; the caller feeds it and waits for it.</summary>
    /// <exception cref="ProblemException"><c>git/missing</c>.</exception>
    public static GitProcess Start(GitCall call)
    {
        var start = new ProcessStartInfo("git")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        SetVariables(start.Environment, call);
        if (call.Repository is { } repository)
        {
            start.ArgumentList.Add($"--git-dir={repository}");
        }

        foreach (var argument in call.Arguments)
        {
            start.ArgumentList.Add(argument);
        }

        try
        {
            return new GitProcess(Process.Start(start)!);
        }
        catch (Win32Exception e)
        {
            throw new Problem("git/missing", $"The program git cannot be started: {e.Message}.", "Install it, for instance with `apt-get install git`.").AsException(e);
        }
    }

    /// <summary>Version of the installed git.</summary>
    /// <exception cref="ProblemException"><c>git/missing</c> or <c>git/too-old</c>.</exception>
    public async Task<Version> VersionAsync(CancellationToken ct)
    {
        var text = (await RunAsync(new GitCall("version"), ct)).Output;
        var found = VersionShape().Match(text);
        var version = found.Success ? Version.Parse(found.Value) : new Version(0, 0);
        return version >= Oldest
            ? version
            : throw new Problem("git/too-old", $"git is of version {version}; Wherry needs {Oldest} or newer.", "Install a newer git.").AsException();
    }

    private static void SetVariables(IDictionary<string, string?> variables, GitCall call)
    {
        var kept = Kept.Where(variables.ContainsKey).Select(k => (Key: k, Value: variables[k])).ToList();
        variables.Clear();
        foreach (var (key, value) in kept)
        {
            variables[key] = value;
        }

        variables["LC_ALL"] = "C";
        variables["GIT_CONFIG_NOSYSTEM"] = "1";
        variables["GIT_CONFIG_GLOBAL"] = "/dev/null";
        variables["GIT_ATTR_NOSYSTEM"] = "1";
        variables["GIT_NO_REPLACE_OBJECTS"] = "1";
        variables["GIT_TERMINAL_PROMPT"] = "0";
        variables["GIT_ALLOW_PROTOCOL"] = "";
        foreach (var (key, value) in call.Variables)
        {
            variables[key] = value;
        }

        // Settings go through the environment: they may hold credentials, and arguments are there for every user of the machine to read.
        variables["GIT_CONFIG_COUNT"] = call.Settings.Count.ToString(CultureInfo.InvariantCulture);
        foreach (var (i, (key, value)) in call.Settings.Index())
        {
            variables[$"GIT_CONFIG_KEY_{i}"] = key;
            variables[$"GIT_CONFIG_VALUE_{i}"] = value;
        }
    }

    [GeneratedRegex(@"[0-9]+\.[0-9]+(?:\.[0-9]+)?")]
    private static partial Regex VersionShape();
}
