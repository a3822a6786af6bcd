using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Server.Store;

namespace Wherry.Server.Projects;

/// <summary>Which capabilities a project was allowed.</summary>
public sealed class CapabilityStore(Database database, ProjectStore projects)
{
    public async Task<IReadOnlySet<Capability>> AllowedAsync(TeamId team, ProjectName project, CancellationToken ct) =>
        (await AllAsync(team, ct))[project.Value].ToHashSet();

    /// <summary>Of all projects, by their names.</summary>
    public async Task<ILookup<string, Capability>> AllAsync(TeamId team, CancellationToken ct) =>
        (from row in await database.For(team).QueryAsync<AllowedRow>(
             "SELECT p.name AS Project, c.capability AS Capability FROM project_capability c JOIN project p ON p.id = c.project_id WHERE c.team_id = @team ORDER BY c.capability", null, ct)
         from capability in Capability.All
         where capability.Value == row.Capability // one of a newer Wherry means nothing here
         select (row.Project, capability)).ToLookup(r => r.Project, r => r.capability);

    /// <returns>Whether it was not allowed before.</returns>
    /// <exception cref="ProblemException"><c>project/not-found</c>.</exception>
    public async Task<bool> AllowAsync(TeamId team, ProjectName project, Capability capability, CancellationToken ct) => await database.For(team).ExecuteAsync(
        "INSERT INTO project_capability (team_id, project_id, capability) VALUES (@team, @id, @capability) ON CONFLICT (project_id, capability) DO NOTHING",
        new { id = (await projects.GetAsync(team, project, ct)).Id, capability = capability.Value }, ct) > 0;

    /// <returns>Whether it was allowed before.</returns>
    /// <exception cref="ProblemException"><c>project/not-found</c>.</exception>
    public async Task<bool> ForbidAsync(TeamId team, ProjectName project, Capability capability, CancellationToken ct) => await database.For(team).ExecuteAsync(
        "DELETE FROM project_capability WHERE team_id = @team AND project_id = @id AND capability = @capability",
        new { id = (await projects.GetAsync(team, project, ct)).Id, capability = capability.Value }, ct) > 0;

    private sealed record AllowedRow(string Project, string Capability);
}
