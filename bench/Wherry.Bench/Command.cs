using System.Diagnostics;
using System.Text;

namespace Wherry.Bench;

/// <summary>A program as a person runs it, timed from its start to its end.</summary>
internal static class Command
{
    /// <exception cref="InvalidOperationException">It failed; the message holds its output.</exception>
    public static async Task<TimeSpan> RunAsync(string folder, IReadOnlyDictionary<string, string> environment, CancellationToken ct, params string[] command) =>
        (await RunUntilAsync(null, folder, environment, ct, command)).Ended;

    /// <summary>What a program says on standard output.</summary>
    /// <exception cref="InvalidOperationException">It failed; the message holds its output.</exception>
    public static async Task<string> OutputAsync(CancellationToken ct, params string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(ct), process.StandardError.ReadToEndAsync(ct));
        await process.WaitForExitAsync(ct);
        return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"{string.Join(' ', command)} ended with {process.ExitCode}:\n{await output}{await error}");
    }

    /// <param name="mark">Stands in a line on standard error.</param>
    /// <returns>Until the line and until the end.</returns>
    public static async Task<(TimeSpan Marked, TimeSpan Ended)> RunUntilAsync(string? mark, string folder, IReadOnlyDictionary<string, string> environment, CancellationToken ct, params string[] command)
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
        var error = new StringBuilder();
        TimeSpan? toMark = null;
        while (await process.StandardError.ReadLineAsync(ct) is { } line)
        {
            error.AppendLine(line);
            toMark ??= mark is not null && line.Contains(mark, StringComparison.Ordinal) ? Stopwatch.GetElapsedTime(began) : null;
        }

        await process.WaitForExitAsync(ct);
        var took = Stopwatch.GetElapsedTime(began);
        var text = await output + error;
        return process.ExitCode == 0 && (mark is null || toMark is not null) ? (toMark ?? took, took) : throw new InvalidOperationException($"{string.Join(' ', command)} ended with {process.ExitCode}:\n{text}");
    }
}
