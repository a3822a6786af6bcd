using System.ComponentModel;
using System.Diagnostics;
using Wherry.Core.Problems;

namespace Wherry.Cli.Frame;

/// <summary>The <c>git</c> program, with argument arrays only.</summary>
internal static class GitProgram
{
    /// <summary>Its standard output; <see langword="null"/> when it is missing or fails.</summary>
    public static async Task<string?> TryAsync(string folder, IReadOnlyList<string> arguments, CancellationToken ct)
    {
        try
        {
            var (code, output) = await RunAsync(folder, arguments, new Dictionary<string, string>(), _ => { }, ct);
            return code == 0 ? output : null;
        }
        catch (ProblemException)
        {
            return null;
        }
    }

    /// <summary>Its standard output.</summary>
    /// <exception cref="ProblemException"><c>git/failed</c> with what it said; <c>git/missing</c> when there is no such program.</exception>
    public static async Task<string> RequireAsync(string folder, IReadOnlyList<string> arguments, CancellationToken ct)
    {
        var said = new List<string>();
        var (code, output) = await RunAsync(folder, arguments, new Dictionary<string, string>(), said.Add, ct);
        return code == 0
            ? output
            : throw new Problem("git/failed", $"git {arguments[0]} failed in {folder}: {string.Join(" ", said)}", "Mend what Git complains about and try again.").AsException();
    }

    /// <param name="onError">Told each line of standard error as it comes.</param>
    /// <returns>Exit code and standard output.</returns>
    /// <exception cref="ProblemException"><c>git/missing</c>.</exception>
    public static async Task<(int Code, string Output)> RunAsync(string folder, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> variables, Action<string> onError, CancellationToken ct)
    {
        var start = new ProcessStartInfo("git", arguments) { WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };

        // A caller's own repository (inside a hook, say) is not the one that is meant here.
        foreach (var name in start.Environment.Keys.Where(k => k is "GIT_DIR" or "GIT_WORK_TREE" or "GIT_INDEX_FILE" or "GIT_QUARANTINE_PATH" or "GIT_OBJECT_DIRECTORY" or "GIT_ALTERNATE_OBJECT_DIRECTORIES").ToList())
        {
            start.Environment.Remove(name);
        }

        start.Environment["GIT_TERMINAL_PROMPT"] = "0";
        start.Environment["LC_ALL"] = "C";
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        using var git = Start(start);
        git.StandardInput.Close();
        try
        {
            var output = git.StandardOutput.ReadToEndAsync(ct);
            while (await git.StandardError.ReadLineAsync(ct) is { } line)
            {
                onError(line);
            }

            await git.WaitForExitAsync(ct);
            return (git.ExitCode, await output);
        }
        catch (OperationCanceledException)
        {
            git.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new Problem("git/missing", $"The program git cannot be started: {e.Message}", "Install it: apt-get install git.").AsException(e);
        }
    }
}
