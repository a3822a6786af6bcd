using Wherry.Core.Deployments;
using Wherry.Core.Problems;
using Wherry.Server.Access;
using Wherry.Server.Environments;
using Wherry.Server.Events;
using Wherry.Server.Store;

namespace Wherry.Server.Deployments;

/// <summary>Cancels deployments, pauses them, and lets them go on.</summary>
internal sealed class DeploymentControl(DeploymentLanes lanes, DeploymentStore deployments, EnvironmentStore environments, DeploymentIntake intake, EventLog events)
{
    /// <summary>Ends a deployment that waits at once, and one that runs as soon as its step can be left. Idempotent while it runs.</summary>
    /// <exception cref="ProblemException"><c>deployment/ended</c>, <c>deployment/undoing</c>.</exception>
    public async Task<Client.Deployment> CancelAsync(Caller caller, string id, CancellationToken ct)
    {
        var environment = await FindAsync(caller.Team, id, ct);
        var problem = Interruption.Problem(caller.Actor);
        switch (await deployments.CancelAsync(caller.Team, id, caller.Actor, problem, ct))
        {
            case CancelAnswer.Ended:
                await lanes.LetGoAsync(environment, id, problem.Message);
                break;
            case CancelAnswer.Asked:
                await lanes.TellAsync(caller.Team, id, ct);
                break;
            default:
                throw await TooLateAsync(caller.Team, id, ct);
        }

        await events.RecordAsync(environment, caller.Actor, EventKinds.DeploymentCancelled, id, null, null, ct);
        return await intake.ShowAsync(caller.Team, id, ct);
    }

    /// <param name="caller">Who asks.</param>
    /// <param name="id">Which one.</param>
    /// <param name="pause"><see langword="false"/> lets it go on.</param>
    /// <param name="ct">Cancels the asking only.</param>
    /// <exception cref="ProblemException"><c>deployment/ended</c>, <c>deployment/undoing</c>.</exception>
    public async Task<Client.Deployment> PauseAsync(Caller caller, string id, bool pause, CancellationToken ct)
    {
        await FindAsync(caller.Team, id, ct);
        if (!await deployments.PauseAsync(caller.Team, id, pause ? caller.Actor : null, ct))
        {
            throw await TooLateAsync(caller.Team, id, ct);
        }

        await lanes.TellAsync(caller.Team, id, ct);
        return await intake.ShowAsync(caller.Team, id, ct);
    }

    private async Task<EnvironmentRef> FindAsync(TeamId team, string id, CancellationToken ct)
    {
        var row = await deployments.GetAsync(team, id, ct);
        return await environments.GetAsync(team, row.Project, row.Environment, ct);
    }

    private async Task<ProblemException> TooLateAsync(TeamId team, string id, CancellationToken ct)
    {
        var row = await deployments.GetAsync(team, id, ct);
        return (row switch
        {
            { Outcome: { } outcome } => new Problem("deployment/ended", $"The deployment {id} has ended already: {outcome.ToLowerInvariant()}.", "`wherry status` shows what runs now; `wherry rollback` goes back to a release before."),
            { CancelledBy: { } by } => new Problem("deployment/undoing", $"The deployment {id} was cancelled by {by} and is about to end.", "Wait until it has ended: `wherry status`."),
            _ => new Problem("deployment/undoing", $"The deployment {id} is being undone: what served before it is put back.", "Wait until it has ended: `wherry status`."),
        }).AsException();
    }
}
