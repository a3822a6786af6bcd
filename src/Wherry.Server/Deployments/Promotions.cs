using System.Collections.Concurrent;
using Wherry.Core.Deployments;
using Wherry.Core.Planning;
using Wherry.Core.Problems;
using Wherry.Server.Access;
using Wherry.Server.Environments;
using Wherry.Server.Events;

namespace Wherry.Server.Deployments;

/// <summary>Deployments whose canaries wait for somebody to promote them.</summary>
internal sealed class Promotions(DeploymentStore deployments, EnvironmentStore environments, EventLog events)
{
    private readonly ConcurrentDictionary<string, string?> _waiting = new();

    /// <summary>What a waiting deployment is to know of the world outside; tells others why it may not be promoted yet.</summary>
    public async Task<Seen> LookAsync(DeploymentRun run, Step.AwaitPromotion step, Seen seen, CancellationToken ct)
    {
        _waiting[run.State.Id] = GateFlow.WhyNotPromoted(step, seen);
        run.State = run.State with { Promoted = run.State.Promoted || await deployments.IsPromotedAsync(run.Environment.Team, run.State.Id, ct) };
        return seen with { NewerWaits = await deployments.NewerWaitsAsync(run.Environment, run.State.Id, ct) };
    }

    public void Forget(string id) => _waiting.TryRemove(id, out _);

    /// <exception cref="ProblemException"><c>deployment/not-waiting</c>, <c>deployment/canary-unhealthy</c>.</exception>
    public async Task PromoteAsync(Caller caller, string id, CancellationToken ct)
    {
        var row = await deployments.GetAsync(caller.Team, id, ct);
        if (!_waiting.TryGetValue(id, out var why))
        {
            throw new Problem("deployment/not-waiting", $"The deployment {id} does not wait for a promotion.", "`wherry status` shows what each deployment does.").AsException();
        }

        if (why is not null)
        {
            throw new Problem("deployment/canary-unhealthy", $"The canaries of {id} are not promoted: {why}.", "`wherry logs` shows what they write. Promote when they are healthy, or deploy again.").AsException();
        }

        await deployments.PromoteAsync(caller.Team, id, ct);
        await events.RecordAsync(await environments.GetAsync(caller.Team, row.Project, row.Environment, ct), caller.Actor, EventKinds.DeploymentPromoted, id, null, null, ct);
    }
}
