using System.Diagnostics;
using System.Text;

namespace Wherry.Server.Tests.Git;

/// <param name="Text">Standard output and standard error, as a person would see them.</param>
internal sealed record GitOutcome(int ExitCode, string Text);

/// <summary>A person's folder, with the real <c>git</c>.</summary>
internal sealed class GitFolder(string path)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public string Path { get; } = path;

    /// <summary>Runs git; fails the test when it fails.</summary>
    /// <returns>Its trimmed output.</returns>
    public async Task<string> GitAsync(params string[] arguments)
    {
        var outcome = await TryGitAsync(arguments);
        Assert.True(outcome.ExitCode == 0, $"git {string.Join(' ', arguments)}: {outcome.Text}");
        return outcome.Text.Trim();
    }

    /// <summary>Runs git to its end.</summary>
    public async Task<GitOutcome> TryGitAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        var output = process.StandardOutput.ReadToEndAsync(Ct);
        var error = process.StandardError.ReadToEndAsync(Ct);
        await process.WaitForExitAsync(Ct);
        return new GitOutcome(process.ExitCode, await output + await error);
    }

    /// <summary>Runs git and shows each line of standard error the moment it comes.</summary>
    public async Task<GitOutcome> WatchGitAsync(Action<string> see, params string[] arguments)
    {
        using var process = Start(arguments);
        var text = new StringBuilder();
        while (await process.StandardError.ReadLineAsync(Ct) is { } line)
        {
            text.AppendLine(line);
            see(line);
        }

        await process.WaitForExitAsync(Ct);
        return new GitOutcome(process.ExitCode, text.ToString());
    }

    public Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("git") { WorkingDirectory = Path, RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var key in start.Environment.Keys.Where(k => k.StartsWith("GIT_", StringComparison.Ordinal) || k.EndsWith("_proxy", StringComparison.OrdinalIgnoreCase)).ToList())
        {
            start.Environment.Remove(key);
        }

        start.Environment["GIT_CONFIG_GLOBAL"] = "/dev/null";
        start.Environment["GIT_CONFIG_NOSYSTEM"] = "1";
        start.Environment["GIT_TERMINAL_PROMPT"] = "0";
        foreach (var who in new[] { "AUTHOR", "COMMITTER" })
        {
            start.Environment[$"GIT_{who}_NAME"] = "Ada";
            start.Environment[$"GIT_{who}_EMAIL"] = "ada@example.com";
        }

        return Process.Start(start)!;
    }

    /// <summary>Writes a file.</summary>
    public GitFolder Write(string name, string content)
    {
        var file = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
        return this;
    }

    public GitFolder Link(string name, string target)
    {
        File.CreateSymbolicLink(System.IO.Path.Combine(Path, name), target);
        return this;
    }

    /// <summary>Commits all there is.</summary>
    /// <returns>The commit's hash.</returns>
    public async Task<string> CommitAsync(string message = "a change")
    {
        await GitAsync("add", "--all");
        await GitAsync("commit", "--quiet", "--allow-empty", "-m", message);
        return await GitAsync("rev-parse", "HEAD");
    }

    public Task<GitOutcome> PushAsync(string what = "main") => TryGitAsync("push", "wherry", what);

    /// <summary>What the server has under a name; empty: nothing.</summary>
    public async Task<string> RemoteAsync(string name) => (await GitAsync("ls-remote", "wherry", name)).Split('\t')[0];
}
