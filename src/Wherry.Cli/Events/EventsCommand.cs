using System.CommandLine;
using Wherry.Cli.Frame;
using Wherry.Cli.Logs;
using Wherry.Client;

namespace Wherry.Cli.Events;

/// <summary><c>wherry events</c>: who did what, when, and how it was before and after.</summary>
internal static class EventsCommand
{
    public static Command Build(Verbs verbs)
    {
        var follow = new Option<bool>("--follow", "-f") { Description = "Stay for what comes" };
        var since = Durations.Since("--since", "Only what happened after this time: 10m, 24h, 2026-11-20T08:00:00Z", verbs.World.Time);
        var after = new Option<long?>("--after") { Description = "Only what happened after the event with this ID", HelpName = "ID" };
        var kind = new Option<string?>("--kind") { Description = "Only this kind: a word such as deployment, or a whole kind such as deployment/finished", HelpName = "KIND" };
        var limit = new Option<int?>("--limit", "-n") { Description = "At most this many (default: the last 100, or all with --since or --after)", HelpName = "EVENTS" };
        var verb = new Verb("events", "Shows who did what and when, in all projects", "wherry events -f", "wherry events --since 24h --kind deployment", "wherry events -p shop -e staging --json | jq -r .kind")
        {
            follow, since, after, kind, limit,
        };
        return verbs.On(verb, async (call, ct) =>
        {
            var query = new EventQuery
            {
                After = call.Get(after),
                Since = call.Get(since),
                Project = call.NamedProject,
                Environment = call.NamedEnvironment,
                Kind = call.Get(kind),
                Limit = call.Get(limit),
                Follow = call.Get(follow),
            };
            await foreach (var e in ResumedLog.ItemsAsync(q => call.Client.EventsAsync(q, ct), query, query.Follow, (asked, seen) => asked with { After = seen.Id }, call.World.Time, ct))
            {
                Print(call, e);
            }

            return Exit.Ok;
        });
    }

    /// <summary>One line per event: what is followed has no last row to align with.</summary>
    internal static string Line(Event e)
    {
        var at = e.Project is null ? "-" : e.Environment is null ? e.Project : $"{e.Project}/{e.Environment}";
        var change = (e.Before, e.After) switch
        {
            (null, null) => "",
            (null, { } now) => $"  {now}",
            ({ } was, null) => $"  was {was}",
            ({ } was, { } now) => $"  {was} -> {now}",
        };
        return $"{e.At.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}  {e.Kind,-22}  {at,-22}  {e.About}{change}  by {e.Actor}";
    }

    private static void Print(Call call, Event e)
    {
        if (call.Json)
        {
            call.PrintJson(e, ClientJson.Default.Event, indented: false);
            return;
        }

        call.Result(Line(e));
    }
}
