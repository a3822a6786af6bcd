using System.Data.Common;
using Dapper;
using Wherry.Server.Metrics;

namespace Wherry.Server.Store;

/// <summary>Every query of a request goes through here: it binds <c>@team</c>, and refuses a statement that does not mention it.</summary>
public sealed class TeamDatabase(Database database, TeamId team)
{
    public TeamId Team { get; } = team;

    public Task<IReadOnlyList<T>> QueryAsync<T>(string sql, object? parameters, CancellationToken ct) => Writes(sql)
        ? TransactAsync(t => t.QueryAsync<T>(sql, parameters), ct)
        : database.ReadAsync<IReadOnlyList<T>>(async c => (await c.QueryAsync<T>(Command(sql, parameters, null, ct))).AsList(), ct);

    public Task<T?> FindAsync<T>(string sql, object? parameters, CancellationToken ct) => Writes(sql)
        ? TransactAsync(t => t.FindAsync<T>(sql, parameters), ct)
        : database.ReadAsync(c => c.QueryFirstOrDefaultAsync<T>(Command(sql, parameters, null, ct)), ct);

    /// <returns>Rows that changed.</returns>
    public Task<int> ExecuteAsync(string sql, object? parameters, CancellationToken ct) => TransactAsync(t => t.ExecuteAsync(sql, parameters), ct);

    /// <summary>Runs <paramref name="work"/> in one transaction, alone among those that write.</summary>
    /// <param name="work">Runs again when the connection breaks: it changes nothing outside of the store.</param>
    /// <param name="ct">Cancels it; nothing is changed then.</param>
    public Task<T> TransactAsync<T>(Func<TeamTransaction, Task<T>> work, CancellationToken ct)
    {
        ServerMeter.StoreWrites.Add(1);
        return database.WriteAsync(t => work(new TeamTransaction(this, t.Connection, t.Transaction, ct)), ct);
    }

    internal CommandDefinition Command(string sql, object? parameters, DbTransaction? transaction, CancellationToken ct)
    {
        if (!sql.Contains("@team", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"This statement is not scoped by @team: {sql}");
        }

        var bound = new DynamicParameters(parameters);
        bound.Add("team", Team.Value);
        return new CommandDefinition(database.Dialect.Query(sql), bound, transaction, cancellationToken: ct);
    }

    private static bool Writes(string sql) => !sql.AsSpan().TrimStart().StartsWith("SELECT", StringComparison.OrdinalIgnoreCase);
}

/// <summary>Statements of one transaction, scoped like those of <see cref="TeamDatabase"/>.</summary>
public sealed class TeamTransaction(TeamDatabase team, DbConnection connection, DbTransaction transaction, CancellationToken ct)
{
    public async Task<IReadOnlyList<T>> QueryAsync<T>(string sql, object? parameters = null) =>
        (await connection.QueryAsync<T>(team.Command(sql, parameters, transaction, ct))).AsList();

    public Task<T?> FindAsync<T>(string sql, object? parameters = null) =>
        connection.QueryFirstOrDefaultAsync<T>(team.Command(sql, parameters, transaction, ct));

    public Task<int> ExecuteAsync(string sql, object? parameters = null) =>
        connection.ExecuteAsync(team.Command(sql, parameters, transaction, ct));
}
