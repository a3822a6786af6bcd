using System.Runtime.InteropServices;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Wherry.Server.Store;

/// <summary>The SQLite file behind everything the server keeps. WAL and <c>synchronous=FULL</c>: what was answered is on the disk.</summary>
public sealed class Database
{
    private readonly string _connection;

    private Database(string connection) => _connection = connection;

    static Database()
    {
        // The system's library is newer than the bundled one; where there is none, the bundled one does.
        NativeLibrary.SetDllImportResolver(typeof(SQLitePCL.SQLite3Provider_e_sqlite3).Assembly, static (name, assembly, path) =>
            name == "e_sqlite3" && NativeLibrary.TryLoad("libsqlite3.so.0", out var system) ? system : NativeLibrary.Load(name, assembly, path));
        SQLitePCL.Batteries_V2.Init();
    }

    /// <summary>Opens the store, making or migrating it first.</summary>
    /// <exception cref="Core.Problems.ProblemException"><c>store/newer</c> when a newer Wherry wrote it.</exception>
    public static async Task<Database> OpenAsync(string file, CancellationToken ct)
    {
        var database = new Database(new SqliteConnectionStringBuilder { DataSource = file, Pooling = true, DefaultTimeout = 30 }.ToString());
        await using var connection = await database.ConnectAsync(ct);
        await connection.ExecuteAsync("PRAGMA journal_mode = WAL");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await Migrations.ApplyAsync(connection, ct);
        return database;
    }

    /// <summary>The team's rows, and no others.</summary>
    public TeamDatabase For(TeamId team) => new(this, team);

    /// <summary>A connection for queries over all teams: start-up and background loops only; requests go through <see cref="For"/>.</summary>
    public async Task<SqliteConnection> ConnectAsync(CancellationToken ct)
    {
        var connection = new SqliteConnection(_connection);
        await connection.OpenAsync(ct);
        await connection.ExecuteAsync("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON");
        return connection;
    }
}
