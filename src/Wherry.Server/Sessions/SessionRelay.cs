using System.Buffers;
using System.Buffers.Binary;
using System.Net.WebSockets;
using System.Text.Json;
using Wherry.Client;
using Wherry.Core.Problems;
using Wherry.Docker;

namespace Wherry.Server.Sessions;

/// <summary>The server's side of a session: relays between a WebSocket and a command, byte for byte, until the command ends or the caller leaves.</summary>
internal sealed class SessionRelay(WebSocket socket)
{
    private const int ChunkBytes = 32 << 10;
    private const int MaxRequestBytes = 256 << 10;

    /// <exception cref="ProblemException"><c>session/request</c>.</exception>
    public async Task<ExecRequest> ReceiveRequestAsync(CancellationToken ct)
    {
        var buffer = new byte[MaxRequestBytes];
        var length = 0;
        ValueWebSocketReceiveResult part;
        do
        {
            part = await socket.ReceiveAsync(buffer.AsMemory(length), ct);
            length += part.Count;
        }
        while (!part.EndOfMessage && length < buffer.Length);

        if (part is not { MessageType: WebSocketMessageType.Text, EndOfMessage: true })
        {
            throw Request("The session's first message is not text.").AsException();
        }

        try
        {
            return JsonSerializer.Deserialize(buffer.AsSpan(0, length), ClientJson.Default.ExecRequest) is { Command.Count: > 0 } request
                ? request
                : throw Request("No command was given.").AsException();
        }
        catch (JsonException e)
        {
            throw Request($"The session's first message is no request: {e.Message}").AsException(e);
        }
    }

    /// <summary>Relays until the command's output ends, then tells its exit code.</summary>
    /// <returns><see langword="false"/> when the caller left first: the command may still run.</returns>
    /// <param name="takesInput">Whether input was asked for; what comes otherwise is dropped.</param>
    public async Task<bool> RelayAsync(ExecSession session, bool takesInput, CancellationToken ct)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var output = SendOutputAsync(session, end.Token);
        var input = ReceiveInputAsync(session, takesInput, end.Token);
        try
        {
            // Input ends only when the caller leaves.
            if (await Task.WhenAny(output, input) == input)
            {
                return false;
            }

            await output;
            await SendExitAsync(await session.ExitCodeAsync(ct), ct);
            return true;
        }
        catch (WebSocketException)
        {
            return false;
        }
        finally
        {
            await end.CancelAsync();
await Task.WhenAll(output, input).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // only waited for: what matters was thrown above
        }
    }

    public async Task SendExitAsync(int code, CancellationToken ct)
    {
        var message = new byte[5];
        message[0] = (byte)Frame.Exit;
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(1), code);
        await SendLastAsync(message, ct);
    }

    public Task SendProblemAsync(Problem problem, CancellationToken ct) =>
        SendLastAsync([(byte)Frame.Problem, .. JsonSerializer.SerializeToUtf8Bytes(new ApiProblem(problem.Code, problem.Message, problem.Hint), ClientJson.Default.ApiProblem)], ct);

    public async Task SendOutputAsync(LogStream stream, ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        var message = ArrayPool<byte>.Shared.Rent(1 + ChunkBytes);
        try
        {
            message[0] = (byte)(stream == LogStream.Stderr ? Frame.Error : Frame.Output);
            for (; !bytes.IsEmpty; bytes = bytes[Math.Min(ChunkBytes, bytes.Length)..])
            {
                var count = Math.Min(ChunkBytes, bytes.Length);
                bytes[..count].CopyTo(message.AsMemory(1));
                await socket.SendAsync(message.AsMemory(0, 1 + count), WebSocketMessageType.Binary, endOfMessage: true, ct);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(message);
        }
    }

    private async Task SendOutputAsync(ExecSession session, CancellationToken ct)
    {
        await foreach (var chunk in session.ReadAsync(ct))
        {
            await SendOutputAsync(chunk.Stream, chunk.Bytes, ct);
        }
    }

    private async Task ReceiveInputAsync(ExecSession session, bool takesInput, CancellationToken ct)
    {
        var buffer = new byte[1 + ChunkBytes];
        var kind = Frame.Input;
        var isFirst = true;
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(), ct);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                return;
            }

            kind = isFirst && part.Count > 0 ? (Frame)buffer[0] : kind;
            var body = buffer.AsMemory(isFirst ? Math.Min(1, part.Count) : 0, part.Count - (isFirst ? Math.Min(1, part.Count) : 0));
            var isEnd = isFirst && part.EndOfMessage && body.IsEmpty;
            isFirst = part.EndOfMessage;
            await (kind switch
            {
                Frame.Input when takesInput => WriteAsync(session, body, isEnd, ct),
                Frame.Resize when body.Length == 4 => session.ResizeAsync(BinaryPrimitives.ReadUInt16BigEndian(body.Span), BinaryPrimitives.ReadUInt16BigEndian(body.Span[2..]), ct),
                _ => Task.CompletedTask,
            });
        }
    }

    private static async Task WriteAsync(ExecSession session, ReadOnlyMemory<byte> bytes, bool isEnd, CancellationToken ct)
    {
        try
        {
            if (isEnd)
            {
                await session.CloseInputAsync();
                return;
            }

            await session.WriteAsync(bytes, ct);
        }
        catch (ProblemException e) when (e.Problem.Code == "exec/ended")
        {
            // It has ended, or closed its input: its output and exit code tell the caller.
        }
    }

    private async Task SendLastAsync(byte[] message, CancellationToken ct)
    {
        await socket.SendAsync(message, WebSocketMessageType.Binary, endOfMessage: true, ct);
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, ct);
    }

    private static Problem Request(string message) => new("session/request", message, "Open a session with one text message: the request as JSON, with at least a command.");
}
