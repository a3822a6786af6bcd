using System.Data.Common;
using Wherry.Client;
using Wherry.Core.Metrics;
using Wherry.Core.Problems;
using Wherry.Server.Access;
using Wherry.Server.Deployments;

namespace Wherry.Server.Metrics;

/// <summary>Numbers for Prometheus: the server's own, and those of the edge, which has no address of its own for them.</summary>
internal static class MetricsEndpoints
{
    public static void AddMetricsPage(this IServiceCollection services) => services
        .AddSingleton<ServerNumbers>()
        .AddSingleton<MeterBook>()
        .AddHostedService<MetricsStart>();

    public static void MapMetrics(this IEndpointRouteBuilder app)
    {
        app.MapGet("/metrics", ServerAsync).ExcludeFromDescription().Needs(TokenScope.Read);
        app.MapGet("/metrics/edge", EdgeAsync).ExcludeFromDescription().Needs(TokenScope.Read);
    }

    private static async Task ServerAsync(HttpContext context, ServerNumbers numbers, MeterBook book, CancellationToken ct)
    {
        await numbers.RefreshAsync(ct);
        var text = new PrometheusText();
        book.Write(text);
        ProcessNumbers.Write(text);
        await AnswerAsync(context, text.ToString(), ct);
    }

    private static async Task EdgeAsync(HttpContext context, EdgeClient edge, CancellationToken ct) => await AnswerAsync(context, await edge.MetricsAsync(ct), ct);

    private static Task AnswerAsync(HttpContext context, string text, CancellationToken ct)
    {
        context.Response.ContentType = PrometheusText.ContentType;
        return context.Response.WriteAsync(text, ct);
    }
}

/// <summary>Counts from the start on, not from the first time that somebody looks; and keeps the gauges fresh for OTLP, which does not ask.</summary>
internal sealed partial class MetricsStart(MeterBook book, ServerNumbers numbers, TimeProvider time, ILogger<MetricsStart> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        _ = book;
        if (!OtlpExport.IsAsked)
        {
            return;
        }

        using var timer = new PeriodicTimer(Every, time);
        do
        {
            try
            {
                await numbers.RefreshAsync(stoppingToken);
            }
            catch (Exception e) when (e is DbException or ProblemException)
            {
                LogStale(e);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Numbers could not be looked up; what is sent is old")]
    private partial void LogStale(Exception exception);
}
