using System.CommandLine;
using Wherry.Cli.Frame;
using Wherry.Client;

namespace Wherry.Cli.Deployments;

/// <summary><c>wherry rollback</c>: makes an older release current again, without building.</summary>
internal static class RollbackCommand
{
    public static Command Build(Verbs verbs)
    {
        var release = new Argument<int?>("release") { Description = "Number of the release (default: the last stable one before the current)", Arity = ArgumentArity.ZeroOrOne };
        return verbs.On(new Verb("rollback", "Makes an older release current again, without building", "wherry rollback", "wherry rollback 41") { release }, async (call, ct) =>
        {
            var project = await call.ProjectAsync(ct);
            var deployment = await call.Client.RollbackAsync(project, call.Environment, new RollbackRequest(call.Get(release)), ct);
            return await DeploymentWatch.FollowAsync(call, deployment, ct);
        });
    }
}
