using System.CommandLine;
using Wherry.Cli.Frame;

namespace Wherry.Cli.Deployments;

/// <summary><c>wherry promote</c>: lets a deployment go on whose canaries wait for it.</summary>
internal static class PromoteCommand
{
    public static Command Build(Verbs verbs)
    {
        var deployment = new Argument<string?>("deployment") { Description = "Id of the deployment (default: the environment's last)", Arity = ArgumentArity.ZeroOrOne };
        return verbs.On(new Verb("promote", "Promotes the canaries of a deployment that waits for it", "wherry promote", "wherry promote d19a0c3f2b71a2b3c") { deployment }, async (call, ct) =>
        {
            var id = call.Get(deployment) ?? (await call.Client.DeploymentsAsync(await call.ProjectAsync(ct), call.Environment, ct)).FirstOrDefault(d => d.Outcome is null && d.StartedAt is not null)?.Id ?? "none";
            return await DeploymentWatch.FollowAsync(call, await call.Client.PromoteAsync(id, ct), ct);
        });
    }
}
