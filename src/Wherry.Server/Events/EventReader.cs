using System.Runtime.CompilerServices;
using Wherry.Client;
using Wherry.Server.Store;

namespace Wherry.Server.Events;

/// <summary>Reads a team's events, oldest first, and stays for what comes.</summary>
internal sealed class EventReader(Database database, EventLog log)
{
    private const int PageSize = 500;

    /// <summary>What is shown when nothing says how much.</summary>
    private const int Usual = 100;

    public async IAsyncEnumerable<Event> ReadAsync(TeamId team, EventQuery query, [EnumeratorCancellation] CancellationToken ct)
    {
        var left = query.Limit ?? (query.After is null && query.Since is null ? Usual : long.MaxValue);
        var after = query.After ?? await StartAsync(team, query, left, ct);
        while (true)
        {
            var written = log.NextWritten; // before the look, so that none slips in between
            var page = await PageAsync(team, query, after, (int)Math.Min(PageSize, query.Follow ? PageSize : left), ct);
            foreach (var row in page)
            {
                after = row.Id;
                left--;
                yield return row.ToContract();
            }

            if (page.Count == PageSize && (query.Follow || left > 0))
            {
                continue;
            }

            if (!query.Follow)
            {
                yield break;
            }

            await written.WaitAsync(ct);
        }
    }

    /// <summary>The id before the first of the last <paramref name="count"/>.</summary>
    private async Task<long> StartAsync(TeamId team, EventQuery query, long count, CancellationToken ct) => count == long.MaxValue ? 0
        : 1 > count ? long.MaxValue
        : (await database.For(team).FindAsync<long?>($"SELECT MIN(id) FROM (SELECT id FROM event WHERE team_id = @team{Filter(query)} ORDER BY id DESC LIMIT @count) AS newest", Bind(query, 0, count), ct) ?? 1) - 1;

    private Task<IReadOnlyList<EventRow>> PageAsync(TeamId team, EventQuery query, long after, int count, CancellationToken ct) => database.For(team).QueryAsync<EventRow>(
        $"SELECT id, at, actor, kind, project, environment, about, before, after FROM event WHERE team_id = @team AND id > @after{Filter(query)} ORDER BY id LIMIT @count", Bind(query, after, count), ct);

    private static string Filter(EventQuery query) =>
        (query.Project is null ? "" : " AND project = @project")
        + (query.Environment is null ? "" : " AND environment = @environment")
        + (query.Kind is null ? "" : " AND (kind = @kind OR kind LIKE @kinds)")
        + (query.Since is null ? "" : " AND at >= @since");

    private static object Bind(EventQuery query, long after, long count) =>
        new { after, count, project = query.Project, environment = query.Environment, kind = query.Kind, kinds = $"{query.Kind}/%", since = query.Since?.ToStore() ?? 0 };

    private sealed record EventRow(long Id, long At, string Actor, string Kind, string? Project, string? Environment, string About, string? Before, string? After)
    {
        public Event ToContract() => new(Id, At.FromStore(), Actor, Kind, Project, Environment, About, Before, After);
    }
}
