using System.CommandLine;
using Wherry.Cli.Frame;
using Wherry.Client;

namespace Wherry.Cli.Deployments;

/// <summary><c>wherry deployments list|show|pause|resume</c>.</summary>
internal static class DeploymentsCommand
{
    public static Command Build(Verbs verbs) => Verbs.Group(
        new Verb("deployments", "Lists the deployments of an environment; shows the receipt of one, pauses one and lets it go on", "wherry deployments", "wherry deployments show d19aa8c3f21041b2c3", "wherry deployments pause"),
        BuildList(verbs),
        [
            BuildShow(verbs),
            Build(verbs, "pause", "Lets a deployment place nothing more for now; what it started stays", (client, id, ct) => client.PauseDeploymentAsync(id, ct)),
            Build(verbs, "resume", "Lets a paused deployment go on", (client, id, ct) => client.ResumeDeploymentAsync(id, ct)),
        ]);

    private static Command BuildList(Verbs verbs) => verbs.On(new Verb("list", "Lists the last deployments, newest first"), async (call, ct) =>
    {
        var deployments = await call.Client.DeploymentsAsync(await call.ProjectAsync(ct), call.Environment, ct);
        call.Print(deployments, ClientJson.Default.IReadOnlyListDeployment, o => ReceiptView.WriteList(o, deployments, call.World.Time.GetUtcNow()));
        return Exit.Ok;
    });

    private static Command BuildShow(Verbs verbs)
    {
        var id = new Argument<string>("id") { Description = "The deployment" };
        return verbs.On(new Verb("show", "Shows what a deployment did, and its receipt", "wherry deployments show d19aa8c3f21041b2c3 --json") { id }, async (call, ct) =>
        {
            var deployment = await call.Client.DeploymentAsync(call.Get(id)!, ct);
            call.Print(deployment, ClientJson.Default.Deployment, o => ReceiptView.Write(o, deployment));
            return Exit.Ok;
        });
    }

    private static Command Build(Verbs verbs, string name, string does, Func<WherryClient, string, CancellationToken, Task<Deployment>> act)
    {
        var named = DeploymentChoice.Argument();
        return verbs.On(new Verb(name, does, $"wherry deployments {name}") { named }, async (call, ct) =>
        {
            var deployment = await act(call.Client, await DeploymentChoice.IdAsync(call, named, ct), ct);
            call.Print(deployment, ClientJson.Default.Deployment, o => o.WriteLine($"{deployment.Id} {(deployment.PausedBy is null ? "goes on" : "is paused")}"));
            return Exit.Ok;
        });
    }
}
