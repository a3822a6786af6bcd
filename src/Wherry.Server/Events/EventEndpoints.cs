using System.Text.RegularExpressions;
using Wherry.Client;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Server.Access;
using Wherry.Server.Logs;

namespace Wherry.Server.Events;

/// <summary>What happened, as NDJSON: all of it, or on and on.</summary>
internal static class EventEndpoints
{
    public static void AddEvents(this IServiceCollection services) => services
        .AddSingleton<EventLog>()
        .AddSingleton<EventReader>()
        .AddHostedService<EventKeeper>();

    public static void MapEvents(this IEndpointRouteBuilder app) => app.MapGet("/api/v1/events", ReadAsync).WithTags("events").Needs(TokenScope.Read);

    private static Task ReadAsync(
        Caller caller, long? after, DateTimeOffset? since, string? project, string? environment, string? kind, int? limit, bool? follow, HttpContext context, EventReader reader, LogStreamer streamer)
    {
        var query = new EventPart(after, since, project, environment, kind, limit, follow).ToQuery();
        return streamer.SendAsync(context, ct => reader.ReadAsync(caller.Team, query, ct), ClientJson.Default.Event);
    }
}

/// <summary>Which events: the query string.</summary>
/// <param name="After">Id of an event that was sent before.</param>
/// <param name="Kind">The whole kind, or its word alone.</param>
/// <param name="Limit">Without <paramref name="After"/> the last ones; with it the first ones behind it.</param>
/// <param name="Follow">Stay for what comes.</param>
internal sealed partial record EventPart(long? After, DateTimeOffset? Since, string? Project, string? Environment, string? Kind, int? Limit, bool? Follow)
{
    /// <exception cref="ProblemException"><c>event/query</c>, or a name is wrong.</exception>
    public EventQuery ToQuery()
    {
        if (After < 0 || Limit < 0)
        {
            throw new Problem("event/query", "Events cannot be read from a negative place.", "Use `after` with the id of an event, and `limit` with how many.").AsException();
        }

        if (Kind is { } kind && !KindPattern().IsMatch(kind))
        {
            throw new Problem("event/query", $"{Problem.Quoted(kind)} is not a kind of event.", "Use a word such as deployment, or a whole kind such as deployment/finished.").AsException();
        }

        return new EventQuery
        {
            After = After,
            Since = Since,
            Project = Project is { } project ? ProjectName.Parse(project).Value : null,
            Environment = Environment is { } environment ? EnvironmentName.Parse(environment).Value : null,
            Kind = Kind,
            Limit = Limit,
            Follow = Follow ?? false,
        };
    }

    [GeneratedRegex(@"\A[a-z][a-z-]{0,39}(/[a-z][a-z-]{0,39})?\z")]
    private static partial Regex KindPattern();
}
