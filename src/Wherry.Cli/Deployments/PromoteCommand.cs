using System.CommandLine;
using Wherry.Cli.Frame;
using Wherry.Core.Problems;

namespace Wherry.Cli.Deployments;

/// <summary><c>wherry promote</c>: gives canaries their next stage, or all visitors.</summary>
internal static class PromoteCommand
{
    public static Command Build(Verbs verbs)
    {
        var deployment = new Argument<string?>("deployment") { Description = "Id of the deployment (default: the one at work)", Arity = ArgumentArity.ZeroOrOne };
        var full = new Option<bool>("--full") { Description = "To all visitors at once, whatever stages there still are" };
        return verbs.On(new Verb("promote", "Gives canaries their next stage, or all visitors behind the last one", "wherry promote", "wherry promote --full", "wherry promote d19a0c3f2b71a2b3c") { deployment, full }, async (call, ct) =>
        {
            var id = call.Get(deployment) ?? await AtWorkAsync(call, ct);
            return await DeploymentWatch.FollowAsync(call, await call.Client.PromoteAsync(id, call.Get(full), ct), ct);
        });
    }

    private static async Task<string> AtWorkAsync(Call call, CancellationToken ct)
    {
        var project = await call.ProjectAsync(ct);
        return (await call.Client.DeploymentsAsync(project, call.Environment, ct)).FirstOrDefault(d => d.Outcome is null && d.StartedAt is not null)?.Id
            ?? throw new Problem("deployment/none", $"Nothing is being deployed to {project}/{call.Environment}, so nothing waits for a promotion.", "`wherry deployments list` shows what was.").AsException();
    }
}
