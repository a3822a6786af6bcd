using System.Text.RegularExpressions;
using Dapper;
using Wherry.Core.Problems;

namespace Wherry.Server.Store;

/// <summary>The store's shape, forward only, with SQLite's types. A migration that was released is never edited; a new one is added below it.</summary>
internal static partial class Migrations
{
    private static readonly string[] All =
    [
        """
        CREATE TABLE team (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
        INSERT INTO team (id, name) VALUES (1, 'default');

        CREATE TABLE project (
            id INTEGER PRIMARY KEY, team_id INTEGER NOT NULL REFERENCES team, name TEXT NOT NULL, created_at INTEGER NOT NULL,
            UNIQUE (name));

        CREATE TABLE environment (
            id INTEGER PRIMARY KEY, team_id INTEGER NOT NULL REFERENCES team, project_id INTEGER NOT NULL REFERENCES project ON DELETE CASCADE,
            name TEXT NOT NULL, branch TEXT, current_release INTEGER, stopped INTEGER NOT NULL DEFAULT 0, created_at INTEGER NOT NULL,
            UNIQUE (project_id, name));

        -- The model holds resolved secrets, so it is sealed; the input is what it was read from.
        CREATE TABLE release (
            id INTEGER PRIMARY KEY, team_id INTEGER NOT NULL REFERENCES team, environment_id INTEGER NOT NULL REFERENCES environment ON DELETE CASCADE,
            number INTEGER NOT NULL, created_at INTEGER NOT NULL, source TEXT NOT NULL, message TEXT, model BLOB NOT NULL, input BLOB NOT NULL, live_at INTEGER, kept INTEGER NOT NULL DEFAULT 1,
            UNIQUE (environment_id, number));

        CREATE TABLE deployment (
            id TEXT PRIMARY KEY, team_id INTEGER NOT NULL REFERENCES team, environment_id INTEGER NOT NULL REFERENCES environment ON DELETE CASCADE,
            kind TEXT NOT NULL, actor TEXT NOT NULL, request BLOB NOT NULL, release INTEGER, plan TEXT, stage TEXT NOT NULL, outcome TEXT,
            problem_code TEXT, problem_message TEXT, problem_hint TEXT, queued_at INTEGER NOT NULL, started_at INTEGER, finished_at INTEGER);
        CREATE INDEX deployment_by_environment ON deployment (environment_id, queued_at);

        CREATE TABLE deployment_step (
            team_id INTEGER NOT NULL REFERENCES team, deployment_id TEXT NOT NULL REFERENCES deployment ON DELETE CASCADE, position INTEGER NOT NULL,
            state TEXT NOT NULL, started_at INTEGER, finished_at INTEGER,
            PRIMARY KEY (deployment_id, position));

        CREATE TABLE scale (
            team_id INTEGER NOT NULL REFERENCES team, environment_id INTEGER NOT NULL REFERENCES environment ON DELETE CASCADE,
            service TEXT NOT NULL, replicas INTEGER NOT NULL,
            PRIMARY KEY (environment_id, service));

        CREATE TABLE build (
            team_id INTEGER NOT NULL REFERENCES team, project_id INTEGER NOT NULL REFERENCES project ON DELETE CASCADE, key TEXT NOT NULL, image TEXT NOT NULL, built_at INTEGER NOT NULL,
            PRIMARY KEY (project_id, key));

        CREATE TABLE variable (
            team_id INTEGER NOT NULL REFERENCES team, environment_id INTEGER NOT NULL REFERENCES environment ON DELETE CASCADE,
            service TEXT NOT NULL DEFAULT '', name TEXT NOT NULL, value BLOB NOT NULL, secret INTEGER NOT NULL, changed_at INTEGER NOT NULL,
            PRIMARY KEY (environment_id, service, name));

        CREATE TABLE token (
            id TEXT PRIMARY KEY, team_id INTEGER NOT NULL REFERENCES team, name TEXT NOT NULL, hash BLOB NOT NULL UNIQUE, scope INTEGER NOT NULL,
            created_at INTEGER NOT NULL, last_used_at INTEGER, expires_at INTEGER, revoked_at INTEGER);
        CREATE UNIQUE INDEX token_by_name ON token (team_id, name) WHERE revoked_at IS NULL;
        """,

        // Names instead of keys: an event outlives what it is about.
        """
        CREATE TABLE event (
            id INTEGER PRIMARY KEY, team_id INTEGER NOT NULL REFERENCES team, at INTEGER NOT NULL, actor TEXT NOT NULL, kind TEXT NOT NULL,
            project TEXT, environment TEXT, about TEXT NOT NULL, before TEXT, after TEXT);
        CREATE INDEX event_by_time ON event (team_id, at);
        """,

        // Notes while the deployment runs, the receipt when it has ended.
        """
        CREATE TABLE receipt (
            deployment_id TEXT PRIMARY KEY REFERENCES deployment ON DELETE CASCADE, team_id INTEGER NOT NULL REFERENCES team, notes TEXT, body TEXT);
        """,

        // The order in which deployments of an environment were asked for. A clock may be set back; this only counts up.
        """
        ALTER TABLE deployment ADD COLUMN sequence INTEGER NOT NULL DEFAULT 0;
        UPDATE deployment SET sequence = s.n FROM (SELECT id AS key, ROW_NUMBER() OVER (PARTITION BY environment_id ORDER BY queued_at, id) AS n FROM deployment) s WHERE s.key = deployment.id;
        CREATE INDEX deployment_by_sequence ON deployment (environment_id, sequence);
        """,

        // A line of evidence each.
        """
        ALTER TABLE deployment ADD COLUMN problem_evidence TEXT;
        """,

        // Who wants a deployment to end or to wait; which releases proved themselves; what environments are locked; what plans were made of.
        """
        ALTER TABLE deployment ADD COLUMN cancelled_by TEXT;
        ALTER TABLE deployment ADD COLUMN paused_by TEXT;
        ALTER TABLE release ADD COLUMN stable_at INTEGER;
        ALTER TABLE environment ADD COLUMN current_since INTEGER;
        UPDATE environment SET current_since = (SELECT r.live_at FROM release r WHERE r.environment_id = environment.id AND r.number = environment.current_release);

        CREATE TABLE environment_lock (
            environment_id INTEGER PRIMARY KEY REFERENCES environment ON DELETE CASCADE, team_id INTEGER NOT NULL REFERENCES team,
            scope TEXT NOT NULL, holder TEXT NOT NULL, message TEXT, since INTEGER NOT NULL);

        CREATE TABLE plan (
            team_id INTEGER NOT NULL REFERENCES team, environment_id INTEGER NOT NULL REFERENCES environment ON DELETE CASCADE,
            hash TEXT NOT NULL, parts TEXT NOT NULL, made_at INTEGER NOT NULL,
            PRIMARY KEY (environment_id, hash));
        """,

        "ALTER TABLE deployment ADD COLUMN promoted_at INTEGER",

        // Services that were stopped by hand while others run on. The indexes answer what the reconcile loop asks each time.
        """
        CREATE TABLE stopped_service (
            team_id INTEGER NOT NULL REFERENCES team, environment_id INTEGER NOT NULL REFERENCES environment ON DELETE CASCADE, service TEXT NOT NULL,
            PRIMARY KEY (environment_id, service));
        CREATE INDEX deployment_open ON deployment (environment_id) WHERE outcome IS NULL;
        CREATE INDEX deployment_by_end ON deployment (environment_id, finished_at);
        """,

        // Of the server, not of a team: disks have no owner.
        """
        CREATE TABLE disk_sample (disk TEXT NOT NULL, at INTEGER NOT NULL, used INTEGER NOT NULL, PRIMARY KEY (disk, at));
        """,

        // Every deployment asks for the few releases that are kept of the many that there were.
        "CREATE INDEX release_kept ON release (environment_id, number) WHERE kept <> 0",

        "ALTER TABLE deployment ADD COLUMN promoted_step INTEGER",

        """
        CREATE TABLE project_capability (
            team_id INTEGER NOT NULL REFERENCES team, project_id INTEGER NOT NULL REFERENCES project ON DELETE CASCADE, capability TEXT NOT NULL,
            PRIMARY KEY (project_id, capability));
        """,
    ];

    internal static IReadOnlyList<string> Text => All;

    /// <summary>Tables in the order in which they were made: one refers to those before it.</summary>
    public static IReadOnlyList<string> Tables { get; } = [.. All.SelectMany(m => CreateTable().Matches(m)).Select(m => m.Groups["name"].Value)];

    /// <summary>The version that this Wherry writes.</summary>
    public static int Newest => All.Length;

    /// <summary>Brings a store up to date, under the lock that writers take.</summary>
    /// <returns>The version that it had.</returns>
    /// <exception cref="ProblemException"><c>store/newer</c>.</exception>
    public static async Task<int> ApplyAsync(Dialect dialect, WriteTransaction transaction, CancellationToken ct)
    {
        var version = await dialect.VersionAsync(transaction.Connection, transaction.Transaction, ct);
        if (version > All.Length)
        {
            throw StoreProblems.Newer(version, All.Length).AsException();
        }

        foreach (var migration in All.Skip(version))
        {
            await transaction.Connection.ExecuteAsync(new CommandDefinition(dialect.Types(migration), transaction: transaction.Transaction, cancellationToken: ct));
        }

        if (version < All.Length)
        {
            await dialect.ContinueNumbersAsync(transaction, Tables, ct);
            await dialect.SetVersionAsync(transaction, All.Length, ct);
        }

        return version;
    }

    [GeneratedRegex(@"CREATE TABLE (IF NOT EXISTS )?(?<name>\w+)")]
    private static partial Regex CreateTable();
}
