using Wherry.Client;
using Wherry.Core.Deployments;
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
        [.. row.OpenPlan().Steps.Select((s, i) => Step(s.Describe(), journal.FirstOrDefault(j => j.Position == i)))],
        addresses)
    {
        Actor = row.Actor,
        Receipt = receipt,
        CancelledBy = row.CancelledBy,
        PausedBy = row.Outcome is null ? row.PausedBy : null,
    };

    public static Client.Release ToContract(this ReleaseRow row, IReadOnlyDictionary<string, string> images, bool current) =>
        new((int)row.Number, row.CreatedAt.FromStore(), row.Source, row.Message, images, current, row.Kept != 0) { StableAt = row.StableAt.FromStore() };

    private static DeploymentStep Step(string text, StepRow? entry) => new(text, entry?.State ?? "planned", entry?.StartedAt.FromStore(), entry?.FinishedAt.FromStore());
}
