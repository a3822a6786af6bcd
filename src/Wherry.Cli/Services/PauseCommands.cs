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
        var closing = new ClosingOptions(verbs.World.Time);
        var verb = closing.AddTo(new Verb("pause", "Holds requests at the edge until `wherry resume`", "wherry pause", "wherry pause web --max-wait 60s --until 5m") { wait });
        return Build(verbs, verb, call => new SetPause(true, (int?)call.Get(wait)?.TotalSeconds, Allow: closing.Allow(call), Until: closing.Until(call)));
    }

    public static Command BuildResume(Verbs verbs) => Build(verbs, new Verb("resume", "Lets the requests go that `wherry pause` held", "wherry resume"), _ => new SetPause(false));

    private static Command Build(Verbs verbs, Verb verb, Func<Call, SetPause> read)
    {
        var services = StopStartCommands.ServicesArgument();
        verb.Add(services);
        return verbs.On(verb, async (call, ct) =>
        {
            var project = await call.ProjectAsync(ct);
            var wanted = read(call) with { Services = StopStartCommands.Named(call, services) };
            await call.Client.PauseAsync(project, call.Environment, wanted, ct);
            call.Note(wanted.On ? $"requests to {project}/{call.Environment} are held; let them go with `wherry resume`" : $"requests to {project}/{call.Environment} go on");
            return Exit.Ok;
        });
    }
}
