using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Core.Retention;
using Wherry.Server.Store;

namespace Wherry.Server.Environments;

/// <summary>An environment, found and allowed: what all work in it is addressed by.</summary>
public sealed record EnvironmentRef(TeamId Team, long Id, ProjectName Project, EnvironmentName Name)
{
    /// <summary>Start of its names on the engine, behind the home's own.</summary>
    public string Prefix => $"{Project}-{Name}";

    public override string ToString() => $"{Project}/{Name}";
}

/// <summary>Environments of a team's projects.</summary>
public sealed partial class EnvironmentStore(Database database, TimeProvider time)
{
    private const string Columns = "e.id, p.name AS Project, e.name, e.branch, e.current_release AS CurrentRelease, e.stopped, e.created_at AS CreatedAt, k.scope AS LockScope, k.holder AS LockHolder, k.message AS LockMessage, k.since AS LockSince";

    private readonly System.Collections.Concurrent.ConcurrentDictionary<long, bool> _leaving = new();

    /// <summary>It is being removed: nothing of it is mended any more.</summary>
    public bool IsLeaving(long id) => _leaving.ContainsKey(id);

    /// <summary>From now on it is being removed.</summary>
    /// <exception cref="ProblemException"><c>environment/leaving</c>: somebody removes it already.</exception>
    public void Leave(EnvironmentRef environment)
    {
        if (!_leaving.TryAdd(environment.Id, true))
        {
            RefuseLeaving(environment);
        }
    }

    /// <summary>It is not being removed any more.</summary>
    public void Stay(EnvironmentRef environment) => _leaving.TryRemove(environment.Id, out _);

    /// <exception cref="ProblemException"><c>environment/leaving</c>.</exception>
    public void RefuseLeaving(EnvironmentRef environment)
    {
        if (IsLeaving(environment.Id))
        {
            throw new Problem("environment/leaving", $"{environment} is being removed.", "Wait until it is gone; then make it again where it should go on: `wherry environments create`.").AsException();
        }
    }

    /// <summary>Refuses in the transaction that writes for an environment which may be gone since it was found; the store gives its id again.</summary>
    internal static async Task RefuseGoneAsync(TeamTransaction t, EnvironmentRef environment)
    {
        var found = await t.FindAsync<long>(
            "SELECT COUNT(*) FROM environment e JOIN project p ON p.id = e.project_id WHERE e.team_id = @team AND e.id = @id AND e.name = @name AND p.name = @project",
            new { id = environment.Id, name = environment.Name.Value, project = environment.Project.Value });
        if (found == 0)
        {
            throw new Problem("environment/not-found", $"{environment} was removed meanwhile.", "`wherry projects list` shows what there is.").AsException();
        }
    }

    public Task<IReadOnlyList<EnvironmentRow>> ListAsync(TeamId team, CancellationToken ct) => database.For(team).QueryAsync<EnvironmentRow>(
        $"SELECT {Columns} FROM environment e JOIN project p ON p.id = e.project_id LEFT JOIN environment_lock k ON k.environment_id = e.id WHERE e.team_id = @team ORDER BY p.name, e.name <> 'production', e.name", null, ct);

    /// <exception cref="ProblemException"><c>environment/not-found</c> or <c>project/not-found</c>.</exception>
    public async Task<EnvironmentRow> GetRowAsync(TeamId team, ProjectName project, EnvironmentName name, CancellationToken ct) =>
        (await ListAsync(team, ct)) switch
        {
            var all when all.FirstOrDefault(e => e.Project == project.Value && e.Name == name.Value) is { } row => row,
            var all when all.Any(e => e.Project == project.Value) => throw new Problem("environment/not-found", $"The project {project} has no environment {name}.", $"It has {string.Join(", ", all.Where(e => e.Project == project.Value).Select(e => e.Name))}. Make one with `wherry environments create {name}`.").AsException(),
            _ => throw new Problem("project/not-found", $"There is no project {project}.", $"`wherry deploy` in its folder makes it, `wherry projects create {project}` too; `wherry projects list` shows all.").AsException(),
        };

    /// <exception cref="ProblemException">A name is wrong, or nothing has it.</exception>
    public async Task<EnvironmentRef> GetAsync(TeamId team, string project, string name, CancellationToken ct)
    {
        var row = await GetRowAsync(team, ProjectName.Parse(project), EnvironmentName.Parse(name), ct);
        return row.Ref(team);
    }

    /// <summary>Environments over all teams, for the loops that look after what runs.</summary>
    public async Task<IReadOnlyList<EnvironmentRef>> AllAsync(CancellationToken ct)
    {
        var rows = await database.QueryAsync<(long Team, long Id, string Project, string Name)>(
            "SELECT e.team_id, e.id, p.name, e.name FROM environment e JOIN project p ON p.id = e.project_id", null, ct);
        return [.. rows.Select(r => new EnvironmentRef(new TeamId(r.Team), r.Id, ProjectName.Parse(r.Project), EnvironmentName.Parse(r.Name)))];
    }

    /// <exception cref="ProblemException"><c>environment/exists</c>.</exception>
    public async Task CreateAsync(TeamId team, long project, EnvironmentName name, string branch, CancellationToken ct)
    {
        var made = await database.For(team).ExecuteAsync(
            "INSERT INTO environment (team_id, project_id, name, branch, created_at) VALUES (@team, @project, @name, @branch, @now) ON CONFLICT DO NOTHING",
            new { project, name = name.Value, branch, now = time.GetUtcNow().ToStore() }, ct);
        if (made == 0)
        {
            throw new Problem("environment/exists", $"There is an environment {name} already.", "Deploy to it, or choose another name.").AsException();
        }
    }

    public Task RemoveAsync(EnvironmentRef environment, CancellationToken ct) =>
        database.For(environment.Team).ExecuteAsync("DELETE FROM environment WHERE team_id = @team AND id = @id", new { id = environment.Id }, ct);

    /// <summary>Makes <paramref name="release"/> the current one.</summary>
    public Task SetCurrentAsync(EnvironmentRef environment, int release, CancellationToken ct) => database.For(environment.Team).TransactAsync(async t =>
    {
        var now = time.GetUtcNow().ToStore();
        await SettleAsync(t, environment);
        await t.ExecuteAsync(
            "UPDATE environment SET current_since = CASE WHEN current_release = @release THEN COALESCE(current_since, @now) ELSE @now END, current_release = @release, stopped = 0 WHERE team_id = @team AND id = @id",
            new { release, now, id = environment.Id });
        return await t.ExecuteAsync("UPDATE release SET live_at = COALESCE(live_at, @now) WHERE team_id = @team AND environment_id = @id AND number = @release", new { now, release, id = environment.Id });
    }, ct);

    /// <summary>Marks the current release as stable when it has served for long enough.</summary>
    public Task SettleAsync(EnvironmentRef environment, CancellationToken ct) => database.For(environment.Team).TransactAsync(t => SettleAsync(t, environment), ct);

    private Task<int> SettleAsync(TeamTransaction t, EnvironmentRef environment)
    {
        var after = (long)RollbackTarget.StableAfter.TotalMilliseconds;
        return t.ExecuteAsync(
            """
            UPDATE release SET stable_at = (SELECT e.current_since + @after FROM environment e WHERE e.id = @id)
            WHERE team_id = @team AND environment_id = @id AND stable_at IS NULL AND number = (SELECT e.current_release FROM environment e WHERE e.id = @id AND e.current_since + @after <= @now)
            """,
            new { id = environment.Id, after, now = time.GetUtcNow().ToStore() });
    }

    public Task SetStoppedAsync(EnvironmentRef environment, bool stopped, CancellationToken ct) =>
        database.For(environment.Team).ExecuteAsync("UPDATE environment SET stopped = @stopped WHERE team_id = @team AND id = @id", new { stopped, id = environment.Id }, ct);

    /// <summary>Replica counts that were set by hand; they outlive deployments.</summary>
    public async Task<IReadOnlyDictionary<ServiceName, int>> ScaleAsync(EnvironmentRef environment, CancellationToken ct)
    {
        var rows = await database.For(environment.Team).QueryAsync<(string Service, long Replicas)>(
            "SELECT service, replicas FROM scale WHERE team_id = @team AND environment_id = @id", new { id = environment.Id }, ct);
        return rows.ToDictionary(r => ServiceName.Parse(r.Service), r => (int)r.Replicas);
    }

    public Task SetScaleAsync(EnvironmentRef environment, IReadOnlyDictionary<ServiceName, int> replicas, CancellationToken ct) => database.For(environment.Team).TransactAsync(async t =>
    {
        foreach (var (service, count) in replicas)
        {
            await t.ExecuteAsync(
                "INSERT INTO scale (team_id, environment_id, service, replicas) VALUES (@team, @id, @service, @count) ON CONFLICT (environment_id, service) DO UPDATE SET replicas = excluded.replicas WHERE scale.team_id = @team",
                new { id = environment.Id, service = service.Value, count });
        }

        return replicas.Count;
    }, ct);
}

/// <param name="Stopped">1 when it was stopped by hand.</param>
public sealed record EnvironmentRow(long Id, string Project, string Name, string? Branch, long? CurrentRelease, long Stopped, long CreatedAt, string? LockScope, string? LockHolder, string? LockMessage, long? LockSince)
{
    public EnvironmentRef Ref(TeamId team) => new(team, Id, ProjectName.Parse(Project), EnvironmentName.Parse(Name));

    public Client.ProjectEnvironment ToContract() => new(Project, Name, Branch, (int?)CurrentRelease, Stopped != 0, CreatedAt.FromStore())
    {
        Lock = LockScope is { } scope ? new Client.EnvironmentLock(Enum.Parse<Client.LockScope>(scope), LockHolder!, LockMessage, LockSince!.Value.FromStore()) : null,
    };
}
