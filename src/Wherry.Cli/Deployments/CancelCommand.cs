using System.CommandLine;
using Wherry.Cli.Frame;
using Wherry.Cli.Output;
using Wherry.Client;

namespace Wherry.Cli.Deployments;

/// <summary><c>wherry cancel</c>: ends a deployment before it is done.</summary>
internal static class CancelCommand
{
    public static Command Build(Verbs verbs) =>
        Build(verbs, "cancel", "Ends a deployment before it is done; what served before serves on", "wherry cancel -p shop -e staging");

    /// <summary><c>wherry abort</c>: the same, as it is called where a new release is tried on some visitors.</summary>
    public static Command BuildAbort(Verbs verbs) =>
        Build(verbs, "abort", "Takes a release away that is tried on some visitors; the one before serves them again", "wherry abort -p shop -e staging");

    private static Command Build(Verbs verbs, string name, string does, string example)
    {
        var named = DeploymentChoice.Argument();
        return verbs.On(new Verb(name, does, $"wherry {name}", example, $"wherry {name} d19f8c2a51b3e4f6a7") { named }, async (call, ct) =>
        {
            var asked = await call.Client.CancelDeploymentAsync(await DeploymentChoice.IdAsync(call, named, ct), ct);
            var ended = await DeploymentWatch.EndAsync(call, asked, ct);
            if (call.Json)
            {
                call.PrintJson(ended, ClientJson.Default.Deployment);
            }

            if (ended.Outcome is not DeploymentOutcome.Cancelled)
            {
                call.Note("It ended before it could be cancelled:");
                return DeploymentWatch.Judge(call, ended);
            }

            call.Note($"{Paint.Green("✓", call.World.ColourErr)} {ended.Kind} of {ended.Project}/{ended.Environment} cancelled; what served before serves");
            return Exit.Ok;
        });
    }
}
