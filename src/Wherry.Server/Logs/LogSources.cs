using Wherry.Core.Problems;
using Wherry.Server.Environments;
using Wherry.Server.Store;

namespace Wherry.Server.Logs;

/// <summary>Finds the logs that a team may read.</summary>
internal sealed class LogSources(Database database, EnvironmentStore environments, LogStore logs, LogStreamer streamer)
{
    public LogStreamer Streamer => streamer;

    /// <returns>The log, and whether its deployment has ended.</returns>
    /// <exception cref="ProblemException"><c>deployment/not-found</c>.</exception>
    public async Task<(LogLease Log, bool Ended)> DeploymentAsync(TeamId team, string id, CancellationToken ct)
    {
        var row = await database.For(team).FindAsync<DeploymentRow>(
            """
            SELECT d.id AS Id, p.name AS Project, e.name AS Environment, d.finished_at AS FinishedAt
            FROM deployment d JOIN environment e ON e.id = d.environment_id JOIN project p ON p.id = e.project_id
            WHERE d.team_id = @team AND d.id = @id
            """,
            new { id },
            ct);
        return row is null
            ? throw new Problem("deployment/not-found", $"There is no deployment {Shown(id)}.", "See `wherry status` for the last one of each environment.").AsException()
            : (logs.OpenToRead(row.Project, row.Environment, row.Id), row.FinishedAt is not null);
    }

    /// <exception cref="ProblemException"><c>project/not-found</c>, <c>environment/not-found</c>, or a name is wrong.</exception>
    public async Task<LogLease> ReplicasAsync(TeamId team, string project, string environment, CancellationToken ct)
    {
        var found = await environments.GetAsync(team, project, environment, ct);
        return logs.OpenReplicas(found.Project.Value, found.Name.Value, writes: false);
    }

    private static string Shown(string text) => "\"" + string.Concat(text.Take(60).Select(c => char.IsControl(c) ? '?' : c)) + "\"";

    private sealed record DeploymentRow(string Id, string Project, string Environment, long? FinishedAt);
}
