using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Server.Store;

namespace Wherry.Server.Projects;

/// <summary>Projects of a team.</summary>
public sealed class ProjectStore(Database database, TimeProvider time)
{
    public Task<IReadOnlyList<ProjectRow>> ListAsync(TeamId team, CancellationToken ct) =>
        database.For(team).QueryAsync<ProjectRow>("SELECT id, name, created_at AS CreatedAt FROM project WHERE team_id = @team ORDER BY name", null, ct);

    public Task<ProjectRow?> FindAsync(TeamId team, ProjectName name, CancellationToken ct) =>
        database.For(team).FindAsync<ProjectRow>("SELECT id, name, created_at AS CreatedAt FROM project WHERE team_id = @team AND name = @name", new { name = name.Value }, ct);

    /// <exception cref="ProblemException"><c>project/not-found</c>.</exception>
    public async Task<ProjectRow> GetAsync(TeamId team, ProjectName name, CancellationToken ct) =>
        await FindAsync(team, name, ct) ?? throw new Problem("project/not-found", $"There is no project {name}.", $"`wherry deploy` in its folder makes it, `wherry projects create {name}` too; `wherry projects list` shows all.").AsException();

    /// <summary>Makes the project and its environment <c>production</c>, which deploys from <c>main</c>.</summary>
    /// <exception cref="ProblemException"><c>project/exists</c>; names are unique on a server, over all teams.</exception>
    public Task<ProjectRow> CreateAsync(TeamId team, ProjectName name, CancellationToken ct) => database.For(team).TransactAsync(async t =>
    {
        var now = time.GetUtcNow().ToStore();
        var made = await t.ExecuteAsync("INSERT INTO project (team_id, name, created_at) VALUES (@team, @name, @now) ON CONFLICT DO NOTHING", new { name = name.Value, now });
        if (made == 0)
        {
            throw new Problem("project/exists", $"The name {name} is taken by another project.", "Choose another name, or deploy to the project that is there.").AsException();
        }

        var project = await t.FindAsync<ProjectRow>("SELECT id, name, created_at AS CreatedAt FROM project WHERE team_id = @team AND name = @name", new { name = name.Value });
        await t.ExecuteAsync(
            "INSERT INTO environment (team_id, project_id, name, branch, created_at) VALUES (@team, @project, @name, 'main', @now)",
            new { project = project!.Id, name = EnvironmentName.Production.Value, now });
        return project;
    }, ct);

    public Task RemoveAsync(TeamId team, ProjectName name, CancellationToken ct) =>
        database.For(team).ExecuteAsync("DELETE FROM project WHERE team_id = @team AND name = @name", new { name = name.Value }, ct);
}

/// <param name="CreatedAt">Unix milliseconds.</param>
public sealed record ProjectRow(long Id, string Name, long CreatedAt);
