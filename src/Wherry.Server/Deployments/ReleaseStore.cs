using System.Text.Json;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Server.Environments;
using Wherry.Server.Secrets;
using Wherry.Server.Store;

namespace Wherry.Server.Deployments;

/// <summary>Releases of an environment. Models are sealed: they hold resolved secrets.</summary>
public sealed class ReleaseStore(Database database, Sealer sealer, TimeProvider time)
{
    /// <summary>Cuts the next release.</summary>
    internal async Task<Release> CutAsync(EnvironmentRef environment, ProjectModel model, ModelInput input, string source, string? message, CancellationToken ct)
    {
        var sealedModel = sealer.Seal(JsonSerializer.SerializeToUtf8Bytes(model, ModelJson.Default.ProjectModel));
        var sealedInput = sealer.Seal(JsonSerializer.SerializeToUtf8Bytes(input, DeploymentJson.Default.ModelInput));
        var number = await database.For(environment.Team).TransactAsync(async t =>
        {
            var next = 1 + await t.FindAsync<long>("SELECT COALESCE(MAX(number), 0) FROM release WHERE team_id = @team AND environment_id = @id", new { id = environment.Id });
            await t.ExecuteAsync(
                "INSERT INTO release (team_id, environment_id, number, created_at, source, message, model, input) VALUES (@team, @id, @next, @now, @source, @message, @model, @input)",
                new { id = environment.Id, next, now = time.GetUtcNow().ToStore(), source, message, model = sealedModel, input = sealedInput });
            return (int)next;
        }, ct);
        return new Release(number, model);
    }

    /// <summary>The release that serves, or <see langword="null"/> before the first.</summary>
    public async Task<Release?> FindCurrentAsync(EnvironmentRef environment, CancellationToken ct)
    {
        var row = await database.For(environment.Team).FindAsync<SealedRow>(
            "SELECT r.number, r.model, r.input FROM release r JOIN environment e ON e.id = r.environment_id AND e.current_release = r.number WHERE r.team_id = @team AND e.id = @id",
            new { id = environment.Id }, ct);
        return row is null ? null : Open(row);
    }

    /// <exception cref="ProblemException"><c>release/not-found</c>.</exception>
    public async Task<Release> GetAsync(EnvironmentRef environment, int number, CancellationToken ct) => Open(await GetRowAsync(environment, number, ct));

    /// <summary>What a release's model was read from.</summary>
    internal async Task<ModelInput> InputAsync(EnvironmentRef environment, int number, CancellationToken ct) =>
        JsonSerializer.Deserialize(sealer.Unseal((await GetRowAsync(environment, number, ct)).Input), DeploymentJson.Default.ModelInput)!;

    /// <summary>Releases, newest first.</summary>
    public Task<IReadOnlyList<ReleaseRow>> ListAsync(EnvironmentRef environment, CancellationToken ct) => database.For(environment.Team).QueryAsync<ReleaseRow>(
        "SELECT number, created_at AS CreatedAt, source, message, live_at AS LiveAt, kept, stable_at AS StableAt FROM release WHERE team_id = @team AND environment_id = @id ORDER BY number DESC",
        new { id = environment.Id }, ct);

    /// <summary>Releases whose images are kept, newest first.</summary>
    public Task<IReadOnlyList<ReleaseRow>> ListKeptAsync(EnvironmentRef environment, CancellationToken ct) => database.For(environment.Team).QueryAsync<ReleaseRow>(
        "SELECT number, created_at AS CreatedAt, source, message, live_at AS LiveAt, kept, stable_at AS StableAt FROM release WHERE team_id = @team AND environment_id = @id AND kept <> 0 ORDER BY number DESC",
        new { id = environment.Id }, ct);

    /// <summary>Marks releases whose images were given up.</summary>
    public Task ForgetImagesAsync(EnvironmentRef environment, IReadOnlyList<int> numbers, CancellationToken ct) => database.For(environment.Team).ExecuteAsync(
        "UPDATE release SET kept = 0 WHERE team_id = @team AND environment_id = @id AND number IN @numbers", new { id = environment.Id, numbers }, ct);

    private async Task<SealedRow> GetRowAsync(EnvironmentRef environment, int number, CancellationToken ct) =>
        await database.For(environment.Team).FindAsync<SealedRow>(
            "SELECT number, model, input FROM release WHERE team_id = @team AND environment_id = @id AND number = @number", new { id = environment.Id, number }, ct)
        ?? throw new Problem("release/not-found", $"{environment} has no release r{number}.", "See `wherry releases`.").AsException();

    private Release Open(SealedRow row) => new((int)row.Number, JsonSerializer.Deserialize(sealer.Unseal(row.Model), ModelJson.Default.ProjectModel)!);

    private sealed record SealedRow(long Number, byte[] Model, byte[] Input);
}

/// <param name="LiveAt">First time that it served; <see langword="null"/>: it never did.</param>
/// <param name="StableAt">When it had served for so long that it counts as stable; <see langword="null"/>: it never did.</param>
public sealed record ReleaseRow(long Number, long CreatedAt, string Source, string? Message, long? LiveAt, long Kept, long? StableAt);
