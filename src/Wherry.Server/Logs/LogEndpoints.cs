using Microsoft.AspNetCore.Mvc;
using Wherry.Client;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Server.Access;

namespace Wherry.Server.Logs;

internal static class LogEndpoints
{
    /// <param name="options">Default: <see cref="LogOptions"/>' own defaults.</param>
    public static IServiceCollection AddLogs(this IServiceCollection services, LogOptions? options = null) => services
        .AddSingleton(options ?? new LogOptions())
        .AddSingleton<LogStore>()
        .AddSingleton<LogStreamer>()
        .AddSingleton<LogSources>()
        .AddSingleton<ReplicaMasks>()
        .AddHostedService<LogRetention>()
        .AddHostedService<ReplicaLogCollector>();

    public static void MapLogs(this IEndpointRouteBuilder app)
    {
        var logs = app.MapGroup("/api/v1").WithTags("logs").Needs(TokenScope.Read);
        logs.MapGet("/deployments/{id}/log", DeploymentAsync);
        logs.MapGet("/projects/{project}/environments/{environment}/logs", (Caller caller, string project, string environment, [AsParameters] LogPart part, HttpContext context, [FromServices] LogSources sources) =>
            ReplicasAsync(caller, project, environment, null, part, context, sources));
        logs.MapGet("/projects/{project}/environments/{environment}/services/{service}/logs", ReplicasAsync);
    }

    private static async Task DeploymentAsync(Caller caller, string id, [AsParameters] LogPart part, HttpContext context, [FromServices] LogSources sources)
    {
        var query = part.ToQuery();
        var (lease, ended) = await sources.DeploymentAsync(caller.Team, id, context.RequestAborted);
        using (lease)
        {
            // A deployment that ended without its log being ended (the server was killed between the two) has no more lines to wait for.
            await sources.Streamer.SendAsync(context, lease.Log, null, ended && !lease.HasWriter ? query with { Follow = false } : query);
        }
    }

    private static async Task ReplicasAsync(Caller caller, string project, string environment, string? service, [AsParameters] LogPart part, HttpContext context, [FromServices] LogSources sources)
    {
        var query = part.ToQuery();
        var filter = service is null ? null : ServiceName.Parse(service).Value;
        using var lease = await sources.ReplicasAsync(caller.Team, project, environment, context.RequestAborted);
        await sources.Streamer.SendAsync(context, lease.Log, filter, query);
    }
}

/// <summary>Which part of a log: the query string of every log address.</summary>
/// <param name="From">Offset of a line that was sent before; wins over the others.</param>
/// <param name="Tail">Only the last lines.</param>
/// <param name="Follow">Stay for what comes.</param>
internal sealed record LogPart(long? From, DateTimeOffset? Since, int? Tail, bool? Follow)
{
    /// <exception cref="ProblemException"><c>log/query</c>.</exception>
    public LogQuery ToQuery() => From < 0 || Tail < 0
        ? throw new Problem("log/query", "A log cannot be read from a negative place.", "Use `from` with an offset that a line was sent with, or `tail` with a number of lines.").AsException()
        : new LogQuery { From = From, Since = Since, Tail = Tail, Follow = Follow ?? false };
}
