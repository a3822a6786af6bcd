using System.CommandLine;
using Wherry.Cli.Frame;
using Wherry.Client;

namespace Wherry.Cli.Status;

/// <summary><c>wherry status</c>: everything on one screen.</summary>
internal static class StatusCommand
{
    public static Command Build(Verbs verbs) =>
        verbs.On(new Verb("status", "Shows server, edge and every environment on one screen", "wherry status", "wherry status -p shop", "wherry status --json"), async (call, ct) =>
        {
            var status = await call.Client.StatusAsync(ct);
            if (call.NamedProject is { } project)
            {
                status = status with { Environments = [.. status.Environments.Where(e => e.Environment.Project == project)] };
            }

            call.Print(status, ClientJson.Default.Status, o => new StatusView(status, call.World.Time.GetUtcNow(), call.World.ColourOut).Write(o));
            return Exit.Ok;
        });
}
