using System.Data.Common;
using Dapper;
using Wherry.Core.Problems;

namespace Wherry.Server.Store;

/// <summary>Copies a store into an empty one, of the same kind or another: all rows, in one transaction, compared before it is committed.</summary>
public static class StoreCopy
{
    /// <summary>Copies. The source is read at one moment; a target that fails stays as empty as it was.</summary>
    /// <returns>Rows by table.</returns>
    /// <exception cref="ProblemException"><c>store/not-empty</c>, <c>store/older</c>, <c>store/newer</c>, <c>store/copy-differs</c>, and what any store may say.</exception>
    public static async Task<IReadOnlyDictionary<string, long>> RunAsync(Database source, StoreLocation to, CancellationToken ct)
    {
        await StoreBackup.EnsureCurrentAsync(source, ct);
        var tables = await StoreRows.TablesAsync(source, ct);
        await using var target = new Database(to);
        await EnsureEmptyAsync(target, ct);
        return await source.ReadAsync(
            async from =>
            {
                await using var moment = await from.BeginTransactionAsync(System.Data.IsolationLevel.Serializable, ct);
                return await target.WriteAsync(into => CopyAsync(target.Dialect, from, moment, into, tables, ct), ct);
            },
            ct);
    }

    /// <summary>Looks whether a copy can be made, and makes none.</summary>
    /// <exception cref="ProblemException"><c>store/not-empty</c>, <c>store/older</c>, <c>store/newer</c>, and what any store may say.</exception>
    public static async Task CheckAsync(Database source, StoreLocation to, CancellationToken ct)
    {
        await StoreBackup.EnsureCurrentAsync(source, ct);
        await using var target = new Database(to);
        await EnsureEmptyAsync(target, ct);
    }

    private static async Task EnsureEmptyAsync(Database target, CancellationToken ct)
    {
        if (target.Location is StoreLocation.Sqlite { File: var file } && File.Exists(file) && new FileInfo(file).Length > 0)
        {
            throw NotEmpty(target.Location).AsException();
        }

        if (target.Location is StoreLocation.Postgres && await target.ReadAsync(c => target.Dialect.TablesAsync(c, null, ct), ct) is { Count: > 0 })
        {
            throw NotEmpty(target.Location).AsException();
        }
    }

    private static async Task<IReadOnlyDictionary<string, long>> CopyAsync(Dialect dialect, DbConnection from, DbTransaction moment, WriteTransaction into, IReadOnlyList<string> tables, CancellationToken ct)
    {
        await Migrations.ApplyAsync(dialect, into, ct);
        foreach (var table in tables.Reverse())
        {
            await into.Connection.ExecuteAsync(new CommandDefinition($"DELETE FROM {table}", transaction: into.Transaction, cancellationToken: ct)); // what a new store begins with
        }

        var copied = new Dictionary<string, long>();
        foreach (var table in tables)
        {
            await CopyTableAsync(from, moment, into, table, ct);
            var (there, here) = (await StoreRows.SumAsync(from, moment, table, ct), await StoreRows.SumAsync(into.Connection, into.Transaction, table, ct));
            if (there != here)
            {
                throw new Problem("store/copy-differs", $"The copy of {table} differs: {there.Rows} rows became {here.Rows}, or their contents are not the same.", "Nothing was copied, and the store is as it was. `wherry store check` says whether it can be read; please report it.").AsException();
            }

            copied[table] = here.Rows;
        }

        await dialect.ContinueNumbersAsync(into, tables, ct);
        return copied;
    }

    private static async Task CopyTableAsync(DbConnection from, DbTransaction moment, WriteTransaction into, string table, CancellationToken ct)
    {
        await using var select = from.CreateCommand();
        select.CommandText = $"SELECT * FROM {table}";
        select.Transaction = moment;
        await using var reader = await select.ExecuteReaderAsync(ct);
        await using var insert = into.Connection.CreateCommand();
        insert.Transaction = into.Transaction;
        insert.CommandText = $"INSERT INTO {table} ({string.Join(", ", Enumerable.Range(0, reader.FieldCount).Select(reader.GetName))}) VALUES ({string.Join(", ", Enumerable.Range(0, reader.FieldCount).Select(i => $"@p{i}"))})";
        while (await reader.ReadAsync(ct))
        {
            insert.Parameters.Clear();
            for (var i = 0; i < reader.FieldCount; i++)
            {
                var parameter = insert.CreateParameter();
                parameter.ParameterName = $"p{i}";
                parameter.Value = reader.GetValue(i);
                insert.Parameters.Add(parameter);
            }

            await insert.ExecuteNonQueryAsync(ct);
        }
    }

    private static Problem NotEmpty(StoreLocation location) =>
        new("store/not-empty", $"{location} is not empty: a store is only copied into an empty one.", location is StoreLocation.Sqlite ? "Name a file that is not there yet, or move that one away." : "Make a new database (`createdb`), or drop what is in that one if nobody needs it.");
}
