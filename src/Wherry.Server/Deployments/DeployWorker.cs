using Wherry.Core.Deployments;
using Wherry.Core.Planning;
using Wherry.Core.Problems;

namespace Wherry.Server.Deployments;

/// <summary>Drives one deployment to its end: observe, decide, act, record.</summary>
/// <remarks>Everything that matters is saved after each step, so a worker of the next process goes on where this one stopped.</remarks>
internal sealed partial class DeployWorker(StepRunner steps, RunObserver observer, Diagnosis diagnosis, Journal journal, DeploymentNews news, SteadyClock clock, ILogger<DeployWorker> logger)
{
    /// <summary>An end that fails more often than the flow tries anything is the lane's to write down.</summary>
    private const int TriesAtTheEnd = 13 * DeployFlow.Tries;

    public async Task DriveAsync(DeploymentRun run, CancellationToken ct)
    {
        await news.BeganAsync(run, ct);
        while (run.State.Stage != Stage.Finished)
        {
            await HeedAsync(run);
            var before = run.State;
            run.Watch.Begin(before);
            var step = await ActAsync(run, await DecideAsync(run, ct), ct);
            await RecordAsync(run, step, ct);
            run.Watch.End(before, step, run.State);
            await (step is Step.MakePlan ? news.PlannedAsync(run, ct) : Task.CompletedTask);
        }

        await news.EndedAsync(run, run.State.Problem, ct);
    }

    /// <summary>Prepares to go on with a deployment that an earlier process began.</summary>
    /// <exception cref="ProblemException"><c>deployment/interrupted</c> when it had not been planned yet: its source is gone.</exception>
    public async Task TakeUpAsync(DeploymentRun run, DeploymentRow row, CancellationToken ct)
    {
        await run.Log.WriteAsync("deploy", "wherry", "the server was restarted; going on");
        if (run.State.Stage < Stage.Starting && run.Wishes.CancelledBy is not null)
        {
            return; // nothing had been started, and nothing is to be
        }

        if (run.State.Stage < Stage.Starting || row.Release is not { } release)
        {
            throw new Problem("deployment/interrupted", "The server was stopped while this deployment was prepared.", "Nothing had been started. Deploy again.").AsException();
        }

        await steps.ReloadAsync(run, (int)release, ct);
        var known = await journal.StepsAsync(run, ct);
        run.State = run.State with { Done = known.Count(s => s.State is "done" or "skipped" or "failed") };
        run.State = run.State with { WaitedBefore = journal.WaitedFor(run.State, known) };
    }

    /// <summary>Ends a deployment that cannot go on; what runs stays as it is.</summary>
    public async Task GiveUpAsync(DeploymentRun run, Problem problem, CancellationToken ct)
    {
        var (before, end) = (run.State, new Step.Finish(problem));
        await steps.RunAsync(run, end, ct);
        run.State = before.After(end, clock.GetUtcNow());
        run.Watch.Begin(before);
        run.Watch.End(before, end, run.State);
        await journal.SaveAsync(run, null, ct);
        await news.EndedAsync(run, problem, ct);
    }

    /// <summary>What the flow says; also when what it decides by cannot be seen, of a replica without an address say: that fails the present step.</summary>
    private async Task<Step> DecideAsync(DeploymentRun run, CancellationToken ct)
    {
        try
        {
            return await diagnosis.OfGateAsync(run, DeployFlow.Next(run.State, await observer.ObserveAsync(run, ct), clock.GetUtcNow()), ct);
        }
        catch (ProblemException e) when (run.State.Present is { } present && run.State.Attempts <= TriesAtTheEnd)
        {
            LogFailed(run.State.Id, run.State.Stage, e.Problem.Code);
            run.State = run.State with { Attempts = run.State.Attempts + 1, CancelledBy = run.Wishes.CancelledBy };
            return DeployFlow.OnProblem(run.State, run.World, present, e.Problem);
        }
    }

    /// <summary>From here on the flow knows what people want.</summary>
    private static async Task HeedAsync(DeploymentRun run)
    {
        var (wishes, before) = (run.Wishes, run.State);
        run.State = before with { CancelledBy = wishes.CancelledBy, PausedBy = wishes.PausedBy };
        if (before.Stage < Stage.Undoing && wishes.PausedBy != before.PausedBy)
        {
            await run.Log.WriteAsync("deploy", "wherry", wishes.PausedBy is { } by ? $"paused by {by}: nothing more is placed until `wherry deployments resume`" : "goes on");
        }
    }

    /// <summary>Takes long and may be stopped in between. Once the flow has heeded the cancelling, nothing is interrupted any more.</summary>
    private static bool IsInterruptible(DeploymentRun run, Step step) =>
        run.State is { Stage: < Stage.Undoing, CancelledBy: null } && step is Step.Prepare or Step.CutRelease or Step.RunRelease or Step.RunToCompletion or Step.Wait;

    /// <summary>Runs the step, or what the flow says instead when it fails.</summary>
    private async Task<Step> ActAsync(DeploymentRun run, Step step, CancellationToken ct)
    {
        for (var present = step; ;)
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, run.Cancelled);
            try
            {
                await AnnounceAsync(run, present, ct);
                await steps.RunAsync(run, present, IsInterruptible(run, present) ? either.Token : Makes(present) ? run.Stopping : ct);
                return present;
            }
            catch (Exception e) when (run.Cancelled.IsCancellationRequested && IsInterruptible(run, present) && !ct.IsCancellationRequested)
            {
                LogInterrupted(run.State.Id, present, e); // whatever it failed of: it is not wanted any more
                return new Step.Wait(TimeSpan.Zero, "it is cancelled");
            }
            catch (ProblemException e) when (present is not Step.Finish || run.State.Attempts <= TriesAtTheEnd)
            {
                LogFailed(run.State.Id, run.State.Stage, e.Problem.Code);
                run.State = run.State with { Attempts = run.State.Attempts + 1, CancelledBy = run.Wishes.CancelledBy };
                present = DeployFlow.OnProblem(run.State, run.World, present, await diagnosis.OfStepAsync(run, present, e, ct));
            }
        }
    }

    /// <summary>Let end where the work is broken off: the engine would go on with it, and nobody would know what it made.</summary>
    private static bool Makes(Step step) => step is Step.EnsureNetwork or Step.EnsureVolume or Step.StartReplicas or Step.WakeReplicas;

    private async Task AnnounceAsync(DeploymentRun run, Step step, CancellationToken ct)
    {
        switch (step)
        {
            case Step.Wait or Step.AwaitHealthy or Step.Monitor or Step.AwaitPromotion or Step.Finish or Step.Abandon or Step.Revert: // the end is told by what it does
                break;
            case Step.Prepare or Step.CutRelease when run.Intent.Kind != DeploymentKind.Deploy: // nothing is fetched, and nothing built
                LogStep(run.State.Id, step);
                break;
            case Step.Skip or Step.LeaveOut or Step.ReplaceCanaries:
                await run.Log.WriteAsync("deploy", "wherry", step.Describe());
                break;
            default:
                LogStep(run.State.Id, step);
                await run.Log.WriteAsync("deploy", "wherry", step.Describe());
                if (step == run.State.Present)
                {
                    await journal.BeginAsync(run, ct);
                }

                break;
        }
    }

    private async Task RecordAsync(DeploymentRun run, Step step, CancellationToken ct)
    {
        var before = run.State;
        run.State = before.After(step, clock.GetUtcNow());
        if (step is Step.Wait)
        {
            return;
        }

        observer.Forget(before);
        var moved = run.State.Done > before.Done || (step is Step.Abandon or Step.Revert && before.Present is not null);
        var entry = moved ? journal.Ended(before.Done, Told(step, before)) : null;
        if (step is Step.Abandon or Step.Revert)
        {
            run.State = await steps.PlanUndoAsync(run, ct);
        }

        await journal.SaveAsync(run, entry, ct);
        await news.MovedAsync(run, step, ct);
    }

    private static string Told(Step step, Deployment before) => step switch
    {
        Step.Skip or Step.LeaveOut => "skipped",
        Step.Abandon or Step.Revert => before.CancelledBy is null ? "failed" : "skipped",
        _ => "done",
    };

    [LoggerMessage(Level = LogLevel.Information, Message = "{Deployment} is cancelled at \"{Step}\"")]
    private partial void LogInterrupted(string deployment, Step step, Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Deployment}: {Step}")]
    private partial void LogStep(string deployment, Step step);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Deployment} failed at {Stage}: {Code}")]
    private partial void LogFailed(string deployment, Stage stage, string code);
}
