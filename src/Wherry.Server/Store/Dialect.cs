using System.Data.Common;
using Dapper;
using Microsoft.Data.Sqlite;
using Wherry.Core.Problems;

namespace Wherry.Server.Store;

/// <summary>All that SQLite and PostgreSQL do differently. Queries are the same text on both.</summary>
internal abstract class Dialect : IAsyncDisposable
{
    public static Dialect Of(StoreLocation location) => location switch
    {
        StoreLocation.Sqlite sqlite => new SqliteDialect(sqlite.File),
        StoreLocation.Postgres postgres => new PostgresDialect(postgres),
        _ => throw new ArgumentOutOfRangeException(nameof(location)),
    };

    public abstract Task<DbConnection> ConnectAsync(CancellationToken ct);

    /// <summary>Begins to write, alone: the others wait.</summary>
    public abstract Task<WriteTransaction> BeginAsync(DbConnection connection, CancellationToken ct);

    /// <summary>What became of a transaction whose end nobody heard of; <see langword="null"/> while it is still being decided.</summary>
    public abstract Task<bool?> CommittedAsync(DbConnection connection, long transaction, CancellationToken ct);

    /// <summary>A migration's text with this database's types.</summary>
    public abstract string Types(string migration);

    /// <summary>A query as this database has it.</summary>
    public abstract string Query(string sql);

    /// <summary>How many migrations the store has seen; 0 when there is none yet.</summary>
    public abstract Task<int> VersionAsync(DbConnection connection, DbTransaction? transaction, CancellationToken ct);

    public abstract Task SetVersionAsync(WriteTransaction transaction, int version, CancellationToken ct);

    /// <summary>Names of all tables, whoever made them.</summary>
    public abstract Task<IReadOnlyList<string>> TablesAsync(DbConnection connection, DbTransaction? transaction, CancellationToken ct);

    /// <summary>Numbers that are given by the database go on behind those that are there.</summary>
    public abstract Task ContinueNumbersAsync(WriteTransaction transaction, IReadOnlyList<string> tables, CancellationToken ct);

    /// <summary>What is broken, a line each.</summary>
    /// <param name="thorough">Takes longer, and finds everything.</param>
    public abstract Task<IReadOnlyList<string>> DamageAsync(DbConnection connection, bool thorough, CancellationToken ct);

    /// <summary>The store is inside a home, whose own lock is enough.</summary>
    public abstract bool NeedsNoLock { get; }

    /// <summary>Makes sure that no other server works on this store until what is returned is disposed.</summary>
    /// <returns><see langword="null"/> where no lock is needed.</returns>
    /// <exception cref="ProblemException"><c>store/in-use</c>.</exception>
    public abstract Task<DbConnection?> LockAsync(CancellationToken ct);

    /// <summary>The store could not be reached, or went away; the same may work in a moment, and nothing was committed.</summary>
    public abstract bool IsLost(Exception e);

    /// <summary>The problem behind a failure; <see langword="null"/> for one that should not happen.</summary>
    public abstract Problem? Explain(Exception e);

    public abstract ValueTask DisposeAsync();
}

/// <summary>A transaction that writes.</summary>
/// <param name="Id">To ask by when the answer to its commit was lost; <see langword="null"/> where it cannot be.</param>
internal sealed record WriteTransaction(DbConnection Connection, DbTransaction Transaction, long? Id) : IAsyncDisposable
{
    public async ValueTask DisposeAsync()
    {
        try
        {
            await Transaction.DisposeAsync();
        }
        catch (SqliteException)
        {
            // SQLite took everything back by itself when the disk was full. The driver insists on a rollback, here and when the
            // connection is closed, so it gets one: what failed first is what is told, and the connection is good again.
            await Connection.ExecuteAsync("BEGIN", transaction: Transaction);
            await Transaction.DisposeAsync();
        }
    }
}
