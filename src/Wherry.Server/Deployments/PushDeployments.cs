using System.Runtime.CompilerServices;
using Wherry.Core.Deployments;
using Wherry.Core.Problems;
using Wherry.Server.Environments;
using Wherry.Server.Git;
using Wherry.Server.Logs;
using Wherry.Server.Sources;

namespace Wherry.Server.Deployments;

/// <summary>Deployments for pushes, with their log for the pusher's terminal.</summary>
internal sealed class PushDeployments(DeploymentLanes lanes, DeploymentStore deployments, DeploymentIntake intake, LogStore logs, TimeProvider time) : IPushDeployments
{
    public async Task<DeploymentTicket> DeployAsync(EnvironmentRef environment, string actor, SourceTree tree, CancellationToken ct)
    {
        var id = await lanes.EnqueueAsync(environment, actor, new DeployIntent { Kind = DeploymentKind.Deploy, Pushed = tree.Describe }, tree, ct);
        return new DeploymentTicket(id, LinesAsync(environment, id, CancellationToken.None), EndAsync(environment, id)); // the enumeration brings its own token
    }

    private async IAsyncEnumerable<string> LinesAsync(EnvironmentRef environment, string id, [EnumeratorCancellation] CancellationToken ct)
    {
        using var lease = logs.OpenToRead(environment.Project.Value, environment.Name.Value, id);
        await foreach (var line in new SegmentReader(lease.Log, null, time).ReadAsync(new Client.LogQuery { Follow = true }, ct))
        {
            if (line.Source != DeploymentLog.ProblemSource) // the end tells it
            {
                yield return line.Text;
            }
        }
    }

    private async Task<DeploymentEnd> EndAsync(EnvironmentRef environment, string id)
    {
        await lanes.EndOfAsync(id);
        var row = await deployments.GetAsync(environment.Team, id, CancellationToken.None); // the pusher may have left; the answer is wanted all the same
        var shown = await intake.ShowAsync(environment.Team, id, CancellationToken.None); // as above
        return new DeploymentEnd(
            (row.Outcome, row.OpenProblem()) switch
            {
                ("Succeeded", _) => null,
                ("Superseded", _) => new Problem("deployment/superseded", "A newer deployment took this one's place before it began.", "Look at `wherry status`; push again if it should be this commit."),
                (_, { } failure) => failure,
                _ => new Problem("deployment/interrupted", "The server stopped before the deployment ended.", "What had begun to start is taken up again: see `wherry status`, then push again."),
            },
            shown.Addresses);
    }
}
