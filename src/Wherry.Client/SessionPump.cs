using System.Buffers.Binary;
using System.Net.WebSockets;
using System.Text.Json;

namespace Wherry.Client;

/// <summary>The caller's side of a <c>run</c> or <c>exec</c> session: moves bytes between the session and streams, unchanged, until the command ends.</summary>
public static class SessionPump
{
    private const int ChunkBytes = 32 << 10;

    private static readonly TimeSpan LeaveWithin = TimeSpan.FromSeconds(1);

    /// <summary>Sends the request, then pumps. Leaving early, by cancelling, ends the command where the server can.</summary>
    /// <param name="session">A session that was just opened; it stays the caller's to dispose.</param>
    /// <param name="input">Sent when <see cref="ExecRequest.Input"/> is set; its end closes the command's input. It may still be being read when this returns: a terminal's read cannot be called off.</param>
    /// <param name="resizes">New sizes of the terminal, in columns and rows; <see langword="null"/> when there is none.</param>
    /// <returns>The command's exit code.</returns>
    /// <exception cref="ApiException">The server gives a reason why there is no exit code, or the connection broke (<c>session/lost</c>).</exception>
    public static async Task<int> RunAsync(
        WebSocket session, ExecRequest request, Stream input, Stream output, Stream error, IAsyncEnumerable<(int Columns, int Rows)>? resizes, CancellationToken cancellationToken)
    {
        using var turn = new SemaphoreSlim(1);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            await session.SendAsync(JsonSerializer.SerializeToUtf8Bytes(request, ClientJson.Default.ExecRequest), WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
            var sending = Task.WhenAll(
                request.Input ? SendInputAsync(session, input, turn, ended.Token) : Task.CompletedTask,
                resizes is not null ? SendSizesAsync(session, resizes, turn, ended.Token) : Task.CompletedTask);
            var receiving = ReceiveAsync(session, output, error, cancellationToken);
            // Input that cannot be read any more is a failure of the session; input that merely ended is not.
            if (await Task.WhenAny(sending, receiving) == sending && sending.IsFaulted && !receiving.IsCompleted && sending.Exception.InnerException is not WebSocketException)
            {
                await sending;
            }

            return await receiving;
        }
        catch (WebSocketException e)
        {
            throw Lost(e);
        }
        finally
        {
            await ended.CancelAsync();
            await LeaveAsync(session);
        }
    }

    /// <summary>Says goodbye, so that the server need not wait for more.</summary>
    private static async Task LeaveAsync(WebSocket session)
    {
        using var limit = new CancellationTokenSource(LeaveWithin);
        try
        {
            if (session.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                await session.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, limit.Token);
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or InvalidOperationException)
        {
            // The connection is gone, or input was on its way: the server notices both.
        }
    }

    private static async Task SendInputAsync(WebSocket session, Stream input, SemaphoreSlim turn, CancellationToken ct)
    {
        var chunk = new byte[1 + ChunkBytes];
        chunk[0] = (byte)Frame.Input;
        int read;
        do
        {
            // Off this thread: a console's read blocks even when it is called asynchronous.
            read = await Task.Run(() => input.ReadAsync(chunk.AsMemory(1), ct).AsTask(), ct);
            await SendAsync(session, chunk.AsMemory(0, 1 + read), turn, ct);
        }
        while (read > 0);
    }

    private static async Task SendSizesAsync(WebSocket session, IAsyncEnumerable<(int Columns, int Rows)> resizes, SemaphoreSlim turn, CancellationToken ct)
    {
        var message = new byte[5];
        message[0] = (byte)Frame.Resize;
        await foreach (var (columns, rows) in resizes.WithCancellation(ct))
        {
            BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(1), (ushort)columns);
            BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(3), (ushort)rows);
            await SendAsync(session, message, turn, ct);
        }
    }

    private static async Task SendAsync(WebSocket session, ReadOnlyMemory<byte> message, SemaphoreSlim turn, CancellationToken ct)
    {
        await turn.WaitAsync(ct);
        try
        {
            await session.SendAsync(message, WebSocketMessageType.Binary, endOfMessage: true, ct);
        }
        finally
        {
            turn.Release();
        }
    }

    private static async Task<int> ReceiveAsync(WebSocket session, Stream output, Stream error, CancellationToken ct)
    {
        var buffer = new byte[ChunkBytes + 1];
        while (true)
        {
            var message = await session.ReceiveAsync(buffer.AsMemory(), ct);
            if (message.MessageType == WebSocketMessageType.Close || message.Count == 0)
            {
                throw Lost(null);
            }

            var kind = (Frame)buffer[0];
            var body = buffer.AsMemory(1, message.Count - 1);
            switch (kind)
            {
                case Frame.Output or Frame.Error:
                    await CopyAsync(session, buffer, body, message.EndOfMessage, kind == Frame.Output ? output : error, ct);
                    break;
                case Frame.Exit when body.Length == 4:
                    return BinaryPrimitives.ReadInt32BigEndian(body.Span);
                case Frame.Problem when message.EndOfMessage && JsonSerializer.Deserialize(body.Span, ClientJson.Default.ApiProblem) is { } problem:
                    throw new ApiException(problem, 0);
                default:
                    throw Lost(null);
            }
        }
    }

    /// <summary>A message may come in parts; only the first one starts with its kind.</summary>
    private static async Task CopyAsync(WebSocket session, byte[] buffer, ReadOnlyMemory<byte> first, bool isWhole, Stream target, CancellationToken ct)
    {
        await target.WriteAsync(first, ct);
        while (!isWhole)
        {
            var part = await session.ReceiveAsync(buffer.AsMemory(), ct);
            await target.WriteAsync(buffer.AsMemory(0, part.Count), ct);
            isWhole = part.EndOfMessage;
        }

        await target.FlushAsync(ct);
    }

    private static ApiException Lost(Exception? cause) => new(
        new ApiProblem("session/lost", "The connection to the session broke.", "The command may have been ended with it. The server may be restarting: see `wherry status`, then try again."), 0, cause);
}
