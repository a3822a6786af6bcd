using System.Data.Common;
using Dapper;
using Wherry.Core.Problems;

namespace Wherry.Server.Store;

/// <summary>Everything the server keeps, in SQLite or PostgreSQL. What was answered is on the disk.</summary>
/// <remarks>Work that the loss of a connection cuts off is repeated, never done twice: what became of a transaction whose end was not heard is asked.</remarks>
public sealed class Database : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private DbConnection? _lock;

    internal Database(StoreLocation location) => (Location, Dialect) = (location, Dialect.Of(location));

    static Database()
    {
        SqlMapper.RemoveTypeMap(typeof(bool));
        SqlMapper.RemoveTypeMap(typeof(bool?));
        SqlMapper.AddTypeHandler(new BooleanAsInteger());
    }

    public StoreLocation Location { get; }

    /// <summary>How long a store that went away is waited for. Default 20 s: it may restart without anybody noticing.</summary>
    internal TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(20);

    internal Dialect Dialect { get; }

    /// <summary>A store as it is: nothing is made or migrated.</summary>
    public static Database At(StoreLocation location) => new(location);

    /// <summary>Opens the store in this file, making or migrating it first.</summary>
    /// <exception cref="ProblemException"><c>store/newer</c> when a newer Wherry wrote it.</exception>
    public static Task<Database> OpenAsync(string file, CancellationToken ct) => OpenAsync(new StoreLocation.Sqlite(file), alone: false, ct);

    /// <summary>Opens a store, making or migrating it first.</summary>
    /// <param name="location">Where it is.</param>
    /// <param name="alone">No other server may work on it until this is disposed.</param>
    /// <param name="ct">Cancels the opening.</param>
    /// <exception cref="ProblemException"><c>store/newer</c> when a newer Wherry wrote it, <c>store/in-use</c>, <c>store/unreachable</c>, <c>store/refused</c>.</exception>
    public static async Task<Database> OpenAsync(StoreLocation location, bool alone, CancellationToken ct)
    {
        var database = new Database(location);
        try
        {
            if (alone)
            {
                await database.LockAsync(ct);
            }

            await database.WriteAsync(t => Migrations.ApplyAsync(database.Dialect, t, ct), ct);
            return database;
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    /// <summary>The team's rows, and no others.</summary>
    public TeamDatabase For(TeamId team) => new(this, team);

    /// <summary>Rows over all teams: start-up and background loops only; requests go through <see cref="For"/>.</summary>
    public Task<IReadOnlyList<T>> QueryAsync<T>(string sql, object? parameters, CancellationToken ct) =>
        ReadAsync<IReadOnlyList<T>>(async c => (await c.QueryAsync<T>(new CommandDefinition(Dialect.Query(sql), parameters, cancellationToken: ct))).AsList(), ct);

    /// <summary>Takes the store for this server alone, or takes it again after the connection that held it broke.</summary>
    internal async Task<DbConnection?> LockAsync(CancellationToken ct)
    {
        if (_lock is not null)
        {
            await _lock.DisposeAsync();
        }

        return _lock = await PatientlyAsync(() => Dialect.LockAsync(ct), ct);
    }

    /// <summary>The connection that holds the lock is alive.</summary>
    internal async Task<bool> HoldsLockAsync(CancellationToken ct)
    {
        try
        {
            return Dialect.NeedsNoLock || (_lock is not null && await _lock.ExecuteScalarAsync<int>(new CommandDefinition("SELECT 1", cancellationToken: ct)) == 1);
        }
        catch (Exception e) when (e is DbException or InvalidOperationException)
        {
            return false;
        }
    }

    internal Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> read, CancellationToken ct) => PatientlyAsync(
        async () =>
        {
            await using var connection = await Dialect.ConnectAsync(ct);
            return await read(connection);
        },
        ct);

    /// <param name="write">Runs again when the connection breaks before the commit: it changes nothing outside of the store.</param>
    internal Task<T> WriteAsync<T>(Func<WriteTransaction, Task<T>> write, CancellationToken ct) => PatientlyAsync(
        async () =>
        {
            await using var connection = await Dialect.ConnectAsync(ct);
            await using var transaction = await Dialect.BeginAsync(connection, ct);
            var result = await write(transaction);
            try
            {
                await transaction.Transaction.CommitAsync(ct);
            }
            catch (Exception e) when (Dialect.IsLost(e) && transaction.Id is not null)
            {
                if (!await CommittedAsync(transaction.Id.Value, ct))
                {
                    throw;
                }
            }

            return result;
        },
        ct);

    public async ValueTask DisposeAsync()
    {
        if (_lock is not null)
        {
            await _lock.DisposeAsync();
        }

        await Dialect.DisposeAsync();
    }

    private async Task<bool> CommittedAsync(long transaction, CancellationToken ct)
    {
        while (true)
        {
            if (await ReadAsync(c => Dialect.CommittedAsync(c, transaction, ct), ct) is { } committed)
            {
                return committed;
            }

            await Task.Delay(FirstPause, TimeProvider.System, ct);
        }
    }

    private async Task<T> PatientlyAsync<T>(Func<Task<T>> work, CancellationToken ct)
    {
        var start = TimeProvider.System.GetTimestamp();
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                return await work();
            }
            catch (Exception e) when (Dialect.IsLost(e) && TimeProvider.System.GetElapsedTime(start) < Patience)
            {
                await Task.Delay(pause, TimeProvider.System, ct);
            }
            catch (Exception e) when (Dialect.Explain(e) is { } problem)
            {
                throw problem.AsException(e);
            }
        }
    }
}
