using Dapper;
using Microsoft.Data.Sqlite;
using Wherry.Server.Metrics;

namespace Wherry.Server.Store;

/// <summary>Every query of a request goes through here: it binds <c>@team</c>, and refuses a statement that does not mention it.</summary>
public sealed class TeamDatabase(Database database, TeamId team)
{
    public TeamId Team { get; } = team;

    public async Task<IReadOnlyList<T>> QueryAsync<T>(string sql, object? parameters, CancellationToken ct)
    {
        await using var connection = await database.ConnectAsync(ct);
        return (await connection.QueryAsync<T>(Command(sql, parameters, null, ct))).AsList();
    }

    public async Task<T?> FindAsync<T>(string sql, object? parameters, CancellationToken ct)
    {
        await using var connection = await database.ConnectAsync(ct);
        return await connection.QueryFirstOrDefaultAsync<T>(Command(sql, parameters, null, ct));
    }

    /// <returns>Rows that changed.</returns>
    public async Task<int> ExecuteAsync(string sql, object? parameters, CancellationToken ct)
    {
        ServerMeter.StoreWrites.Add(1);
        await using var connection = await database.ConnectAsync(ct);
        return await connection.ExecuteAsync(Command(sql, parameters, null, ct));
    }

    /// <summary>Runs <paramref name="work"/> in one transaction that takes the write lock at once.</summary>
    public async Task<T> TransactAsync<T>(Func<TeamTransaction, Task<T>> work, CancellationToken ct)
    {
        await using var connection = await database.ConnectAsync(ct);
        await using var transaction = (SqliteTransaction)await connection.BeginTransactionAsync(ct); // SQLite's BEGIN IMMEDIATE
        var result = await work(new TeamTransaction(this, connection, transaction, ct));
        await transaction.CommitAsync(ct);
        ServerMeter.StoreWrites.Add(1);
        return result;
    }

    internal CommandDefinition Command(string sql, object? parameters, SqliteTransaction? transaction, CancellationToken ct)
    {
        if (!sql.Contains("@team", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"This statement is not scoped by @team: {sql}");
        }

        var bound = new DynamicParameters(parameters);
        bound.Add("team", Team.Value);
        return new CommandDefinition(sql, bound, transaction, cancellationToken: ct);
    }
}

/// <summary>Statements of one transaction, scoped like those of <see cref="TeamDatabase"/>.</summary>
public sealed class TeamTransaction(TeamDatabase team, SqliteConnection connection, SqliteTransaction transaction, CancellationToken ct)
{
    public async Task<IReadOnlyList<T>> QueryAsync<T>(string sql, object? parameters = null) =>
        (await connection.QueryAsync<T>(team.Command(sql, parameters, transaction, ct))).AsList();

    public Task<T?> FindAsync<T>(string sql, object? parameters = null) =>
        connection.QueryFirstOrDefaultAsync<T>(team.Command(sql, parameters, transaction, ct));

    public Task<int> ExecuteAsync(string sql, object? parameters = null) =>
        connection.ExecuteAsync(team.Command(sql, parameters, transaction, ct));
}
