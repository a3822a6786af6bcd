using Wherry.Core.Problems;
using Wherry.Server.Store;

namespace Wherry.Server.Deployments;

/// <summary>What people want of a deployment that is not done; in its row, so that no crash loses it.</summary>
public sealed partial class DeploymentStore
{
    /// <summary>What is wanted of a deployment now.</summary>
    internal async Task<Wishes> WishesAsync(TeamId team, string id, CancellationToken ct) => await database.For(team).FindAsync<Wishes>(
        "SELECT cancelled_by AS CancelledBy, paused_by AS PausedBy FROM deployment WHERE team_id = @team AND id = @id", new { id }, ct) ?? Wishes.None;

    /// <summary>Ends a deployment that waits, or asks for the end of one that runs.</summary>
    internal Task<CancelAnswer> CancelAsync(TeamId team, string id, string actor, Problem problem, CancellationToken ct) => database.For(team).TransactAsync(async t =>
    {
        var ended = await t.ExecuteAsync(
            """
            UPDATE deployment SET stage = 'Finished', outcome = 'Cancelled', cancelled_by = @actor, finished_at = @now, problem_code = @Code, problem_message = @Message, problem_hint = @Hint
            WHERE team_id = @team AND id = @id AND started_at IS NULL AND outcome IS NULL
            """,
            new { id, actor, now = time.GetUtcNow().ToStore(), problem.Code, problem.Message, problem.Hint });
        if (ended == 1)
        {
            return CancelAnswer.Ended;
        }

        var asked = await t.ExecuteAsync(
            "UPDATE deployment SET cancelled_by = COALESCE(cancelled_by, @actor) WHERE team_id = @team AND id = @id AND outcome IS NULL AND stage NOT IN ('Undoing', 'Finished')", new { id, actor });
        return asked == 1 ? CancelAnswer.Asked : CancelAnswer.Refused;
    }, ct);

    /// <param name="team">Whose it is.</param>
    /// <param name="id">Which one.</param>
    /// <param name="by">Who pauses it; <see langword="null"/> lets it go on.</param>
    /// <param name="ct">Cancels the writing.</param>
    /// <returns><see langword="false"/> when it has ended or is being undone.</returns>
    internal async Task<bool> PauseAsync(TeamId team, string id, string? by, CancellationToken ct) => await database.For(team).ExecuteAsync(
        "UPDATE deployment SET paused_by = @by WHERE team_id = @team AND id = @id AND outcome IS NULL AND stage NOT IN ('Undoing', 'Finished') AND cancelled_by IS NULL", new { id, by }, ct) == 1;

    /// <summary>Lets a deployment go on that waits for its promotion.</summary>
    /// <param name="team">Whose it is.</param>
    /// <param name="id">Which one.</param>
    /// <param name="step">The place in its plan that is passed; <see langword="null"/>: all that would wait.</param>
    /// <param name="ct">Cancels the writing.</param>
    internal Task PromoteAsync(TeamId team, string id, int? step, CancellationToken ct) => database.For(team).ExecuteAsync(
        step is null
            ? "UPDATE deployment SET promoted_at = @now WHERE team_id = @team AND id = @id AND outcome IS NULL"
            : "UPDATE deployment SET promoted_step = @step WHERE team_id = @team AND id = @id AND outcome IS NULL",
        new { id, step, now = time.GetUtcNow().ToStore() },
        ct);

    internal async Task<Promotion> PromotionAsync(TeamId team, string id, CancellationToken ct) => await database.For(team).FindAsync<Promotion>(
        "SELECT promoted_at AS At, promoted_step AS Step FROM deployment WHERE team_id = @team AND id = @id", new { id }, ct) ?? new Promotion(null, null);

    /// <summary>Ends a deployment of which nothing but the row can be worked on.</summary>
    internal Task FailAsync(TeamId team, string id, Problem problem, CancellationToken ct) => database.For(team).ExecuteAsync(
        "UPDATE deployment SET stage = 'Finished', outcome = 'Failed', finished_at = @now, problem_code = @Code, problem_message = @Message, problem_hint = @Hint WHERE team_id = @team AND id = @id AND outcome IS NULL",
        new { id, now = time.GetUtcNow().ToStore(), problem.Code, problem.Message, problem.Hint }, ct);
}

/// <summary>What people want of a deployment.</summary>
internal sealed record Wishes(string? CancelledBy, string? PausedBy)
{
    public static Wishes None { get; } = new(null, null);
}

/// <summary>How far somebody let a deployment go on.</summary>
/// <param name="At">When all of it was promoted.</param>
/// <param name="Step">The place in its plan that may be passed.</param>
internal sealed record Promotion(long? At, long? Step);

/// <summary>What cancelling came to.</summary>
internal enum CancelAnswer
{
    /// <summary>It waited, and has ended.</summary>
    Ended,

    /// <summary>It runs; its worker ends it.</summary>
    Asked,

    /// <summary>It has ended already, or is being undone.</summary>
    Refused,
}
