using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Wherry.Edge.Acme.Solving;

/// <summary>A program of the operator's that writes a zone.</summary>
/// <param name="Program">Absolute path.</param>
/// <param name="Arguments">Come first; after them <c>add</c> or <c>remove</c>, the record's name, its value (which may begin with a dash) and the zone.</param>
internal sealed record DnsExecOptions(string Program, IReadOnlyList<string> Arguments)
{
    /// <summary>All that the program sees of an environment besides <c>PATH</c>. Secret.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Time until it is killed with all that it started. Default 1 min.</summary>
    public TimeSpan Within { get; init; } = TimeSpan.FromMinutes(1);

    public override string ToString() => Program;
}

/// <summary>DNS by a program: an array of arguments, no shell. Exit code 0 is success.</summary>
internal sealed class DnsExec(DnsExecOptions options, TimeProvider time) : IDnsProvider
{
    private const int ShownLines = 10;

    private const int MaxOutput = 64 << 10;

    public Task AddAsync(DnsText text, CancellationToken ct) => RunAsync("add", text, ct);

    public Task RemoveAsync(DnsText text, CancellationToken ct) => RunAsync("remove", text, ct);

    private async Task RunAsync(string verb, DnsText text, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(options.Within, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        using var process = Start(verb, text);
        var output = new StringBuilder();
        try
        {
            process.StandardInput.Close();
            await Task.WhenAll(ReadAsync(process.StandardOutput, output, both.Token), ReadAsync(process.StandardError, output, both.Token), process.WaitForExitAsync(both.Token));
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            ct.ThrowIfCancellationRequested();
            throw Failed(text, $"it did not end within {options.Within.TotalSeconds:0.#} s", output);
        }

        if (process.ExitCode != 0)
        {
            throw Failed(text, $"exit code {process.ExitCode}", output);
        }
    }

    private Process Start(string verb, DnsText text)
    {
        var start = new ProcessStartInfo(options.Program, [.. options.Arguments, verb, text.Name, text.Value, text.Zone.Value])
        {
            WorkingDirectory = "/",
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        start.Environment["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        foreach (var (name, value) in options.Environment)
        {
            start.Environment[name] = value;
        }

        try
        {
            return Path.IsPathRooted(options.Program) ? Process.Start(start)! : throw Failed(text, "its path is not absolute", new());
        }
        catch (Win32Exception e)
        {
            throw Failed(text, e.Message, new());
        }
    }

    private static async Task ReadAsync(StreamReader from, StringBuilder output, CancellationToken ct)
    {
        while (await from.ReadLineAsync(ct) is { } line)
        {
            lock (output)
            {
                output.Append(line).Append('\n');
                output.Remove(0, Math.Max(0, output.Length - MaxOutput));
            }
        }
    }

    private Core.Problems.ProblemException Failed(DnsText text, string why, StringBuilder output)
    {
        string said;
        lock (output)
        {
            said = options.Environment.Values.Where(v => v.Length > 3).Aggregate(output.ToString(), (all, secret) => all.Replace(secret, "••••••", StringComparison.Ordinal));
        }

        var problem = DnsChallenges.Failed(Path.GetFileName(options.Program), text, why);
        problem.Evidence = [.. said.Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(ShownLines)];
        return problem.AsException();
    }
}
