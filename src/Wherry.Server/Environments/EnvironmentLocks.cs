using Wherry.Client;
using Wherry.Core.Problems;
using Wherry.Server.Store;

namespace Wherry.Server.Environments;

/// <summary>Locks of environments, of two strengths: one that holds back pushes only, and one that holds back every change.</summary>
internal sealed class EnvironmentLocks(Database database, TimeProvider time)
{
    private const string Find = "SELECT scope, holder, message, since FROM environment_lock WHERE team_id = @team AND environment_id = @id";

    public async Task<EnvironmentLock?> FindAsync(EnvironmentRef environment, CancellationToken ct) =>
        (await database.For(environment.Team).FindAsync<LockRow>(Find, new { id = environment.Id }, ct))?.ToContract();

    /// <summary>Refuses a change while the environment is locked for all of them.</summary>
    /// <exception cref="ProblemException"><c>environment/locked</c>.</exception>
    public async Task CheckAsync(EnvironmentRef environment, CancellationToken ct)
    {
        if (await FindAsync(environment, ct) is { Scope: LockScope.Everything } found)
        {
            throw Refusal(environment, found);
        }
    }

    /// <summary>Takes the lock. One for pushes is made stronger, but nobody's lock is taken over.</summary>
    /// <exception cref="ProblemException"><c>environment/locked</c> naming who holds it.</exception>
    public async Task<EnvironmentLock> TakeAsync(EnvironmentRef environment, string holder, string? message, LockScope scope, CancellationToken ct)
    {
        var (taken, row) = await database.For(environment.Team).TransactAsync(async t => (await InsertAsync(t, environment, holder, message, scope, time.GetUtcNow()), await t.FindAsync<LockRow>(Find, new { id = environment.Id })), ct);
        return taken ? row!.ToContract() : throw Refusal(environment, row!.ToContract());
    }

    /// <returns>The lock that was ended; <see langword="null"/> when there was none.</returns>
    public async Task<EnvironmentLock?> ReleaseAsync(EnvironmentRef environment, CancellationToken ct) => (await database.For(environment.Team).FindAsync<LockRow>(
        "DELETE FROM environment_lock WHERE team_id = @team AND environment_id = @id RETURNING scope, holder, message, since", new { id = environment.Id }, ct))?.ToContract();

    /// <summary>Refuses in the transaction that queues a deployment, so that nothing slips in beside a lock.</summary>
    /// <param name="t">The transaction.</param>
    /// <param name="environment">Where.</param>
    /// <param name="pushed">It comes from a push.</param>
    internal static async Task RefuseAsync(TeamTransaction t, EnvironmentRef environment, bool pushed)
    {
        if ((await t.FindAsync<LockRow>(Find, new { id = environment.Id }))?.ToContract() is { } found && (pushed || found.Scope == LockScope.Everything))
        {
            throw Refusal(environment, found);
        }
    }

    /// <summary>Holds back pushes, unless a lock does so already.</summary>
    internal static Task HoldPushesAsync(TeamTransaction t, EnvironmentRef environment, string holder, string message, DateTimeOffset now) =>
        InsertAsync(t, environment, holder, message, LockScope.Pushes, now);

    private static async Task<bool> InsertAsync(TeamTransaction t, EnvironmentRef environment, string holder, string? message, LockScope scope, DateTimeOffset now) => await t.ExecuteAsync(
        """
        INSERT INTO environment_lock (environment_id, team_id, scope, holder, message, since) VALUES (@id, @team, @scope, @holder, @message, @now)
        ON CONFLICT (environment_id) DO UPDATE SET scope = excluded.scope, holder = excluded.holder, message = excluded.message, since = excluded.since
        WHERE environment_lock.scope = 'Pushes' AND excluded.scope = 'Everything'
        """,
        new { id = environment.Id, scope = scope.ToString(), holder, message, now = now.ToStore() }) == 1;

    internal static ProblemException Refusal(EnvironmentRef environment, EnvironmentLock held) => new Problem(
        "environment/locked",
        $"{environment} is locked by {held.Holder} since {held.Since:u}{(held.Message is { } message ? $": {message}" : "")}.",
        $"Ask {held.Holder}, then end it: `wherry unlock -p {environment.Project} -e {environment.Name}`.").AsException();

    private sealed record LockRow(string Scope, string Holder, string? Message, long Since)
    {
        public EnvironmentLock ToContract() => new(Enum.Parse<LockScope>(Scope), Holder, Message, Since.FromStore());
    }
}
