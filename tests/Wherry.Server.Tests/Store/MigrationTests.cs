using Dapper;
using Wherry.Core.Problems;
using Wherry.Server.Store;

namespace Wherry.Server.Tests.Store;

/// <summary>A store's shape, on each database.</summary>
public abstract class MigrationTests(StoreKind kind, LivePostgres postgres) : IAsyncLifetime
{
    private TestStore _store = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _store = await TestStore.OpenAsync(kind, postgres);

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return _store.DisposeAsync();
    }

    [Fact]
    public async Task A_store_of_a_newer_Wherry_is_refused_and_left_as_it_is()
    {
        var dialect = _store.Database.Dialect;
        await _store.Database.WriteAsync(async t => { await dialect.SetVersionAsync(t, 999, Ct); return 0; }, Ct);

        var e = await Assert.ThrowsAsync<ProblemException>(() => _store.OpenAsync());

        Assert.Equal("store/newer", e.Problem.Code);
        Assert.Equal(999, await _store.Database.ReadAsync(c => dialect.VersionAsync(c, null, Ct), Ct));
    }

    [Fact]
    public async Task Opening_again_migrates_nothing_twice_and_keeps_the_rows()
    {
        await _store.Database.For(TeamId.Default).ExecuteAsync("INSERT INTO project (team_id, name, created_at) VALUES (@team, 'kept', 0)", null, Ct);

        var second = await _store.OpenAsync();

        Assert.Equal("kept", await second.For(TeamId.Default).FindAsync<string>("SELECT name FROM project WHERE team_id = @team", null, Ct));
    }

    [Fact]
    public async Task Opened_by_many_at_once_a_new_store_is_made_once()
    {
        await using var empty = await TestStore.EmptyAsync(kind, postgres);

        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(async () => await (await Database.OpenAsync(empty.Location, alone: false, Ct)).DisposeAsync(), Ct)));

        var database = await empty.OpenAsync();
        Assert.Equal(Migrations.Newest, await database.ReadAsync(c => database.Dialect.VersionAsync(c, null, Ct), Ct));
        Assert.Equal(["default"], await database.QueryAsync<string>("SELECT name FROM team", null, Ct));
    }

    [Fact]
    public async Task Every_table_belongs_to_a_team_and_none_is_missing()
    {
        var tables = await _store.Database.ReadAsync(c => _store.Database.Dialect.TablesAsync(c, null, Ct), Ct);
        Assert.Equal(Migrations.Tables.Order(), tables.Order());

        foreach (var table in tables.Where(t => t is not ("team" or "disk_sample")))
        {
            await using var connection = await _store.Database.Dialect.ConnectAsync(Ct);
            await connection.ExecuteAsync($"SELECT team_id FROM {table}");
            Assert.Contains("team_id INTEGER NOT NULL", MigrationOf(table), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Numbers_that_the_store_gives_begin_behind_those_that_it_brings()
    {
        await _store.Database.For(new TeamId(1)).ExecuteAsync("INSERT INTO team (name) SELECT 'second' WHERE @team = 1", null, Ct);

        Assert.Equal([1, 2], await _store.Database.QueryAsync<long>("SELECT id FROM team ORDER BY id", null, Ct));
    }

    private static string MigrationOf(string table)
    {
        var text = Migrations.Text.Single(m => m.Contains($"CREATE TABLE {table} ", StringComparison.Ordinal));
        var start = text.IndexOf($"CREATE TABLE {table} ", StringComparison.Ordinal);
        return text[start..text.IndexOf(';', start)];
    }

    public sealed class OnSqlite(LivePostgres postgres) : MigrationTests(StoreKind.Sqlite, postgres);

    public sealed class OnPostgres(LivePostgres postgres) : MigrationTests(StoreKind.Postgres, postgres);
}
