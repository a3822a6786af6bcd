using System.Data.Common;
using Dapper;
using Wherry.Core.Model;
using Wherry.Server.Environments;
using Wherry.Server.Store;

namespace Wherry.Server.Reconcile;

/// <summary>What should run, over all teams and environments at once.</summary>
internal sealed class ReconcileStore(Database database)
{
    public Task<IReadOnlyList<EnvironmentFacts>> AllAsync(CancellationToken ct) => database.ReadAsync(ReadAsync, ct);

    /// <summary>Whether this deployment ended without success.</summary>
    public async Task<bool> FailedAsync(TeamId team, string deployment, CancellationToken ct) =>
        await database.For(team).FindAsync<string>("SELECT outcome FROM deployment WHERE team_id = @team AND id = @deployment", new { deployment }, ct) == "Failed";

    private static async Task<IReadOnlyList<EnvironmentFacts>> ReadAsync(DbConnection connection)
    {
        var open = (await connection.QueryAsync<long>("SELECT DISTINCT environment_id FROM deployment WHERE outcome IS NULL")).ToHashSet();
        var ends = (await connection.QueryAsync<(long Id, long? At)>("SELECT e.id, (SELECT MAX(d.finished_at) FROM deployment d WHERE d.environment_id = e.id) FROM environment e")).ToDictionary(e => e.Id, e => e.At);
        var scale = (await connection.QueryAsync<(long Id, string Service, long Count)>("SELECT environment_id, service, replicas FROM scale")).ToLookup(s => s.Id);
        var stopped = (await connection.QueryAsync<(long Id, string Service)>("SELECT environment_id, service FROM stopped_service")).ToLookup(s => s.Id);
        var rows = await connection.QueryAsync<(long Team, long Id, string Project, string Name, long? Release, long Stopped, long CreatedAt)>(
            "SELECT e.team_id, e.id, p.name, e.name, e.current_release, e.stopped, e.created_at FROM environment e JOIN project p ON p.id = e.project_id");
        return
        [
            .. rows.Select(r => new EnvironmentFacts(
                new EnvironmentRef(new TeamId(r.Team), r.Id, ProjectName.Parse(r.Project), EnvironmentName.Parse(r.Name)),
                r.CreatedAt,
                (int?)r.Release,
                r.Stopped != 0,
                open.Contains(r.Id),
                ends.GetValueOrDefault(r.Id).FromStore(),
                scale[r.Id].ToDictionary(s => ServiceName.Parse(s.Service), s => (int)s.Count),
                stopped[r.Id].Select(s => ServiceName.Parse(s.Service)).ToHashSet())),
        ];
    }
}

/// <param name="Busy">A deployment is at work or waits.</param>
/// <param name="LastEnd">When the last deployment ended.</param>
internal sealed record EnvironmentFacts(EnvironmentRef Environment, long CreatedAt, int? Release, bool Stopped, bool Busy, DateTimeOffset? LastEnd, IReadOnlyDictionary<ServiceName, int> Scale, IReadOnlySet<ServiceName> StoppedServices)
{
    /// <summary>What is remembered is remembered under this: the store gives an id again when its environment is gone.</summary>
    public string Key => $"{Environment} {Environment.Id} {CreatedAt}";
}
