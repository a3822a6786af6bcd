using System.CommandLine;
using Wherry.Cli.Frame;
using Wherry.Client;

namespace Wherry.Cli.Services;

/// <summary><c>wherry maintenance on|off</c>: visitors get a page instead of the service.</summary>
internal static class MaintenanceCommand
{
    public static Command Build(Verbs verbs)
    {
        var message = new Option<string?>("--message", "-m") { Description = "Shown to visitors", HelpName = "TEXT" };
        return new Verb("maintenance", "Answers visitors with a page instead of the service", "wherry maintenance on --message \"Back at 14:00\"", "wherry maintenance off")
        {
            Build(verbs, new Verb("on", "Visitors get the maintenance page; deployments go on behind it") { message }, true, message),
            Build(verbs, new Verb("off", "Visitors get the service again"), false, null),
        };
    }

    private static Command Build(Verbs verbs, Verb verb, bool on, Option<string?>? message)
    {
        var services = StopStartCommands.ServicesArgument();
        verb.Add(services);
        return verbs.On(verb, async (call, ct) =>
        {
            var project = await call.ProjectAsync(ct);
            await call.Client.MaintenanceAsync(project, call.Environment, new SetMaintenance(on, message is null ? null : call.Get(message), StopStartCommands.Named(call, services)), ct);
            call.Note($"maintenance is {(on ? "on" : "off")} for {project}/{call.Environment}");
            return Exit.Ok;
        });
    }
}
