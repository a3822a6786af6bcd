using System.Globalization;

namespace Wherry.Client;

public sealed partial class WherryClient
{
    /// <summary>What happened, oldest first.</summary>
    public IAsyncEnumerable<Event> EventsAsync(EventQuery query, CancellationToken cancellationToken) => LinesAsync($"/api/v1/events{Text(query)}", J.Event, cancellationToken);

    private static string Text(EventQuery query)
    {
        (string Name, string? Value)[] parts =
        [
            ("after", query.After?.ToString(CultureInfo.InvariantCulture)),
            ("since", query.Since?.ToString("O", CultureInfo.InvariantCulture)),
            ("project", query.Project),
            ("environment", query.Environment),
            ("kind", query.Kind),
            ("limit", query.Limit?.ToString(CultureInfo.InvariantCulture)),
            ("follow", query.Follow ? "true" : null),
        ];
        return "?" + string.Join('&', parts.Where(p => p.Value is not null).Select(p => $"{p.Name}={Uri.EscapeDataString(p.Value!)}"));
    }
}
