using System.Diagnostics;

namespace Wherry.Bench;

/// <summary>A program as a person runs it, timed from its start to its end.</summary>
internal static class Command
{
    /// <exception cref="InvalidOperationException">It failed; the message holds its output.</exception>
    public static async Task<TimeSpan> RunAsync(string folder, IReadOnlyDictionary<string, string> environment, CancellationToken ct, params string[] command)
    {
        var start = new ProcessStartInfo(command[0], command[1..]) { WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("WHERRY_", StringComparison.Ordinal) || k.StartsWith("GIT_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var began = Stopwatch.GetTimestamp();
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(ct);
        var error = process.StandardError.ReadToEndAsync(ct);
        await process.WaitForExitAsync(ct);
        var took = Stopwatch.GetElapsedTime(began);
        var text = await output + await error;
        return process.ExitCode == 0 ? took : throw new InvalidOperationException($"{string.Join(' ', command)} ended with {process.ExitCode}:\n{text}");
    }
}
