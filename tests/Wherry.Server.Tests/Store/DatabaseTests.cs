using Dapper;
using Wherry.Core.Problems;
using Wherry.Server.Store;

namespace Wherry.Server.Tests.Store;

public sealed class DatabaseTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("wherry-test-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string DatabaseFile => Path.Combine(_folder, "wherry.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_file_is_for_its_owner_alone_and_so_are_the_files_beside_it()
    {
        var database = await Database.OpenAsync(DatabaseFile, Ct);
        await using var connection = await database.ConnectAsync(Ct);
        await connection.ExecuteAsync("UPDATE team SET name = 'x'");

        Assert.All(Directory.GetFiles(_folder), f => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(f)));
        Assert.Contains(Directory.GetFiles(_folder), f => f.EndsWith("-wal", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Every_connection_writes_ahead_syncs_fully_and_keeps_references()
    {
        var database = await Database.OpenAsync(DatabaseFile, Ct);
        for (var i = 0; i < 3; i++)
        {
            await using var connection = await database.ConnectAsync(Ct);
            Assert.Equal("wal", await connection.ExecuteScalarAsync<string>("PRAGMA journal_mode"));
            Assert.Equal(2, await connection.ExecuteScalarAsync<int>("PRAGMA synchronous")); // FULL
            Assert.Equal(1, await connection.ExecuteScalarAsync<int>("PRAGMA foreign_keys"));
        }
    }

    [Fact]
    public async Task A_store_of_a_newer_Wherry_is_refused_and_left_as_it_is()
    {
        var database = await Database.OpenAsync(DatabaseFile, Ct);
        await using (var connection = await database.ConnectAsync(Ct))
        {
            await connection.ExecuteAsync("PRAGMA user_version = 999");
        }

        var e = await Assert.ThrowsAsync<ProblemException>(() => Database.OpenAsync(DatabaseFile, Ct));

        Assert.Equal("store/newer", e.Problem.Code);
        await using var after = await database.ConnectAsync(Ct);
        Assert.Equal(999, await after.ExecuteScalarAsync<int>("PRAGMA user_version"));
    }

    [Fact]
    public async Task Opening_again_migrates_nothing_twice_and_keeps_the_rows()
    {
        var first = await Database.OpenAsync(DatabaseFile, Ct);
        await first.For(TeamId.Default).ExecuteAsync("INSERT INTO project (team_id, name, created_at) VALUES (@team, 'kept', 0)", null, Ct);

        var second = await Database.OpenAsync(DatabaseFile, Ct);

        Assert.Equal("kept", await second.For(TeamId.Default).FindAsync<string>("SELECT name FROM project WHERE team_id = @team", null, Ct));
    }

    [Fact]
    public async Task Every_table_belongs_to_a_team()
    {
        var database = await Database.OpenAsync(DatabaseFile, Ct);
        await using var connection = await database.ConnectAsync(Ct);
        var tables = (await connection.QueryAsync<string>("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'team'")).ToList();
        Assert.NotEmpty(tables);

        foreach (var table in tables)
        {
            Assert.True(await connection.ExecuteScalarAsync<bool>("SELECT count(*) FROM pragma_table_info(@table) WHERE name = 'team_id' AND \"notnull\"", new { table }), $"{table} has no team");
        }
    }
}
