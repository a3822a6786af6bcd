using Wherry.Server.Store;

namespace Wherry.Server.Tests.Store;

public abstract class TeamDatabaseTests(StoreKind kind, LivePostgres postgres) : IAsyncLifetime
{
    private static readonly TeamId Other = new(2);

    private TestStore _store = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private TeamDatabase Ours => _store.Database.For(TeamId.Default);

    private TeamDatabase Theirs => _store.Database.For(Other);

    public async ValueTask InitializeAsync()
    {
        _store = await TestStore.OpenAsync(kind, postgres);
        await Theirs.ExecuteAsync("INSERT INTO team (id, name) VALUES (@team, 'other')", null, Ct);
        await AddProjectAsync(Ours, "ours");
        await AddProjectAsync(Theirs, "theirs");
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return _store.DisposeAsync();
    }

    [Fact]
    public async Task A_statement_that_does_not_mention_the_team_is_refused_before_it_runs()
    {
        const string all = "SELECT name FROM project";
        await Assert.ThrowsAsync<InvalidOperationException>(() => Ours.QueryAsync<string>(all, null, Ct));
        await Assert.ThrowsAsync<InvalidOperationException>(() => Ours.FindAsync<string>(all, null, Ct));
        await Assert.ThrowsAsync<InvalidOperationException>(() => Ours.ExecuteAsync("DELETE FROM project", null, Ct));
        await Assert.ThrowsAsync<InvalidOperationException>(() => Ours.TransactAsync(t => t.ExecuteAsync("DELETE FROM project"), Ct));
        await Assert.ThrowsAsync<InvalidOperationException>(() => Ours.TransactAsync(t => t.FindAsync<string>(all), Ct));
        await Assert.ThrowsAsync<InvalidOperationException>(() => Ours.TransactAsync(t => t.QueryAsync<string>(all), Ct));

        Assert.Equal(["ours"], await NamesAsync(Ours));
        Assert.Equal(["theirs"], await NamesAsync(Theirs));
    }

    [Fact]
    public async Task DP_19_Two_teams_never_see_or_change_each_others_rows()
    {
        Assert.Equal(["ours"], await NamesAsync(Ours));
        Assert.Null(await Ours.FindAsync<string>("SELECT name FROM project WHERE team_id = @team AND name = 'theirs'", null, Ct));

        Assert.Equal(0, await Ours.ExecuteAsync("UPDATE project SET name = 'taken' WHERE team_id = @team AND name = 'theirs'", null, Ct));
        Assert.Equal(1, await Ours.TransactAsync(t => t.ExecuteAsync("DELETE FROM project WHERE team_id = @team"), Ct));

        Assert.Equal(["theirs"], await NamesAsync(Theirs));
    }

    [Fact]
    public async Task A_caller_cannot_bind_another_team()
    {
        var names = await Ours.QueryAsync<string>("SELECT name FROM project WHERE team_id = @team", new { team = Other.Value }, Ct);

        Assert.Equal(["ours"], names);
    }

    [Fact]
    public async Task A_transaction_that_fails_leaves_nothing()
    {
        await Assert.ThrowsAsync<ArithmeticException>(() => Ours.TransactAsync<int>(
            async t =>
            {
                await t.ExecuteAsync("INSERT INTO project (team_id, name, created_at) VALUES (@team, 'half', 0)");
                throw new ArithmeticException();
            },
            Ct));

        Assert.Equal(["ours"], await NamesAsync(Ours));
    }

    [Fact]
    public async Task Transactions_that_read_and_then_write_at_once_never_lose_an_update()
    {
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(
            () => Ours.TransactAsync(
                async t =>
                {
                    var seen = await t.FindAsync<long>("SELECT created_at FROM project WHERE team_id = @team AND name = 'ours'");
                    return await t.ExecuteAsync("UPDATE project SET created_at = @next WHERE team_id = @team AND name = 'ours'", new { next = seen + 1 });
                },
                Ct),
            Ct)));

        Assert.Equal(20, await Ours.FindAsync<long>("SELECT created_at FROM project WHERE team_id = @team AND name = 'ours'", null, Ct));
    }

    private static Task<int> AddProjectAsync(TeamDatabase team, string name) =>
        team.ExecuteAsync("INSERT INTO project (team_id, name, created_at) VALUES (@team, @name, 0)", new { name }, Ct);

    private static Task<IReadOnlyList<string>> NamesAsync(TeamDatabase team) => team.QueryAsync<string>("SELECT name FROM project WHERE team_id = @team", null, Ct);

    [Fact]
    public async Task A_list_can_be_asked_for_and_yes_is_kept_as_one()
    {
        IReadOnlyList<string> names = ["ours", "nobodys"];
        Assert.Equal(["ours"], await Ours.QueryAsync<string>("SELECT name FROM project WHERE team_id = @team AND name IN @names", new { names }, Ct));
        Assert.Empty(await Ours.QueryAsync<string>("SELECT name FROM project WHERE team_id = @team AND name NOT IN @names", new { names }, Ct));
        Assert.Empty(await Ours.QueryAsync<string>("SELECT name FROM project WHERE team_id = @team AND created_at IN @times", new { times = (int[])[3, 4] }, Ct));

        await Ours.ExecuteAsync("UPDATE project SET created_at = @yes WHERE team_id = @team", new { yes = true }, Ct);

        Assert.Equal(1, await Ours.FindAsync<long>("SELECT created_at FROM project WHERE team_id = @team", null, Ct));
    }

    public sealed class OnSqlite(LivePostgres postgres) : TeamDatabaseTests(StoreKind.Sqlite, postgres);

    public sealed class OnPostgres(LivePostgres postgres) : TeamDatabaseTests(StoreKind.Postgres, postgres);
}
