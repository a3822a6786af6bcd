using System.Buffers;
using System.IO.Pipelines;
using System.Text.Encodings.Web;
using System.Text.Json;
using Wherry.Client;

namespace Wherry.Server.Logs;

/// <summary>Sends a log as NDJSON: one <see cref="LogLine"/> per line, an empty line now and then to keep the connection alive.</summary>
internal sealed class LogStreamer(LogOptions options, TimeProvider time, IHostApplicationLifetime lifetime)
{
    private const int FlushBytes = 32 << 10;

    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Sends until the log's end, the caller's leaving or the server's stop.</summary>
    public async Task SendAsync(HttpContext context, SegmentLog log, string? service, LogQuery query)
    {
        context.Response.ContentType = "application/x-ndjson";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            await SendAsync(context.Response.BodyWriter, new SegmentReader(log, service, time).ReadAsync(query, stop.Token), stop.Token);
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // The stream ends; the caller goes on at its offset with the next server.
        }
    }

    private async Task SendAsync(PipeWriter output, IAsyncEnumerable<LogLine> lines, CancellationToken ct)
    {
        await using var json = new Utf8JsonWriter(output, Json);
        await using var reader = lines.GetAsyncEnumerator(ct);
        while (true)
        {
            var next = reader.MoveNextAsync();
            var more = next.IsCompleted ? await next : await WaitAsync(output, next.AsTask(), ct);
            if (!more)
            {
                break;
            }

            Write(output, json, reader.Current);
            if (output.UnflushedBytes > FlushBytes)
            {
                await output.FlushAsync(ct);
            }
        }

        await output.FlushAsync(ct);
    }

    private static void Write(PipeWriter output, Utf8JsonWriter json, LogLine line)
    {
        JsonSerializer.Serialize(json, line, ClientJson.Default.LogLine);
        json.Flush();
        json.Reset();
        output.Write("\n"u8);
    }

    /// <summary>Nothing more is there at the moment: what was written goes out at once.</summary>
    private async Task<bool> WaitAsync(PipeWriter output, Task<bool> next, CancellationToken ct)
    {
        await output.FlushAsync(ct);
        while (true)
        {
            try
            {
                return await next.WaitAsync(options.KeepAliveEvery, time, ct);
            }
            catch (TimeoutException)
            {
                output.Write("\n"u8);
                await output.FlushAsync(ct);
            }
        }
    }
}
