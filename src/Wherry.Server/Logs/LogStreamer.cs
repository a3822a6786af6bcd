using System.Buffers;
using System.IO.Pipelines;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Wherry.Client;

namespace Wherry.Server.Logs;

/// <summary>Sends a log as NDJSON: one <see cref="LogLine"/> per line, an empty line now and then to keep the connection alive.</summary>
internal sealed class LogStreamer(LogOptions options, TimeProvider time, IHostApplicationLifetime lifetime)
{
    private const int FlushBytes = 32 << 10;

    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Sends until the log's end, the caller's leaving or the server's stop.</summary>
    public Task SendAsync(HttpContext context, SegmentLog log, string? service, LogQuery query) =>
        SendAsync(context, ct => new SegmentReader(log, service, time).ReadAsync(query, ct), ClientJson.Default.LogLine);

    /// <summary>Sends whatever comes in the same way.</summary>
    public async Task SendAsync<T>(HttpContext context, Func<CancellationToken, IAsyncEnumerable<T>> items, JsonTypeInfo<T> type)
    {
        context.Response.ContentType = "application/x-ndjson";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            await SendAsync(context.Response.BodyWriter, items(stop.Token), type, stop);
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // The stream ends; the caller goes on at its offset with the next server.
        }
    }

    private async Task SendAsync<T>(PipeWriter output, IAsyncEnumerable<T> lines, JsonTypeInfo<T> type, CancellationTokenSource stop)
    {
        var ct = stop.Token;
        await using var json = new Utf8JsonWriter(output, Json);
        await using var reader = lines.GetAsyncEnumerator(ct);
        while (true)
        {
            var next = reader.MoveNextAsync();
            var more = next.IsCompleted ? await next : await WaitAsync(output, next.AsTask(), stop);
            if (!more)
            {
                break;
            }

            Write(output, json, reader.Current, type);
            if (output.UnflushedBytes > FlushBytes)
            {
                await output.FlushAsync(ct);
            }
        }

        await output.FlushAsync(ct);
    }

    private static void Write<T>(PipeWriter output, Utf8JsonWriter json, T line, JsonTypeInfo<T> type)
    {
        JsonSerializer.Serialize(json, line, type);
        json.Flush();
        json.Reset();
        output.Write("\n"u8);
    }

    /// <summary>Nothing more is there at the moment: what was written goes out at once.</summary>
    private async Task<bool> WaitAsync(PipeWriter output, Task<bool> next, CancellationTokenSource stop)
    {
        try
        {
            await output.FlushAsync(stop.Token);
            while (true)
            {
                try
                {
                    return await next.WaitAsync(options.KeepAliveEvery, time, stop.Token);
                }
                catch (TimeoutException)
                {
                    output.Write("\n"u8);
                    await output.FlushAsync(stop.Token);
                }
            }
        }
        catch
        {
            // The reader may only be disposed when it does not read.
            await stop.CancelAsync();
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }
}
