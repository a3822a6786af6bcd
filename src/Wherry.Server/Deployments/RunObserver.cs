using Wherry.Core.Deployments;
using Wherry.Core.Planning;

namespace Wherry.Server.Deployments;

/// <summary>Sees for the flow what it decides the present step by: replicas and traffic, the gate, a promotion. Opens and closes the gate that is waited for.</summary>
internal sealed class RunObserver(StepRunner steps, WorldObserver world, Promotions promotions, Journal journal)
{
    public async Task<Seen> ObserveAsync(DeploymentRun run, CancellationToken ct)
    {
        if (Interruption.IsPaused(run.State))
        {
            await run.CloseGateAsync();
        }

        if (run.State.Stage is not (Stage.Starting or Stage.Switched or Stage.Undoing) || run.State.Present is not { } present)
        {
            return new Seen(Observed.Nothing, null, [], TimeSpan.Zero);
        }

        if (run.Gate?.Step != present)
        {
            await run.CloseGateAsync();
        }

        // What is cancelled, or waits, is not judged. While it is undone, it is.
        var ends = run.State is { Stage: < Stage.Undoing, CancelledBy: not null };

        // Only these are decided by what is seen; the others are decided by the plan. A guard looks each time.
        if (run.World.Sides.Count > 0 || present is Step.AwaitHealthy or Step.Monitor or Step.AwaitPromotion or Step.RemoveReplicas or Step.StopReplicas or Step.WakeReplicas or Step.SwitchTraffic && run.Gate is null || ends)
        {
            run.World = await steps.PatientlyAsync(() => world.ReplicasAsync(run.Environment, ct), ct);
        }

        if (present is not (Step.AwaitHealthy or Step.Monitor or Step.AwaitPromotion) || ends || Interruption.IsPaused(run.State))
        {
            return new Seen(run.World, null, [], StepRunner.DrainOf(run, present));
        }

        if (run.Gate is null)
        {
            run.LeaveSeat(present);
            await run.Log.WriteAsync("deploy", "wherry", present is Step.AwaitPromotion ? $"{present.Describe()}: `wherry promote {run.State.Id}`" : present.Describe());
            await journal.BeginAsync(run, ct);
            run.Gate = await steps.OpenGateAsync(run, present, ct);
        }

        var seen = new Seen(run.World, run.Gate.Gate, await steps.PatientlyAsync(() => run.Gate.LookAsync(ct), ct), TimeSpan.Zero);
        return present is Step.AwaitPromotion canaries ? await promotions.LookAsync(run, canaries, seen, ct) : seen;
    }

    /// <summary>A deployment that leaves its canaries' step cannot be promoted any more.</summary>
    public void Forget(Deployment before)
    {
        if (before.Present is Step.AwaitPromotion)
        {
            promotions.Forget(before.Id);
        }
    }
}
