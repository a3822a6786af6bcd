using Wherry.Core.Deployments;
using Wherry.Core.Planning;
using Wherry.Core.Problems;
using Wherry.Server.Environments;
using Wherry.Server.Events;
using Wherry.Server.Receipts;
using Wherry.Server.Reconcile;

namespace Wherry.Server.Deployments;

/// <summary>Tells event log, trace and receipt how deployments come and go, and the reconcile loop when one has gone.</summary>
internal sealed class DeploymentNews(EventLog events, ReceiptWriter receipts, EngineWatch watch)
{
    public async Task QueuedAsync(EnvironmentRef environment, string actor, string id, DeployIntent intent, IEnumerable<string> superseded, CancellationToken ct)
    {
        await events.RecordAsync(environment, actor, EventKinds.DeploymentQueued, About(intent, id), null, intent.Release is { } release ? $"r{release}" : null, ct);
        foreach (var old in superseded)
        {
            await events.RecordAsync(environment, actor, EventKinds.DeploymentSuperseded, $"deploy {old}", null, $"superseded by {id}", ct);
        }
    }

    public Task StartedAsync(DeploymentRun run, CancellationToken ct) =>
        events.RecordAsync(run.Environment, run.Actor, EventKinds.DeploymentStarted, About(run.Intent, run.State.Id), null, null, ct);

    /// <summary>A worker goes to work on it, or takes it up.</summary>
    public Task BeganAsync(DeploymentRun run, CancellationToken ct)
    {
        run.Watch.Open(run.State, run.Environment.ToString(), run.Actor);
        return receipts.BeginAsync(run, ct);
    }

    /// <summary>Keeps what a later process could not know.</summary>
    public Task PlannedAsync(DeploymentRun run, CancellationToken ct) => receipts.NoteAsync(run, ct);

    /// <summary>What visitors may notice before it ends: another share of them has the new release, or its guard took it from them.</summary>
    public Task MovedAsync(DeploymentRun run, Step step, CancellationToken ct) => step switch
    {
        Step.SwitchTraffic { Share: { } share } s => events.RecordAsync(run.Environment, run.Actor, EventKinds.DeploymentShifted, About(run.Intent, run.State.Id), null, $"{s.Service}: {share.Stage}", ct),
        Step.Revert s when CanaryWatch.IsFromGuard(s.Problem) => events.RecordAsync(run.Environment, Actors.Wherry, EventKinds.DeploymentAborted, About(run.Intent, run.State.Id), null, s.Problem.Code, ct),
        _ => Task.CompletedTask,
    };

    /// <summary>Which release served before and which does now; of a failure, why.</summary>
    public async Task EndedAsync(DeploymentRun run, Problem? problem, CancellationToken ct)
    {
        watch.Wake(); // what died while it was at work was left to this moment
        await events.RecordAsync(
            run.Environment,
            run.Actor,
            problem is null ? EventKinds.DeploymentFinished : EventKinds.DeploymentFailed,
            About(run.Intent, run.State.Id),
            run.Current is { } before ? $"r{before.Number}" : null,
            problem?.Code ?? (run.Intent.Kind == DeploymentKind.Stop ? "stopped" : $"r{run.Wanted?.Number}"),
            ct);
    }

    private static string About(DeployIntent intent, string id) =>
        $"{intent.Kind.ToString().ToLowerInvariant()}{(intent.Services.Count > 0 ? $" of {string.Join(", ", intent.Services)}" : "")} {id}";
}
