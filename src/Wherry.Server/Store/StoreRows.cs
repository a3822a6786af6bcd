using System.Buffers.Binary;
using System.Data.Common;
using System.Security.Cryptography;
using System.Text;

namespace Wherry.Server.Store;

/// <summary>Rows as values, whatever database they are in.</summary>
internal static class StoreRows
{
    /// <summary>Wherry's tables, one behind those that it refers to.</summary>
    public static async Task<IReadOnlyList<string>> TablesAsync(Database database, CancellationToken ct)
    {
        var there = await database.ReadAsync(c => database.Dialect.TablesAsync(c, null, ct), ct);
        return [.. Migrations.Tables.Where(there.Contains)];
    }

    /// <summary>Number and checksum of a table's rows; their order makes no difference, for no two are the same.</summary>
    public static async Task<TableSum> SumAsync(DbConnection connection, DbTransaction? transaction, string table, CancellationToken ct)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = $"SELECT * FROM {table}";
        command.Transaction = transaction;
        await using var reader = await command.ExecuteReaderAsync(ct);
        var columns = Enumerable.Range(0, reader.FieldCount).OrderBy(reader.GetName, StringComparer.Ordinal).ToList();
        var sum = new byte[SHA256.HashSizeInBytes];
        long rows = 0;
        using var row = new MemoryStream();
        while (await reader.ReadAsync(ct))
        {
            row.SetLength(0);
            foreach (var column in columns)
            {
                Write(row, reader.GetName(column));
                Write(row, reader.GetValue(column));
            }

            var hash = SHA256.HashData(row.GetBuffer().AsSpan(0, (int)row.Length));
            for (var i = 0; i < sum.Length; i++)
            {
                sum[i] ^= hash[i];
            }

            rows++;
        }

        return new TableSum(rows, Convert.ToHexStringLower(sum));
    }

    private static void Write(MemoryStream row, object value)
    {
        (byte Kind, byte[] Bytes) kept = value switch
        {
            DBNull => (0, []),
            long number => (1, Number(number)),
            string text => (2, Encoding.UTF8.GetBytes(text)),
            byte[] blob => (3, blob),
            double real => (4, Number(BitConverter.DoubleToInt64Bits(real))),
            _ => throw new InvalidOperationException($"A store has no values of {value.GetType()}."),
        };
        row.WriteByte(kept.Kind);
        row.Write(Number(kept.Bytes.Length));
        row.Write(kept.Bytes);
    }

    private static byte[] Number(long number)
    {
        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        return bytes;
    }
}

internal sealed record TableSum(long Rows, string Checksum);
