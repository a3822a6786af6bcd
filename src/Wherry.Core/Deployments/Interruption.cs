using Wherry.Core.Planning;
using Wherry.Core.Problems;

namespace Wherry.Core.Deployments;

/// <summary>What it costs when somebody wants a deployment to end, or to wait.</summary>
public static class Interruption
{
    /// <summary>Code of a deployment that was cancelled.</summary>
    public const string Cancelled = "deployment/cancelled";

    /// <summary>How a deployment ends that was cancelled.</summary>
    /// <param name="by">Who did it.</param>
    public static Problem Problem(string by) =>
        new("deployment/cancelled", $"The deployment was cancelled by {by}.", "What served before serves on. Deploy again when it should go on: `wherry deploy`, or push again.");

    /// <summary>Before the first switch it costs the candidate; after it the release before is put back. Nothing runs yet before it is planned.</summary>
    internal static Step Cancel(Deployment d, Observed world)
    {
        var problem = Problem(d.CancelledBy!);
        return d.Stage switch
        {
            < Stage.Starting => new Step.Finish(problem),
            < Stage.Switched when !DeployFlow.Serves(d, world) => new Step.Abandon(problem),
            _ => new Step.Revert(problem),
        };
    }

    /// <summary>It waits now: asked to, and no service is between two replicas.</summary>
    public static bool IsPaused(Deployment d) => d is { PausedBy: not null, Stage: < Stage.Undoing } && !IsBetween(d);

    /// <summary>A service's requests are held, or its old replicas are stopped and its new ones are not started yet.</summary>
    private static bool IsBetween(Deployment d)
    {
        var goOn = d.Plan.Steps.Skip(d.Done).OfType<Step.ReleaseTraffic>().Select(s => s.Service).ToHashSet();
        if (d.Plan.Steps.Take(d.Done).OfType<Step.HoldTraffic>().Any(s => goOn.Contains(s.Service)))
        {
            return true;
        }

        var toStart = d.Plan.Steps.Skip(d.Done).OfType<Step.StartReplicas>().Select(s => s.Service).ToHashSet();
        return d.Plan.Steps.Take(d.Done).OfType<Step.StopReplicas>().Any(s => toStart.Contains(s.Service));
    }
}
