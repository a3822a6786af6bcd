using System.CommandLine;
using Wherry.Cli.Frame;
using Wherry.Client;

namespace Wherry.Cli.Services;

/// <summary><c>wherry maintenance on|off</c>: visitors get a page instead of the service.</summary>
internal static class MaintenanceCommand
{
    public static Command Build(Verbs verbs) =>
        new Verb("maintenance", "Answers visitors with a page instead of the service", "wherry maintenance on --message \"Back at 14:00\" --until 2h --allow 192.0.2.7", "wherry maintenance off")
        {
            BuildOn(verbs),
            BuildOff(verbs),
        };

    private static Command BuildOn(Verbs verbs)
    {
        var message = new Option<string?>("--message", "-m") { Description = "Shown to visitors", HelpName = "TEXT" };
        var closing = new ClosingOptions(verbs.World.Time);
        var verb = closing.AddTo(new Verb("on", "Visitors get the maintenance page; deployments go on behind it") { message });
        return Build(verbs, verb, call => new SetMaintenance(true, call.Get(message), Allow: closing.Allow(call), Until: closing.Until(call)));
    }

    private static Command BuildOff(Verbs verbs) => Build(verbs, new Verb("off", "Visitors get the service again"), _ => new SetMaintenance(false));

    private static Command Build(Verbs verbs, Verb verb, Func<Call, SetMaintenance> read)
    {
        var services = StopStartCommands.ServicesArgument();
        verb.Add(services);
        return verbs.On(verb, async (call, ct) =>
        {
            var project = await call.ProjectAsync(ct);
            var wanted = read(call) with { Services = StopStartCommands.Named(call, services) };
            await call.Client.MaintenanceAsync(project, call.Environment, wanted, ct);
            call.Note($"maintenance is {(wanted.On ? "on" : "off")} for {project}/{call.Environment}");
            return Exit.Ok;
        });
    }
}
