using System.Text.Json;
using Wherry.Core.Planning;
using Wherry.Core.Problems;
using Wherry.Server.Environments;
using Wherry.Server.Store;

namespace Wherry.Server.Deployments;

/// <summary>What printed plans were made of, so that a deployment by hash can say what moved. Kept for a week.</summary>
internal sealed class PlanStore(Database database, TimeProvider time)
{
    private static readonly TimeSpan KeepFor = TimeSpan.FromDays(7);

    public Task SaveAsync(EnvironmentRef environment, PlanBasis basis, CancellationToken ct) => database.For(environment.Team).TransactAsync(async t =>
    {
        var now = time.GetUtcNow();
        await t.ExecuteAsync("DELETE FROM plan WHERE team_id = @team AND environment_id = @id AND made_at < @old", new { id = environment.Id, old = (now - KeepFor).ToStore() });
        return await t.ExecuteAsync(
            """
            INSERT INTO plan (team_id, environment_id, hash, parts, made_at) VALUES (@team, @id, @hash, @parts, @now)
            ON CONFLICT (environment_id, hash) DO UPDATE SET made_at = excluded.made_at
            """,
            new { id = environment.Id, hash = basis.Hash, parts = JsonSerializer.Serialize(basis, DeploymentJson.Default.PlanBasis), now = now.ToStore() });
    }, ct);

    /// <exception cref="ProblemException"><c>plan/unknown</c>.</exception>
    public async Task<PlanBasis> GetAsync(EnvironmentRef environment, string hash, CancellationToken ct) =>
        await database.For(environment.Team).FindAsync<string>("SELECT parts FROM plan WHERE team_id = @team AND environment_id = @id AND hash = @hash", new { id = environment.Id, hash }, ct) is { } parts
            ? JsonSerializer.Deserialize(parts, DeploymentJson.Default.PlanBasis)!
            : throw new Problem("plan/unknown", $"No plan {hash} was made for {environment} in the last week.", "Make one with `wherry plan`; it ends with its hash.").AsException();
}
