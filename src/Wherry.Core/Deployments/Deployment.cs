using Wherry.Core.Model;
using Wherry.Core.Planning;
using Wherry.Core.Problems;

namespace Wherry.Core.Deployments;

/// <summary>How far a deployment is. It only ever moves down this list.</summary>
public enum Stage
{
    Queued,

    /// <summary>The source is there and the model is read.</summary>
    Prepared,

    /// <summary>Images are built and the release is cut.</summary>
    Cut,

    /// <summary>The plan runs; nothing of the candidate serves yet.</summary>
    Starting,

    /// <summary>At least one service of the candidate serves.</summary>
    Switched,

    /// <summary>It failed, and the release before it is being put back in full.</summary>
    Undoing,

    Finished,
}

/// <summary>What a deployment is for.</summary>
public enum DeploymentKind
{
    Deploy,
    Rollback,
    Scale,
    Restart,
    Start,
    Stop,
    Env,

    /// <summary>Brings what runs back to the current release: by itself, or with <c>wherry drift --revert</c>.</summary>
    Heal,
}

/// <summary>The work of making a release current, as far as it has come.</summary>
public sealed record Deployment
{
    public required string Id { get; init; }

    public required DeploymentKind Kind { get; init; }

    public Stage Stage { get; init; }

    public DateTimeOffset StageSince { get; init; }

    /// <summary>When the present step became the present one; never before <see cref="StageSince"/>.</summary>
    public DateTimeOffset StepSince
    {
        get => field > StageSince ? field : StageSince;
        init;
    }

    public Plan Plan { get; init; } = Plan.Empty;

    /// <summary>Steps of the plan that are done.</summary>
    public int Done { get; init; }

    /// <summary>Times that the present step failed.</summary>
    public int Attempts { get; init; }

    /// <summary>Somebody promoted its canaries.</summary>
    public bool Promoted { get; init; }

    /// <summary>Somebody promoted the step at this place of the plan, to the next stage.</summary>
    public int? PromotedStep { get; init; }

    /// <summary>How long the present step was waited for by an earlier process.</summary>
    public TimeSpan WaitedBefore { get; init; }

    /// <summary>Why it failed, when it did.</summary>
    public Problem? Problem { get; init; }

    /// <summary>Who wants it to end before it is done; <see langword="null"/>: nobody.</summary>
    public string? CancelledBy { get; init; }

    /// <summary>Who wants it to place nothing more for now; <see langword="null"/>: nobody.</summary>
    public string? PausedBy { get; init; }

    /// <summary>The present step, or <see langword="null"/> when all are done.</summary>
    public Step? Present => Done < Plan.Steps.Count ? Plan.Steps[Done] : null;

    /// <summary>This deployment after <paramref name="step"/> succeeded.</summary>
    public Deployment After(Step step, DateTimeOffset now)
    {
        // By what it says: the same step may have been read from the store twice.
        var moved = step is Step.Skip or Step.LeaveOut || step.Describe() == Present?.Describe();
        var stage = step switch
        {
            Step.Prepare => Stage.Prepared,
            Step.CutRelease => Stage.Cut,
            Step.MakePlan => Stage.Starting,
            Step.SwitchTraffic { Numbers.Count: > 0 } when Stage == Stage.Starting => Stage.Switched,
            Step.Abandon or Step.Revert => Stage.Undoing,
            Step.Finish => Stage.Finished,
            _ => Stage,
        };
        stage = stage < Stage ? Stage : stage;
        return this with
        {
            Stage = stage,
            StageSince = stage == Stage ? StageSince : now,
            WaitedBefore = moved || step is Step.ReplaceCanaries ? TimeSpan.Zero : WaitedBefore,
            StepSince = moved || step is Step.ReplaceCanaries ? now : StepSince,
            Plan = step switch
            {
                Step.ReplaceCanaries lost => WithAgain(lost),
                Step.LeaveOut unwell => WithoutUnwell(unwell),
                Step.Skip { Skipped: not (Step.RemoveReplicas or Step.RemoveRoutes) } skip when Stage == Stage.Undoing || Kind == DeploymentKind.Heal => Without(skip.Skipped),
                _ => Plan,
            },
            Done = Done + (moved ? 1 : 0),
            Attempts = step is Step.Wait ? Attempts : 0,
            Problem = step switch { Step.Abandon a => a.Problem, Step.Revert r => r.Problem, Step.Finish f => f.Problem, Step.Skip s when Kind == DeploymentKind.Heal => Problem ?? s.Problem, _ => Problem },
        };
    }

    /// <summary>The replica is made by this deployment: it was not there before.</summary>
    public bool Starts(ServiceName service, int number) => Plan.Steps.Any(s => s switch
    {
        Step.StartReplicas start => start.Service == service && start.Numbers.Contains(number),
        Step.WakeReplicas wake => wake.Service == service && wake.Numbers.Contains(number),
        _ => false,
    });

    /// <summary>The plan in which replicas that are not well get no traffic, unless nothing else is left to send it to; their gate names those that passed it.</summary>
    private Plan WithoutUnwell(Step.LeaveOut unwell) => Plan with
    {
        Steps = [.. Plan.Steps.Select((s, i) => i < Done ? s : Left(s, unwell))],
    };

    private static Step Left(Step step, Step.LeaveOut unwell) => step switch
    {
        Step.AwaitHealthy s when s.Service == unwell.Service => s with { Numbers = [.. s.Numbers.Except(unwell.Numbers)] },
        Step.Monitor s when s.Service == unwell.Service => s with { Numbers = [.. s.Numbers.Except(unwell.Numbers)] },
        Step.AwaitPromotion s when s.Service == unwell.Service => s with { Numbers = [.. s.Numbers.Except(unwell.Numbers)] },
        Step.SwitchTraffic s when s.Service == unwell.Service && s.Numbers.Except(unwell.Numbers).Any() => s with { Numbers = [.. s.Numbers.Except(unwell.Numbers)] },
        _ => step,
    };

    /// <summary>The plan in which lost canaries are started, judged and given their traffic once more before the waiting goes on.</summary>
    private Plan WithAgain(Step.ReplaceCanaries lost)
    {
        var traffic = Plan.Steps.Take(Done).OfType<Step.SwitchTraffic>().LastOrDefault(s => s.Service == lost.Service);
        return Plan with
        {
            Steps = [.. Plan.Steps.Take(Done), new Step.StartReplicas(lost.Service, lost.Numbers), new Step.AwaitHealthy(lost.Service, lost.Numbers), .. traffic is null ? [] : new Step[] { traffic }, .. Plan.Steps.Skip(Done)],
        };
    }

    /// <summary>The plan without what is still to be done for a service that cannot be put back; its requests are not held for ever.</summary>
    private Plan Without(Step failed) => Plan with
    {
        Steps = [.. Plan.Steps.Where((s, i) => i <= Done || s is Step.ReleaseTraffic || s.About() is not { } service || service != failed.About())],
    };
}
