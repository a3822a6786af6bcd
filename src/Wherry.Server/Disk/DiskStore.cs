using Dapper;
using Wherry.Core.Disk;
using Wherry.Server.Store;

namespace Wherry.Server.Disk;

/// <summary>How full the disks were, an entry an hour. For the loop that watches them.</summary>
internal sealed class DiskStore(Database database)
{
    public async Task<IReadOnlyList<DiskSample>> SamplesAsync(string disk, DateTimeOffset since, CancellationToken ct)
    {
        await using var connection = await database.ConnectAsync(ct);
        var rows = await connection.QueryAsync<(long At, long Used)>(new CommandDefinition("SELECT at, used FROM disk_sample WHERE disk = @disk AND at >= @since ORDER BY at", new { disk, since = since.ToStore() }, cancellationToken: ct));
        return [.. rows.Select(r => new DiskSample(r.At.FromStore(), r.Used))];
    }

    public async Task AddAsync(string disk, DiskSample sample, DateTimeOffset keepFrom, CancellationToken ct)
    {
        await using var connection = await database.ConnectAsync(ct);
        await connection.ExecuteAsync(new CommandDefinition(
            "INSERT INTO disk_sample (disk, at, used) VALUES (@disk, @at, @used) ON CONFLICT (disk, at) DO NOTHING", new { disk, at = sample.At.ToStore(), used = sample.UsedBytes }, cancellationToken: ct));
        await connection.ExecuteAsync(new CommandDefinition("DELETE FROM disk_sample WHERE at < @keepFrom", new { keepFrom = keepFrom.ToStore() }, cancellationToken: ct));
    }
}
