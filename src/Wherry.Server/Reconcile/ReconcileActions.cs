using System.Collections.Concurrent;
using Wherry.Core.Deployments;
using Wherry.Core.Problems;
using Wherry.Core.Reconcile;
using Wherry.Docker;
using Wherry.Server.Deployments;
using Wherry.Server.Environments;
using Wherry.Server.Events;

namespace Wherry.Server.Reconcile;

/// <summary>Does what was decided: queues a deployment that heals, tells the edge, removes what was left, records what happened.</summary>
internal sealed partial class ReconcileActions(Engine engine, DeploymentLanes lanes, AddressAlignment alignment, DriftBoard board, ReconcileEvents events, ILogger<ReconcileActions> logger)
{
    private readonly ConcurrentDictionary<long, Task> _aligning = new();

    public async Task DoAsync(EnvironmentRef environment, EnvironmentView view, Reconciliation result, bool moved, CancellationToken ct)
    {
        board.Set(new OpenDrift(
            environment,
            result.Drifts,
            result.Extra,
            [.. view.Services.Where(s => !s.IsJob).Select(s => (s.Name, view.Containers.Count(c => c.Service == s.Name && c is { OneOff: null, Doing: Doing.Running } && c.Hash == s.Hash), s.Spec.Replicas))]));
        await events.RecordAsync(environment, result.Happenings, ct);
        try
        {
            await MendAsync(environment, result, moved, ct);
        }
        catch (ProblemException e)
        {
            LogNotMended(environment, e.Problem.Message); // the other environments are looked after all the same
        }
    }

    /// <summary>Nothing is done while a deployment is at work.</summary>
    public void Wait(EnvironmentRef environment) => board.MarkBusy(environment);

    /// <summary>Forgets environments that are gone.</summary>
    public void Keep(IReadOnlySet<long> environments)
    {
        board.Keep(environments);
        foreach (var gone in _aligning.Keys.Where(id => !environments.Contains(id)))
        {
            _aligning.TryRemove(gone, out _);
        }
    }

    private async Task MendAsync(EnvironmentRef environment, Reconciliation result, bool moved, CancellationToken ct)
    {
        foreach (var left in result.OneOffs)
        {
            LogLeft(environment, left);
            await engine.Containers.RemoveAsync(left, null, removeAnonymousVolumes: true, ct);
        }

        if (result.Heal is { } order)
        {
            LogHealing(environment, order);
            await lanes.EnqueueAsync(environment, Actors.Wherry, new DeployIntent { Kind = DeploymentKind.Heal, Heal = order }, null, ct);
        }
        else if (moved && _aligning.GetValueOrDefault(environment.Id) is null or { IsCompleted: true })
        {
            // Beside the loop: the edge may wait for a replica that is not well.
            _aligning[environment.Id] = AlignAsync(environment, ct);
        }
    }

    private async Task AlignAsync(EnvironmentRef environment, CancellationToken ct)
    {
        try
        {
            await alignment.AlignAsync(environment, ct);
        }
        catch (ProblemException e)
        {
            LogNotAligned(environment, e.Problem.Message);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The server stops; the next one tells the edge.
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Environment} is healed: {Order}")]
    private partial void LogHealing(EnvironmentRef environment, HealOrder order);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Environment}: {Container} was left by a deployment and is removed")]
    private partial void LogLeft(EnvironmentRef environment, string container);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Environment} cannot be mended for the moment: {Why}")]
    private partial void LogNotMended(EnvironmentRef environment, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Environment}: the edge does not take the new addresses yet: {Why}")]
    private partial void LogNotAligned(EnvironmentRef environment, string why);
}
