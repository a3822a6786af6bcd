using System.CommandLine;
using Wherry.Cli.Frame;
using Wherry.Cli.Output;
using Wherry.Client;
using Wherry.Core.Problems;

namespace Wherry.Cli.Logs;

/// <summary><c>wherry logs</c>: of the replicas of an environment, or of a deployment.</summary>
internal static class LogsCommand
{
    public static Command Build(Verbs verbs)
    {
        var service = new Argument<string?>("service") { Description = "Only this service", Arity = ArgumentArity.ZeroOrOne };
        var follow = new Option<bool>("--follow", "-f") { Description = "Stay for what comes" };
        var since = Durations.Since("--since", "Only lines after this time: 10m, 24h, 2026-11-20T08:00:00Z", verbs.World.Time);
        var tail = new Option<int?>("--tail", "-n") { Description = "Only the last lines", HelpName = "LINES" };
        var deployment = new Option<string?>("--deployment") { Description = "The log of a deployment instead: of the last one, or of that with this ID", HelpName = "ID", Arity = ArgumentArity.ZeroOrOne };
        var times = new Option<bool>("--timestamps", "-t") { Description = "Put the time before each line" };
        var bare = new Option<bool>("--no-prefix") { Description = "Leave out the replica's name" };
        var verb = new Verb("logs", "Shows what replicas write", "wherry logs -f", "wherry logs web --since 10m --tail 100", "wherry logs --json | jq -r .text", "wherry logs --deployment")
        {
            service, follow, since, tail, deployment, times, bare,
        };
        return verbs.On(verb, async (call, ct) =>
        {
            var query = new LogQuery { Follow = call.Get(follow), Since = call.Get(since), Tail = call.Get(tail) };
            var printer = new LogPrinter(call, call.Get(times), !call.Get(bare));
            Func<LogQuery, IAsyncEnumerable<LogLine>> open;
            if (call.IsGiven(deployment))
            {
                var id = call.Get(deployment) ?? await LastAsync(call, ct);
                open = q => call.Client.DeploymentLogAsync(id, q, ct);
            }
            else
            {
                var project = await call.ProjectAsync(ct);
                open = q => call.Client.LogsAsync(project, call.Environment, call.Get(service), q, ct);
            }

            await foreach (var line in ResumedLog.LinesAsync(open, query, call.World.Time, ct))
            {
                printer.Print(line);
            }

            return Exit.Ok;
        });
    }

    private static async Task<string> LastAsync(Call call, CancellationToken ct)
    {
        var project = await call.ProjectAsync(ct);
        var all = await call.Client.DeploymentsAsync(project, call.Environment, ct);
        return (all is [var last, ..] ? last.Id : null)
            ?? throw new Problem("deployment/not-found", $"Nothing was deployed to {project}/{call.Environment} yet.", "`wherry deploy` in a folder, or `git push`, deploys.").AsException();
    }
}

/// <summary>Prints log lines, each replica in its own colour.</summary>
internal sealed class LogPrinter(Call call, bool withTimes, bool withPrefix)
{
    private readonly Dictionary<string, int> _numbers = [];

    public void Print(LogLine line)
    {
        if (call.Json)
        {
            call.PrintJson(line, ClientJson.Default.LogLine, indented: false);
            return;
        }

        var time = withTimes ? $"{line.At.UtcDateTime:yyyy-MM-ddTHH:mm:ss.fffZ} " : "";
        call.World.Out.WriteLine($"{time}{(withPrefix ? Prefix(line.Source) : "")}{line.Text}");
    }

    private string Prefix(string source)
    {
        if (!_numbers.TryGetValue(source, out var number))
        {
            _numbers[source] = number = _numbers.Count;
        }

        return Paint.Numbered(number, $"{source} | ", call.World.ColourOut);
    }
}
