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
    private readonly ConcurrentDictionary<string, Waiting> _waiting = new();

    /// <summary>What a waiting deployment is to know of the world outside; tells others why it may not be promoted yet.</summary>
    public async Task<Seen> LookAsync(DeploymentRun run, Step.AwaitPromotion step, Seen seen, CancellationToken ct)
    {
        _waiting[run.State.Id] = new Waiting(GateFlow.WhyNotPromoted(step, seen), step.Stage is null ? null : run.State.Done);
        var promotion = await deployments.PromotionAsync(run.Environment.Team, run.State.Id, ct);
        run.State = run.State with { Promoted = run.State.Promoted || promotion.At is not null, PromotedStep = (int?)promotion.Step };
        return seen with { NewerWaits = await deployments.NewerWaitsAsync(run.Environment, run.State.Id, ct) };
    }

    public void Forget(string id) => _waiting.TryRemove(id, out _);

    /// <summary>To the next stage, or so that nothing of it waits any more.</summary>
    /// <exception cref="ProblemException"><c>deployment/not-waiting</c>, <c>deployment/canary-unhealthy</c>.</exception>
    public async Task PromoteAsync(Caller caller, string id, bool full, CancellationToken ct)
    {
        var row = await deployments.GetAsync(caller.Team, id, ct);
        if (!_waiting.TryGetValue(id, out var waiting))
        {
            throw new Problem("deployment/not-waiting", $"The deployment {id} does not wait for a promotion.", "`wherry status` shows what each deployment does.").AsException();
        }

        if (waiting.Why is { } why)
        {
            throw new Problem("deployment/canary-unhealthy", $"The canaries of {id} are not promoted: {why}.", "`wherry logs` shows what they write. Promote when they are healthy, or deploy again.").AsException();
        }

        await deployments.PromoteAsync(caller.Team, id, full ? null : waiting.Step, ct);
        await events.RecordAsync(await environments.GetAsync(caller.Team, row.Project, row.Environment, ct), caller.Actor, EventKinds.DeploymentPromoted, id, null, null, ct);
    }

    /// <param name="Why">It may not be promoted now; <see langword="null"/>: it may.</param>
    /// <param name="Step">Place of the stage in the plan; <see langword="null"/>: there are no stages.</param>
    private sealed record Waiting(string? Why, int? Step);
}
