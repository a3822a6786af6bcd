using System.CommandLine;
using Wherry.Cli.Frame;
using Wherry.Client;

namespace Wherry.Cli.Services;

/// <summary><c>wherry pause</c> and <c>resume</c>: requests wait at the edge instead of failing.</summary>
internal static class PauseCommands
{
    public static Command BuildPause(Verbs verbs)
    {
        var wait = Durations.Option("--max-wait", "Longest time one request is held (default 30s)");
        return Build(verbs, new Verb("pause", "Holds requests at the edge until `wherry resume`", "wherry pause", "wherry pause web --max-wait 60s") { wait }, true, wait);
    }

    public static Command BuildResume(Verbs verbs) =>
        Build(verbs, new Verb("resume", "Lets the requests go that `wherry pause` held", "wherry resume"), false, null);

    private static Command Build(Verbs verbs, Verb verb, bool on, Option<TimeSpan?>? wait)
    {
        var services = StopStartCommands.ServicesArgument();
        verb.Add(services);
        return verbs.On(verb, async (call, ct) =>
        {
            var project = await call.ProjectAsync(ct);
            var seconds = wait is null ? null : call.Get(wait) is { } longest ? (int?)longest.TotalSeconds : null;
            await call.Client.PauseAsync(project, call.Environment, new SetPause(on, seconds, StopStartCommands.Named(call, services)), ct);
            call.Note(on ? $"requests to {project}/{call.Environment} are held; let them go with `wherry resume`" : $"requests to {project}/{call.Environment} go on");
            return Exit.Ok;
        });
    }
}
