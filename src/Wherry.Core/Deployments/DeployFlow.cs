using Wherry.Core.Health;
using Wherry.Core.Planning;
using Wherry.Core.Problems;

namespace Wherry.Core.Deployments;

/// <summary>What is known when the next step is decided.</summary>
/// <param name="World">What the engine and the edge say.</param>
/// <param name="Gate">What the present gate asks for, when the present step is one.</param>
/// <param name="Health">Health of the replicas that the present gate waits for.</param>
/// <param name="DrainFor">Drain time of the present step's service.</param>
/// <param name="NewerWaits">A newer deployment waits for this one, which waits for a person.</param>
public sealed record Seen(Observed World, HealthGate? Gate, IReadOnlyList<ReplicaHealth> Health, TimeSpan DrainFor, bool NewerWaits = false);

/// <summary>The table of contents of the product: decides the one next step of a deployment.</summary>
/// <remarks>Pure: same arguments, same step. Asking again after a crash is safe.</remarks>
public static class DeployFlow
{
    /// <summary>Times that a failed step is tried again before the flow gives up on it.</summary>
    public const int Tries = 5;

    /// <summary>End of the hint where <c>failure_action: pause</c> left everything as it was when it failed.</summary>
    public const string LeftAlone = "Everything stays as it is now (failure_action: pause): `wherry deploy` goes on, `wherry rollback` goes back.";

    /// <summary>Longest wait for the edge to let go of a replica that is to be stopped.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static Step Next(Deployment d, Seen seen, DateTimeOffset now) => d.Stage switch
    {
        < Stage.Undoing when d.CancelledBy is not null => Interruption.Cancel(d, seen.World),
        < Stage.Undoing when Interruption.IsPaused(d) => new Step.Wait(TimeSpan.FromMilliseconds(500), $"paused by {d.PausedBy}"),
        Stage.Queued => new Step.Prepare(),
        Stage.Prepared => new Step.CutRelease(),
        Stage.Cut => new Step.MakePlan(),
        Stage.Starting or Stage.Switched or Stage.Undoing => d.Present switch
        {
            null => new Step.Finish(d.Problem),
            Step.AwaitHealthy or Step.Monitor => GateFlow.AtGate(d, d.Present, seen, now),
            Step.AwaitPromotion canaries => GateFlow.AtPromotion(d, canaries, seen, now),
            Step.StopReplicas stop => WhenIdle(d, stop, stop.Numbers, stop.Service, seen, now),
            Step.RemoveReplicas remove => WhenIdle(d, remove, remove.Numbers, remove.Service, seen, now),
            var step => step,
        },
        _ => new Step.Finish(d.Problem),
    };

    /// <summary>What can be tried again is tried again; then the flow gives up on the step.</summary>
    /// <param name="d">With <see cref="Deployment.Attempts"/> counting this failure.</param>
    /// <param name="world">What the engine and the edge said last.</param>
    /// <param name="failed">The step that failed; also one that this method returned before.</param>
    /// <param name="problem">Why.</param>
    public static Step OnProblem(Deployment d, Observed world, Step failed, Problem problem) => failed switch
    {
        not (Step.Finish or Step.Abandon or Step.Revert) when d is { CancelledBy: not null, Stage: < Stage.Undoing } => new Step.Wait(TimeSpan.Zero, "it is cancelled"),
        _ when IsOutage(problem) && d.Attempts < 12 * Tries => new Step.Wait(TimeSpan.FromSeconds(1), $"tried again: {problem.Message}"),
        not Step.RunRelease when IsTransient(problem) && d.Attempts < Tries => new Step.Wait(TimeSpan.FromSeconds(2), $"tried again ({d.Attempts} of {Tries}): {problem.Message}"),
        Step.RemoveReplicas or Step.RemoveRoutes when d.Attempts < Tries => new Step.Wait(TimeSpan.FromSeconds(2), $"clean-up is tried again: {problem.Message}"),
        Step.Finish or Step.Abandon or Step.Revert when d.Attempts < Tries => new Step.Wait(TimeSpan.FromSeconds(2), $"tried again: {problem.Message}"),
        Step.Finish { Problem: { } first } => new Step.Finish(first),
        Step.Finish or Step.Abandon or Step.Revert => new Step.Finish(problem),
        _ when d.Stage == Stage.Undoing && d.Attempts < Tries => new Step.Wait(TimeSpan.FromSeconds(2), $"tried again: {problem.Message}"),
        _ => GiveUp(d, world, failed, problem),
    };

    /// <summary>Before the first switch a problem costs the candidate. After it, the candidate is what users see: it is reverted with traffic moved first. What can be done without is only told.</summary>
    internal static Step GiveUp(Deployment d, Observed world, Step failed, Problem problem) => failed switch
    {
        Step.RemoveReplicas remove => new Step.Skip(failed, WithCleanUp(remove, world, problem)),
        Step.RemoveRoutes or Step.AwaitHealthy { Required: false } or Step.RunToCompletion { Required: false } => new Step.Skip(failed, problem),

        // One service that cannot be put back does not keep the others from it.
        _ when (d.Stage == Stage.Undoing || d.Kind == DeploymentKind.Heal) && failed.About() is not null && !IsOutage(problem) => new Step.Skip(failed, problem),
        _ when d.Kind == DeploymentKind.Heal => new Step.Finish(d.Problem ?? problem),
        _ when IsOutage(problem) || d.Stage is < Stage.Starting or Stage.Undoing or Stage.Finished => new Step.Finish(d.Problem ?? problem),
        _ when StaysAsItIs(d, failed) => new Step.Finish(problem with { Hint = $"{problem.Hint} {LeftAlone}" }),
        _ when d.Stage < Stage.Switched && !Serves(d, world) => new Step.Abandon(problem),
        _ when d.Kind == DeploymentKind.Rollback && !Holds(d) => new Step.Finish(problem),
        _ => new Step.Revert(problem),
    };

    /// <summary>Nothing is stopped while it serves, or works on requests inside its drain time.</summary>
    private static Step WhenIdle(Deployment d, Step step, IReadOnlyList<int> numbers, Model.ServiceName service, Seen seen, DateTimeOffset now)
    {
        var busy = seen.World.Of(service).FirstOrDefault(r => numbers.Contains(r.Number) && (r.Serving || (r.InFlight > 0 && now - d.StepSince < seen.DrainFor)));
        return busy switch
        {
            null => step,
            { Serving: false } => new Step.Wait(TimeSpan.FromMilliseconds(250), $"{busy.InFlight} requests on {service}-{busy.Number}"),
            _ when now - d.StepSince < Patience => new Step.Wait(TimeSpan.FromSeconds(1), $"{service}-{busy.Number} still gets requests"),
            _ => GiveUp(d, seen.World, step, new Problem("edge/still-serving", $"{service}-{busy.Number} still gets requests and is left alone.", "Deploy again; `wherry status` shows what serves.")),
        };
    }

    /// <summary>A replica that this deployment started gets requests, whatever the stage says: a switch whose answer was lost.</summary>
    internal static bool Serves(Deployment d, Observed world)
    {
        var started = d.Plan.Steps.OfType<Step.StartReplicas>().ToList();
        return world.Replicas.Any(r => r.Serving && started.Any(s => s.Service == r.Service && s.Numbers.Contains(r.Number)));
    }

    /// <summary>Its owner wants to look at what went wrong; a service whose requests are held cannot wait for that.</summary>
    private static bool StaysAsItIs(Deployment d, Step failed) =>
        failed is Step.StartReplicas or Step.AwaitHealthy or Step.SwitchTraffic or Step.Monitor or Step.AwaitPromotion
        && d.Plan.RolloutOf(failed.About()!).OnFailure == Model.FailureAction.Pause && !Holds(d);

    /// <summary>What nobody could take away is named, with the command that does.</summary>
    private static Problem WithCleanUp(Step.RemoveReplicas step, Observed world, Problem problem)
    {
        var left = world.Of(step.Service).Where(r => step.Numbers.Contains(r.Number)).Select(r => r.Id.Length > 12 ? r.Id[..12] : r.Id).ToList();
        return left.Count == 0 ? problem : problem with { Message = $"{problem.Message} Clean up with `docker rm -f {string.Join(' ', left)}`." };
    }

    /// <summary>A service is between holding its requests and letting them go on: nothing of it serves.</summary>
    private static bool Holds(Deployment d) => d.Plan.Steps.Take(d.Done + 1).Aggregate(
        new HashSet<Model.ServiceName>(),
        (held, step) =>
        {
            _ = step is Step.HoldTraffic h ? held.Add(h.Service) : step is Step.ReleaseTraffic r && step != d.Present && held.Remove(r.Service);
            return held;
        }).Count > 0;

    /// <summary>Engine or edge failed at it, and may not do so again.</summary>
    private static bool IsTransient(Problem problem) => problem.Code is "docker/failed" or "docker/upload-cut" or "edge/failed" or "edge/state-not-saved" or "deployment/step-timeout";

    private static bool IsOutage(Problem problem) => problem.Code is "docker/unreachable" or "edge/unreachable";
}
