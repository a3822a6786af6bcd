using Wherry.Core.Deployments;
using Wherry.Core.Health;
using Wherry.Core.Planning;
using Wherry.Core.Problems;
using Wherry.Server.Receipts;

namespace Wherry.Server.Deployments;

/// <summary>Drives one deployment to its end: observe, decide, act, record.</summary>
/// <remarks>Everything that matters is saved after each step, so a worker of the next process goes on where this one stopped.</remarks>
internal sealed partial class DeployWorker(StepRunner steps, WorldObserver observer, WorkerAids aids, DeploymentNews news, ReceiptWriter receipts, TimeProvider time, ILogger<DeployWorker> logger)
{
    public async Task DriveAsync(DeploymentRun run, CancellationToken ct)
    {
        run.Watch.Open(run.State, run.Environment.ToString(), run.Actor);
        await receipts.BeginAsync(run, ct);
        while (run.State.Stage != Stage.Finished)
        {
            var before = run.State;
            run.Watch.Begin(before);
            var step = DeployFlow.Next(run.State, await ObserveAsync(run, ct), time.GetUtcNow());
            step = await ActAsync(run, step, ct);
            await RecordAsync(run, step, ct);
            run.Watch.End(before, step, run.State);
            await (step is Step.MakePlan ? receipts.NoteAsync(run, ct) : Task.CompletedTask);
        }

        await news.EndedAsync(run, run.State.Problem, ct);
    }

    /// <summary>Prepares to go on with a deployment that an earlier process began.</summary>
    /// <exception cref="ProblemException"><c>deployment/interrupted</c> when it had not been planned yet: its source is gone.</exception>
    public async Task TakeUpAsync(DeploymentRun run, DeploymentRow row, CancellationToken ct)
    {
        await run.Log.WriteAsync("deploy", "wherry", "the server was restarted; going on");
        if (run.State.Stage < Stage.Starting || row.Release is not { } release)
        {
            throw new Problem("deployment/interrupted", "The server was stopped while this deployment was prepared.", "Nothing had been started. Deploy again.").AsException();
        }

        await steps.ReloadAsync(run, (int)release, ct);
        var journal = await aids.Journal.StepsAsync(run, ct);
        run.State = run.State with { Done = journal.Count(s => s.State is "done" or "skipped" or "failed") };
    }

    /// <summary>Ends a deployment that cannot go on; what runs stays as it is.</summary>
    public async Task GiveUpAsync(DeploymentRun run, Problem problem, CancellationToken ct)
    {
        var (before, end) = (run.State, new Step.Finish(problem));
        await steps.RunAsync(run, end, ct);
        run.State = before.After(end, time.GetUtcNow());
        run.Watch.Begin(before);
        run.Watch.End(before, end, run.State);
        await aids.Journal.SaveAsync(run, null, ct);
        await news.EndedAsync(run, problem, ct);
    }

    /// <summary>Runs the step, or what the flow says instead when it fails.</summary>
    private async Task<Step> ActAsync(DeploymentRun run, Step step, CancellationToken ct)
    {
        for (var present = step; ;)
        {
            try
            {
                await AnnounceAsync(run, present, ct);
                await steps.RunAsync(run, present, ct);
                return present;
            }
            catch (ProblemException e)
            {
                LogFailed(run.State.Id, run.State.Stage, e.Problem.Code);
                run.State = run.State with { Attempts = run.State.Attempts + 1 };
                present = DeployFlow.OnProblem(run.State, run.World, present, run.Log.Mask.Apply(e.Problem));
            }
        }
    }

    private async Task<Seen> ObserveAsync(DeploymentRun run, CancellationToken ct)
    {
        if (run.State.Stage is not (Stage.Starting or Stage.Switched or Stage.Undoing) || run.State.Present is not { } present)
        {
            return new Seen(Observed.Nothing, null, [], TimeSpan.Zero);
        }

        if (run.Gate is { } old && old.Step != present)
        {
            await old.DisposeAsync();
            run.Gate = null;
        }

        // Only these are decided by what is seen; the others are decided by the plan.
        if (present is Step.AwaitHealthy or Step.Monitor or Step.AwaitPromotion or Step.RemoveReplicas or Step.StopReplicas or Step.WakeReplicas or Step.SwitchTraffic && run.Gate is null)
        {
            run.World = await steps.PatientlyAsync(() => observer.ReplicasAsync(run.Environment, ct), ct);
        }

        if (present is not (Step.AwaitHealthy or Step.Monitor or Step.AwaitPromotion))
        {
            return new Seen(run.World, null, [], StepRunner.DrainOf(run, present));
        }

        if (run.Gate is null)
        {
            await run.Log.WriteAsync("deploy", "wherry", present is Step.AwaitPromotion ? $"{present.Describe()}: `wherry promote {run.State.Id}`" : present.Describe());
            run.Gate = await steps.OpenGateAsync(run, present, ct);
        }

        var seen = new Seen(run.World, run.Gate.Gate, await steps.PatientlyAsync(() => run.Gate.LookAsync(ct), ct), TimeSpan.Zero);
        return present is Step.AwaitPromotion canaries ? await aids.Promotions.LookAsync(run, canaries, seen, ct) : seen;
    }

    private async Task AnnounceAsync(DeploymentRun run, Step step, CancellationToken ct)
    {
        switch (step)
        {
            case Step.Wait or Step.AwaitHealthy or Step.Monitor or Step.AwaitPromotion or Step.Finish: // the end is told by what it does
                break;
            case Step.Prepare or Step.CutRelease when run.Intent.Kind != DeploymentKind.Deploy: // nothing is fetched, and nothing built
                LogStep(run.State.Id, step);
                break;
            case Step.Abandon or Step.Revert or Step.Skip or Step.LeaveOut or Step.ReplaceCanaries:
                await run.Log.WriteAsync("deploy", "wherry", step.Describe());
                break;
            default:
                LogStep(run.State.Id, step);
                await run.Log.WriteAsync("deploy", "wherry", step.Describe());
                if (step == run.State.Present)
                {
                    await aids.Journal.SaveAsync(run, new StepRow(run.State.Done, "running", time.GetUtcNow().ToUnixTimeMilliseconds(), null), ct);
                }

                break;
        }
    }

    private async Task RecordAsync(DeploymentRun run, Step step, CancellationToken ct)
    {
        var before = run.State;
        run.State = before.After(step, time.GetUtcNow());
        if (step is Step.Wait)
        {
            return;
        }

        if (before.Present is Step.AwaitPromotion)
        {
            aids.Promotions.Forget(run.State.Id);
        }

        var moved = run.State.Done > before.Done || step is Step.Abandon or Step.Revert;
        var entry = moved ? new StepRow(before.Done, step switch { Step.Skip or Step.LeaveOut => "skipped", Step.Abandon or Step.Revert => "failed", _ => "done" }, null, time.GetUtcNow().ToUnixTimeMilliseconds()) : null;
        if (step is Step.Abandon or Step.Revert)
        {
            run.State = await steps.PlanUndoAsync(run, ct);
        }

        await aids.Journal.SaveAsync(run, entry, ct);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Deployment}: {Step}")]
    private partial void LogStep(string deployment, Step step);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Deployment} failed at {Stage}: {Code}")]
    private partial void LogFailed(string deployment, Stage stage, string code);
}

/// <summary>What the worker tells, and is told by, besides engine and edge.</summary>
internal sealed record WorkerAids(Journal Journal, Promotions Promotions);
