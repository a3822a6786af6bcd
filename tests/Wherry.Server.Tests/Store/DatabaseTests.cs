using Dapper;
using Wherry.Server.Store;

namespace Wherry.Server.Tests.Store;

/// <summary>What is special about the SQLite file.</summary>
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
        await using var connection = await database.Dialect.ConnectAsync(Ct);
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
            await using var connection = await database.Dialect.ConnectAsync(Ct);
            Assert.Equal("wal", await connection.ExecuteScalarAsync<string>("PRAGMA journal_mode"));
            Assert.Equal(2, await connection.ExecuteScalarAsync<int>("PRAGMA synchronous")); // FULL
            Assert.Equal(1, await connection.ExecuteScalarAsync<int>("PRAGMA foreign_keys"));
        }
    }
}
