using System.Text.Json;
using Wherry.Core.Deployments;
using Wherry.Core.Planning;
using Wherry.Core.Problems;
using Wherry.Server.Environments;
using Wherry.Server.Secrets;
using Wherry.Server.Store;

namespace Wherry.Server.Deployments;

/// <summary>Deployments and the journal of their steps.</summary>
public sealed partial class DeploymentStore(Database database, Sealer sealer, TimeProvider time)
{
    private const string Columns =
        "d.id, p.name AS Project, e.name AS Environment, d.kind, d.release, d.stage, d.outcome, d.problem_code AS ProblemCode, d.problem_message AS ProblemMessage, d.problem_hint AS ProblemHint, d.problem_evidence AS ProblemEvidence, d.queued_at AS QueuedAt, d.started_at AS StartedAt, d.finished_at AS FinishedAt, d.plan, d.request, d.actor, d.cancelled_by AS CancelledBy, d.paused_by AS PausedBy";

    private const string From = "FROM deployment d JOIN environment e ON e.id = d.environment_id JOIN project p ON p.id = e.project_id";

    /// <summary>An id for a new deployment. Its start is the time, for a person who reads it; what came later is told by the sequence, which no clock sets back.</summary>
    internal string NextId() => $"d{time.GetUtcNow().ToUnixTimeMilliseconds():x}{System.Security.Cryptography.RandomNumberGenerator.GetHexString(6, lowercase: true)}";

    /// <summary>Queues a deployment; queued ones that only deploy an older state are superseded by a newer deploy.</summary>
    /// <returns>The ids of those that it superseded.</returns>
    /// <exception cref="ProblemException"><c>deployment/queue-full</c>, <c>environment/locked</c>, <c>environment/not-found</c>.</exception>
    internal Task<IReadOnlyList<string>> EnqueueAsync(EnvironmentRef environment, string id, string actor, DeployIntent intent, CancellationToken ct) => database.For(environment.Team).TransactAsync(async t =>
    {
        var now = time.GetUtcNow();
        await EnvironmentStore.RefuseGoneAsync(t, environment);
        if (intent.Kind != DeploymentKind.Heal) // a lock keeps what is there; so does this
        {
            await EnvironmentLocks.RefuseAsync(t, environment, intent.Pushed is not null);
        }

        if (intent.Kind == DeploymentKind.Rollback)
        {
            await EnvironmentLocks.HoldPushesAsync(t, environment, actor, $"rolled back to r{intent.Release}", now);
        }

        // What waits to be deployed is older than a wish to go back, too.
        IReadOnlyList<string> superseded = intent.Kind is not (DeploymentKind.Deploy or DeploymentKind.Rollback) ? [] : await t.QueryAsync<string>(
            "UPDATE deployment SET stage = 'Finished', outcome = 'Superseded', finished_at = @now WHERE team_id = @team AND environment_id = @environment AND stage = 'Queued' AND started_at IS NULL AND kind = 'Deploy' RETURNING id",
            new { environment = environment.Id, now = now.ToStore() });

        var waiting = await t.FindAsync<long>("SELECT COUNT(*) FROM deployment WHERE team_id = @team AND environment_id = @environment AND stage = 'Queued' AND outcome IS NULL", new { environment = environment.Id });
        if (waiting >= 20)
        {
            throw new Problem("deployment/queue-full", $"{waiting} deployments wait for {environment} already.", "Try again when some are done: `wherry status` shows them.").AsException();
        }

        await t.ExecuteAsync(
            "INSERT INTO deployment (id, team_id, environment_id, kind, actor, request, stage, queued_at, sequence) SELECT @id, @team, @environment, @kind, @actor, @request, 'Queued', @now, COALESCE(MAX(sequence), 0) + 1 FROM deployment WHERE team_id = @team AND environment_id = @environment",
            new { id, environment = environment.Id, kind = intent.Kind.ToString(), actor, request = Seal(intent), now = now.ToStore() });
        return superseded;
    }, ct);

    /// <summary>The oldest deployment of the environment that is not done, or <see langword="null"/>.</summary>
    public Task<DeploymentRow?> FindNextAsync(EnvironmentRef environment, CancellationToken ct) => database.For(environment.Team).FindAsync<DeploymentRow>(
        $"SELECT {Columns} {From} WHERE d.team_id = @team AND d.environment_id = @id AND d.outcome IS NULL ORDER BY d.started_at IS NULL, d.sequence LIMIT 1", new { id = environment.Id }, ct);

    /// <summary>Deployments of the environment that are not done.</summary>
    internal Task<IReadOnlyList<string>> OpenAsync(EnvironmentRef environment, CancellationToken ct) => database.For(environment.Team).QueryAsync<string>(
        "SELECT id FROM deployment WHERE team_id = @team AND environment_id = @id AND outcome IS NULL", new { id = environment.Id }, ct);

    /// <summary>Takes a queued deployment to work on it.</summary>
    /// <returns><see langword="false"/> when it was superseded in the meantime.</returns>
    public async Task<bool> ClaimAsync(TeamId team, string id, CancellationToken ct) => await database.For(team).ExecuteAsync(
        "UPDATE deployment SET started_at = @now WHERE team_id = @team AND id = @id AND started_at IS NULL AND outcome IS NULL", new { id, now = time.GetUtcNow().ToStore() }, ct) == 1;

    /// <exception cref="ProblemException"><c>deployment/not-found</c>.</exception>
    public async Task<DeploymentRow> GetAsync(TeamId team, string id, CancellationToken ct) =>
        await database.For(team).FindAsync<DeploymentRow>($"SELECT {Columns} {From} WHERE d.team_id = @team AND d.id = @id", new { id }, ct)
        ?? throw new Problem("deployment/not-found", $"There is no deployment {id}.", "`wherry deployments list` lists the last ones of an environment.").AsException();

    /// <summary>The last 50 deployments, newest first.</summary>
    public Task<IReadOnlyList<DeploymentRow>> ListAsync(EnvironmentRef environment, CancellationToken ct) => database.For(environment.Team).QueryAsync<DeploymentRow>(
        $"SELECT {Columns} {From} WHERE d.team_id = @team AND d.environment_id = @id ORDER BY d.sequence DESC LIMIT 50", new { id = environment.Id }, ct);

    /// <summary>The last deployment of each environment that somebody asked for.</summary>
    public Task<IReadOnlyList<DeploymentRow>> LastAsync(TeamId team, CancellationToken ct) => database.For(team).QueryAsync<DeploymentRow>(
        $"SELECT {Columns} {From} WHERE d.team_id = @team AND d.id = (SELECT l.id FROM deployment l WHERE l.environment_id = d.environment_id AND l.kind <> 'Heal' ORDER BY l.sequence DESC LIMIT 1)", null, ct);

    public Task<IReadOnlyList<StepRow>> StepsAsync(TeamId team, string id, CancellationToken ct) => database.For(team).QueryAsync<StepRow>(
        "SELECT position, state, started_at AS StartedAt, finished_at AS FinishedAt FROM deployment_step WHERE team_id = @team AND deployment_id = @id ORDER BY position", new { id }, ct);

    /// <summary>Saves how far a deployment is, and its journal's entry for the step just done.</summary>
    internal Task SaveAsync(TeamId team, Deployment d, int? release, StepRow? step, CancellationToken ct) => database.For(team).TransactAsync(async t =>
    {
        var finished = d.Stage == Stage.Finished;
        await t.ExecuteAsync(
            """
            UPDATE deployment SET stage = @stage, release = @release, plan = @plan, started_at = COALESCE(started_at, @now),
                outcome = @outcome, finished_at = @finishedAt, problem_code = @code, problem_message = @message, problem_hint = @hint, problem_evidence = @evidence
            WHERE team_id = @team AND id = @id
            """,
            new
            {
                id = d.Id,
                stage = d.Stage.ToString(),
                release,
                plan = JsonSerializer.Serialize(d.Plan, PlanJson.Default.Plan),
                now = time.GetUtcNow().ToStore(),
                outcome = finished ? Outcome(d.Problem) : null,
                finishedAt = finished ? time.GetUtcNow().ToStore() : (long?)null,
                code = d.Problem?.Code,
                message = d.Problem?.Message,
                hint = d.Problem?.Hint,
                evidence = d.Problem is { Evidence.Count: > 0 } problem ? string.Join('\n', problem.Evidence) : null,
            });
        return step is null ? 0 : await t.ExecuteAsync(
            """
            INSERT INTO deployment_step (team_id, deployment_id, position, state, started_at, finished_at) VALUES (@team, @id, @Position, @State, @StartedAt, @FinishedAt)
            ON CONFLICT (deployment_id, position) DO UPDATE SET state = excluded.state, started_at = COALESCE(excluded.started_at, deployment_step.started_at), finished_at = excluded.finished_at
            """,
            new { id = d.Id, step.Position, step.State, step.StartedAt, step.FinishedAt });
    }, ct);

    private static string Outcome(Problem? problem) => problem switch
    {
        null => "Succeeded",
        { Code: Interruption.Cancelled } => "Cancelled",
        { Code: GateFlow.Superseded } => "Superseded",
        _ => "Failed",
    };

    /// <summary>One is queued that makes another release current, or stops the environment.</summary>
    internal async Task<bool> NewerWaitsAsync(EnvironmentRef environment, string id, CancellationToken ct) => await database.For(environment.Team).FindAsync<long>(
        "SELECT COUNT(*) FROM deployment WHERE team_id = @team AND environment_id = @environment AND id <> @id AND stage = 'Queued' AND outcome IS NULL AND kind IN ('Deploy', 'Rollback', 'Env', 'Stop')",
        new { environment = environment.Id, id }, ct) > 0;

    internal DeployIntent Intent(DeploymentRow row) => JsonSerializer.Deserialize(sealer.Unseal(row.Request), DeploymentJson.Default.DeployIntent)!;

    private byte[] Seal(DeployIntent intent) => sealer.Seal(JsonSerializer.SerializeToUtf8Bytes(intent, DeploymentJson.Default.DeployIntent));
}

/// <summary>A deployment as the store has it. Times are Unix milliseconds.</summary>
public sealed record DeploymentRow(
    string Id, string Project, string Environment, string Kind, long? Release, string Stage, string? Outcome,
    string? ProblemCode, string? ProblemMessage, string? ProblemHint, string? ProblemEvidence, long QueuedAt, long? StartedAt, long? FinishedAt, string? Plan, byte[] Request, string Actor, string? CancelledBy, string? PausedBy)
{
    /// <summary>Why it failed or is being undone.</summary>
    public Problem? OpenProblem() => ProblemCode is null ? null : new(ProblemCode, ProblemMessage ?? "", ProblemHint ?? "") { Evidence = ProblemEvidence?.Split('\n') ?? [] };

    public Plan OpenPlan() => Plan is null ? Core.Planning.Plan.Empty : JsonSerializer.Deserialize(Plan, PlanJson.Default.Plan) ?? Core.Planning.Plan.Empty;
}

/// <summary>A journal entry.</summary>
/// <param name="State"><c>running</c>, <c>done</c>, <c>failed</c> or <c>skipped</c>.</param>
public sealed record StepRow(long Position, string State, long? StartedAt, long? FinishedAt);
