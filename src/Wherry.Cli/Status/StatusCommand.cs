using System.CommandLine;
using Wherry.Cli.Frame;
using Wherry.Client;
using Wherry.Core.Problems;

namespace Wherry.Cli.Status;

/// <summary><c>wherry status</c>: everything on one screen.</summary>
internal static class StatusCommand
{
    public static Command Build(Verbs verbs)
    {
        var only = new Argument<string?>("project") { Description = "Only this project", Arity = ArgumentArity.ZeroOrOne };
        return verbs.On(new Verb("status", "Shows server, edge and every environment on one screen", "wherry status", "wherry status shop", "wherry status --json") { only }, async (call, ct) =>
        {
            var status = await call.Client.StatusAsync(ct);
            if ((call.Get(only) ?? call.NamedProject) is { } project)
            {
                status = status with { Environments = [.. status.Environments.Where(e => e.Environment.Project == project)] };
                if (status.Environments.Count == 0)
                {
                    throw new Problem("project/not-found", $"There is no project {project}.", "See `wherry projects list`.").AsException();
                }
            }

            call.Print(status, ClientJson.Default.Status, o => new StatusView(status, call.World.Time.GetUtcNow(), call.World.ColourOut).Write(o));
            return Exit.Ok;
        });
    }
}
