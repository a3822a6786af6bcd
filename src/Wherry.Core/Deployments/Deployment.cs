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

    /// <summary>Why it failed, when it did.</summary>
    public Problem? Problem { get; init; }

    /// <summary>The present step, or <see langword="null"/> when all are done.</summary>
    public Step? Present => Done < Plan.Steps.Count ? Plan.Steps[Done] : null;

    /// <summary>This deployment after <paramref name="step"/> succeeded.</summary>
    public Deployment After(Step step, DateTimeOffset now)
    {
        // By what it says: the same step may have been read from the store twice.
        var moved = step is Step.Skip || step.Describe() == Present?.Describe();
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
            StepSince = moved ? now : StepSince,
            Plan = (Stage == Stage.Undoing || Kind == DeploymentKind.Heal) && step is Step.Skip { Skipped: not (Step.RemoveReplicas or Step.RemoveRoutes) } skip ? Without(skip.Skipped) : Plan,
            Done = Done + (moved ? 1 : 0),
            Attempts = step is Step.Wait ? Attempts : 0,
            Problem = step switch { Step.Abandon a => a.Problem, Step.Revert r => r.Problem, Step.Finish f => f.Problem, Step.Skip s when Kind == DeploymentKind.Heal => Problem ?? s.Problem, _ => Problem },
        };
    }

    /// <summary>The plan without what is still to be done for a service that cannot be put back; its requests are not held for ever.</summary>
    private Plan Without(Step failed) => Plan with
    {
        Steps = [.. Plan.Steps.Where((s, i) => i <= Done || s is Step.ReleaseTraffic || s.About() is not { } service || service != failed.About())],
    };
}
