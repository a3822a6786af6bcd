using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Wherry.Server.Tests.Metrics;

/// <summary>What an OpenTelemetry collector does at its door: takes OTLP over HTTP as protobuf, and reads it.</summary>
internal sealed class Collector : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Collector(WebApplication app) => _app = app;

    public ConcurrentBag<SpanSeen> Spans { get; } = [];

    public ConcurrentBag<string> Metrics { get; } = [];

    public Uri Address => new(_app.Urls.Single());

    public static async Task<Collector> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        var collector = new Collector(builder.Build());
        collector._app.MapPost("/v1/traces", (HttpContext http) => TakeAsync(http, collector.TakeTraces));
        collector._app.MapPost("/v1/metrics", (HttpContext http) => TakeAsync(http, collector.TakeMetrics));
        await collector._app.StartAsync();
        return collector;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static async Task TakeAsync(HttpContext http, Action<byte[]> take)
    {
        Assert.Equal("application/x-protobuf", http.Request.ContentType);
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        take(body.ToArray());
        http.Response.ContentType = "application/x-protobuf";
    }

    // ExportTraceServiceRequest.resource_spans=1 / ResourceSpans.scope_spans=2 / ScopeSpans.spans=2
    private void TakeTraces(byte[] body)
    {
        foreach (var span in Fields(body, 1).SelectMany(r => Fields(r, 2)).SelectMany(s => Fields(s, 2)))
        {
            Spans.Add(new SpanSeen(
                Hex(span, 1), Hex(span, 2), Hex(span, 4), Text(span, 5),
                Fields(span, 9).ToDictionary(a => Text(a, 1), a => Fields(a, 2).Select(v => Text(v, 1)).FirstOrDefault() ?? "")));
        }
    }

    // ExportMetricsServiceRequest.resource_metrics=1 / ResourceMetrics.scope_metrics=2 / ScopeMetrics.metrics=2 / Metric.name=1
    private void TakeMetrics(byte[] body)
    {
        foreach (var metric in Fields(body, 1).SelectMany(r => Fields(r, 2)).SelectMany(s => Fields(s, 2)))
        {
            Metrics.Add(Text(metric, 1));
        }
    }

    private static string Hex(byte[] message, int field) => Convert.ToHexStringLower(Fields(message, field).FirstOrDefault() ?? []);

    private static string Text(byte[] message, int field) => Encoding.UTF8.GetString(Fields(message, field).FirstOrDefault() ?? []);

    private static List<byte[]> Fields(byte[] message, int field)
    {
        var found = new List<byte[]>();
        var input = new CodedInputStream(message);
        while (input.ReadTag() is > 0 and var tag)
        {
            if (WireFormat.GetTagFieldNumber(tag) == field && WireFormat.GetTagWireType(tag) == WireFormat.WireType.LengthDelimited)
            {
                found.Add(input.ReadBytes().ToByteArray());
            }
            else
            {
                input.SkipLastField();
            }
        }

        return found;
    }
}

/// <param name="Parent">Empty for a root.</param>
internal sealed record SpanSeen(string Trace, string Id, string Parent, string Name, IReadOnlyDictionary<string, string> Tags);
