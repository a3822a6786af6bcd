using System.CommandLine;
using Wherry.Cli.Frame;
using Wherry.Client;
using Wherry.Core.Problems;

namespace Wherry.Cli.Deployments;

/// <summary>Which deployment a verb is about: the one that is named, else the one at work, else the last that waits.</summary>
internal static class DeploymentChoice
{
    public static Argument<string?> Argument() => new("deployment") { Description = "Id of the deployment (default: the one at work, else the last that waits)", Arity = ArgumentArity.ZeroOrOne };

    /// <exception cref="ProblemException"><c>deployment/none</c>.</exception>
    public static async Task<string> IdAsync(Call call, Argument<string?> named, CancellationToken ct)
    {
        if (call.Get(named) is { } id)
        {
            return id;
        }

        var project = await call.ProjectAsync(ct);
        return Choose(await call.Client.DeploymentsAsync(project, call.Environment, ct))?.Id
            ?? throw new Problem("deployment/none", $"Nothing is being deployed to {project}/{call.Environment}.", "`wherry deployments list` shows what was.").AsException();
    }

    /// <param name="deployments">Newest first.</param>
    internal static Deployment? Choose(IReadOnlyList<Deployment> deployments)
    {
        var open = deployments.Where(d => d.Outcome is null).ToList();
        return open.FirstOrDefault(d => d.StartedAt is not null) ?? open.FirstOrDefault();
    }
}
