using Wherry.Core.Model;
using Wherry.Server.Environments;
using Wherry.Server.Store;

namespace Wherry.Server.Builds;

/// <summary>Which source tree became which image.</summary>
public sealed class BuildStore(Database database, TimeProvider time)
{
    public async Task<ImageReference?> FindAsync(EnvironmentRef environment, string key, CancellationToken ct) =>
        await database.For(environment.Team).FindAsync<string>(
            "SELECT b.image FROM build b JOIN environment e ON e.project_id = b.project_id WHERE b.team_id = @team AND e.id = @id AND b.key = @key", new { id = environment.Id, key }, ct) is { } image
            ? ImageReference.Parse(image)
            : null;

    public Task SaveAsync(EnvironmentRef environment, string key, ImageReference image, CancellationToken ct) => database.For(environment.Team).ExecuteAsync(
        """
        INSERT INTO build (team_id, project_id, key, image, built_at) SELECT @team, project_id, @key, @image, @now FROM environment WHERE id = @id AND team_id = @team
        ON CONFLICT (project_id, key) DO UPDATE SET image = excluded.image, built_at = excluded.built_at WHERE build.team_id = @team
        """,
        new { id = environment.Id, key, image = image.Value, now = time.GetUtcNow().ToStore() }, ct);
}
