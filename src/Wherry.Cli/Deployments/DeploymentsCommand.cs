using System.CommandLine;
using Wherry.Cli.Frame;
using Wherry.Client;

namespace Wherry.Cli.Deployments;

/// <summary><c>wherry deployments</c>: what was deployed when, by whom and with what end; with an id, the receipt.</summary>
internal static class DeploymentsCommand
{
    public static Command Build(Verbs verbs)
    {
        var id = new Argument<string?>("id") { Description = "Shows the receipt of this deployment", Arity = ArgumentArity.ZeroOrOne };
        return verbs.On(new Verb("deployments", "Lists the deployments of an environment, newest first; with an ID, shows its receipt", "wherry deployments", "wherry deployments -p shop -e staging --json", "wherry deployments d19aa8c3f21041b2c3") { id }, async (call, ct) =>
        {
            if (call.Get(id) is { } one)
            {
                var deployment = await call.Client.DeploymentAsync(one, ct);
                call.Print(deployment, ClientJson.Default.Deployment, o => ReceiptView.Write(o, deployment));
                return Exit.Ok;
            }

            var project = await call.ProjectAsync(ct);
            var deployments = await call.Client.DeploymentsAsync(project, call.Environment, ct);
            call.Print(deployments, ClientJson.Default.IReadOnlyListDeployment, o => ReceiptView.WriteList(o, deployments, call.World.Time.GetUtcNow()));
            return Exit.Ok;
        });
    }
}
