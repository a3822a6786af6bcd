using System.Diagnostics;
using System.Text;

namespace Wherry.EndToEnd.Tests;

/// <summary>A program as a person runs it.</summary>
/// <param name="Output">Standard output and standard error together.</param>
internal sealed record Command(int ExitCode, string Output)
{
    /// <summary>Runs a program to its end; one that takes longer than 10 minutes is killed with all it started.</summary>
    public static async Task<Command> RunAsync(string folder, IReadOnlyDictionary<string, string> environment, params string[] command)
    {
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo(command[0], command[1..])
            {
                WorkingDirectory = folder,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        foreach (var (name, value) in environment)
        {
            process.StartInfo.Environment[name] = value;
        }

        var output = new StringBuilder();
        process.OutputDataReceived += (_, line) => Add(line.Data);
        process.ErrorDataReceived += (_, line) => Add(line.Data);
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(10));
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{string.Join(' ', command)} did not end:\n{output}");
        }

        return new Command(process.ExitCode, output.ToString());

        void Add(string? line)
        {
            lock (output)
            {
                output.AppendLine(line);
            }
        }
    }
}
