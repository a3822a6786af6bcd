using Dapper;
using Wherry.Core.Disk;
using Wherry.Server.Store;

namespace Wherry.Server.Disk;

/// <summary>How full the disks were, an entry an hour. For the loop that watches them.</summary>
internal sealed class DiskStore(Database database)
{
    public async Task<IReadOnlyList<DiskSample>> SamplesAsync(string disk, DateTimeOffset since, CancellationToken ct)
    {
        var rows = await database.QueryAsync<(long At, long Used)>("SELECT at, used FROM disk_sample WHERE disk = @disk AND at >= @since ORDER BY at", new { disk, since = since.ToStore() }, ct);
        return [.. rows.Select(r => new DiskSample(r.At.FromStore(), r.Used))];
    }

    public Task AddAsync(string disk, DiskSample sample, DateTimeOffset keepFrom, CancellationToken ct) => database.WriteAsync(
        t => t.Connection.ExecuteAsync(new CommandDefinition(
            "INSERT INTO disk_sample (disk, at, used) VALUES (@disk, @at, @used) ON CONFLICT (disk, at) DO NOTHING; DELETE FROM disk_sample WHERE at < @keepFrom",
            new { disk, at = sample.At.ToStore(), used = sample.UsedBytes, keepFrom = keepFrom.ToStore() }, t.Transaction, cancellationToken: ct)),
        ct);
}
