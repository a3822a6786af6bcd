using System.Data.Common;
using System.Runtime.InteropServices;
using Dapper;
using Microsoft.Data.Sqlite;
using Wherry.Core.Problems;
using static SQLitePCL.raw;

namespace Wherry.Server.Store;

/// <summary>A file in the state folder. WAL and <c>synchronous=FULL</c>: what was answered is on the disk.</summary>
internal sealed class SqliteDialect(string file) : Dialect
{
    private const long LittleSpace = 1 << 20;

    /// <remarks>Without the driver's pool: a connection that it loses, on a full disk say, ends the process minutes later, from a timer (dotnet/efcore#27168, mended only in versions that do not restore here).</remarks>
    private readonly string _connection = new SqliteConnectionStringBuilder { DataSource = file, Pooling = false, DefaultTimeout = 30 }.ToString();
    private SqliteConnection? _kept;

    static SqliteDialect()
    {
        // The system's library is newer than the bundled one; where there is none, the bundled one does.
        NativeLibrary.SetDllImportResolver(typeof(SQLitePCL.SQLite3Provider_e_sqlite3).Assembly, static (name, assembly, path) =>
            name == "e_sqlite3" && NativeLibrary.TryLoad("libsqlite3.so.0", out var system) ? system : NativeLibrary.Load(name, assembly, path));
        SQLitePCL.Batteries_V2.Init();
    }

    public override bool NeedsNoLock => true;

    public override async Task<DbConnection> ConnectAsync(CancellationToken ct)
    {
        var connection = new SqliteConnection(_connection);
        await connection.OpenAsync(ct);
        try
        {
            if (_kept is null)
            {
                await connection.ExecuteAsync("PRAGMA journal_mode = WAL");
                File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
                await KeepAsync(ct);
            }

            await connection.ExecuteAsync("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON");
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public override async Task<WriteTransaction> BeginAsync(DbConnection connection, CancellationToken ct) =>
        new(connection, await connection.BeginTransactionAsync(ct), null); // SQLite's BEGIN IMMEDIATE

    public override Task<bool?> CommittedAsync(DbConnection connection, long transaction, CancellationToken ct) => throw new NotSupportedException();

    public override string Types(string migration) => migration;

    public override string Query(string sql) => sql;

    public override Task<int> VersionAsync(DbConnection connection, DbTransaction? transaction, CancellationToken ct) =>
        connection.ExecuteScalarAsync<int>(new CommandDefinition("PRAGMA user_version", transaction: transaction, cancellationToken: ct));

    public override Task SetVersionAsync(WriteTransaction transaction, int version, CancellationToken ct) =>
        transaction.Connection.ExecuteAsync(new CommandDefinition($"PRAGMA user_version = {version}", transaction: transaction.Transaction, cancellationToken: ct));

    public override async Task<IReadOnlyList<string>> TablesAsync(DbConnection connection, DbTransaction? transaction, CancellationToken ct) =>
        (await connection.QueryAsync<string>(new CommandDefinition("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'", transaction: transaction, cancellationToken: ct))).AsList();

    public override Task ContinueNumbersAsync(WriteTransaction transaction, IReadOnlyList<string> tables, CancellationToken ct) => Task.CompletedTask; // it goes on behind the largest by itself

    public override async Task<IReadOnlyList<string>> DamageAsync(DbConnection connection, bool thorough, CancellationToken ct)
    {
        var verdicts = await connection.QueryAsync<string>(new CommandDefinition(thorough ? "PRAGMA integrity_check" : "PRAGMA quick_check", cancellationToken: ct));
        var orphans = await connection.QueryAsync<(string Table, long? Row, string Parent)>(new CommandDefinition("SELECT \"table\", rowid, parent FROM pragma_foreign_key_check", cancellationToken: ct));
        return [.. verdicts.Where(v => v != "ok"), .. orphans.Select(o => $"row {o.Row} of {o.Table} belongs to a {o.Parent} that is gone")];
    }

    public override Task<DbConnection?> LockAsync(CancellationToken ct) => Task.FromResult<DbConnection?>(null);

    public override bool IsLost(Exception e) => false;

    public override Problem? Explain(Exception e) => e is not SqliteException failure ? null : failure.SqliteErrorCode switch
    {
        SQLITE_FULL => StoreProblems.DiskFull(file),
        SQLITE_ERROR when failure.Message.Contains("no transaction is active", StringComparison.Ordinal) && IsFull() => StoreProblems.DiskFull(file), // taken back by SQLite itself; the driver hides why
        SQLITE_IOERR or SQLITE_CANTOPEN when IsFull() => StoreProblems.DiskFull(file),
        SQLITE_CORRUPT or SQLITE_NOTADB => StoreProblems.Damaged(file, failure.Message),
        SQLITE_BUSY or SQLITE_LOCKED => StoreProblems.Busy(file),
        SQLITE_IOERR or SQLITE_CANTOPEN or SQLITE_READONLY or SQLITE_PERM => StoreProblems.Unreachable(file, failure.Message),
        _ => null,
    };

    public override ValueTask DisposeAsync() => _kept?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>One connection stays open: with the last one the log would be written back and taken away, at every query.</summary>
    private async Task KeepAsync(CancellationToken ct)
    {
        var kept = new SqliteConnection(_connection);
        try
        {
            await kept.OpenAsync(ct);
            await kept.ExecuteAsync("PRAGMA schema_version"); // it holds the file from its first look on
            if (Interlocked.CompareExchange(ref _kept, kept, null) is null)
            {
                return;
            }
        }
        catch
        {
            await kept.DisposeAsync();
            throw;
        }

        await kept.DisposeAsync();
    }

    private bool IsFull() => Path.GetDirectoryName(file) is { } folder && Directory.Exists(folder) && new DriveInfo(folder).AvailableFreeSpace < LittleSpace;
}
