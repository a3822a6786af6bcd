using Wherry.Client;
using Wherry.Core.Deployments;
using Wherry.Core.Planning;
using Wherry.Server.Store;

namespace Wherry.Server.Deployments;

/// <summary>Store rows as the API shows them.</summary>
internal static class DeploymentContract
{
    public static Client.Deployment ToContract(this DeploymentRow row, IReadOnlyList<StepRow> journal, IReadOnlyList<string> addresses, Receipt? receipt = null) => new(
        row.Id,
        row.Project,
        row.Environment,
        row.Kind.ToLowerInvariant(),
        (int?)row.Release,
        Enum.Parse<Stage>(row.Stage) switch
        {
            Stage.Queued => DeploymentStage.Queued,
            Stage.Prepared => DeploymentStage.Building,
            Stage.Cut => DeploymentStage.Building,
            Stage.Starting => DeploymentStage.Starting,
            Stage.Switched => DeploymentStage.Switched,
            Stage.Undoing => DeploymentStage.Undoing,
            _ => DeploymentStage.Finished,
        },
        row.Outcome is { } outcome ? Enum.Parse<DeploymentOutcome>(outcome) : null,
        row.OpenProblem() is { } problem ? new ApiProblem(problem.Code, problem.Message, problem.Hint) { Evidence = problem.Evidence } : null,
        row.QueuedAt.FromStore(),
        row.StartedAt.FromStore(),
        row.FinishedAt.FromStore(),
        [.. row.OpenPlan().Steps.Select((s, i) => Shown(s.Describe(), journal.FirstOrDefault(j => j.Position == i)))],
        addresses)
    {
        Actor = row.Actor,
        Receipt = receipt,
        CancelledBy = row.CancelledBy,
        PausedBy = row.Outcome is null ? row.PausedBy : null,
        Canary = row is { Outcome: null, Stage: nameof(Stage.Starting) or nameof(Stage.Switched) } ? Canary(row.OpenPlan(), journal) : null,
    };

    public static Client.Release ToContract(this ReleaseRow row, IReadOnlyDictionary<string, string> images, bool current) =>
        new((int)row.Number, row.CreatedAt.FromStore(), row.Source, row.Message, images, current, row.Kept != 0) { StableAt = row.StableAt.FromStore() };

    /// <summary>The trial that the present step waits for.</summary>
    private static CanaryState? Canary(Plan plan, IReadOnlyList<StepRow> journal)
    {
        var (position, step) = plan.Steps.Index().FirstOrDefault(s => journal.FirstOrDefault(j => j.Position == s.Index)?.State is null or "running" or "planned");
        return step is not Step.AwaitPromotion { Stage: { } wait } present
            ? null
            : new CanaryState(present.Service.Value, wait.Stage.Share, wait.Stage.Mirrored, wait.Number, wait.Of, journal.FirstOrDefault(j => j.Position == position)?.StartedAt.FromStore() + wait.Stage.For);
    }

    private static DeploymentStep Shown(string text, StepRow? entry) => new(text, entry?.State ?? "planned", entry?.StartedAt.FromStore(), entry?.FinishedAt.FromStore());
}
