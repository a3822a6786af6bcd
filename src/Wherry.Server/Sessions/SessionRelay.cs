using System.Buffers;
using System.Buffers.Binary;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Wherry.Client;
using Wherry.Core.Problems;
using Wherry.Docker;

namespace Wherry.Server.Sessions;

/// <summary>The server's side of a session: relays between a WebSocket and a command, byte for byte, until the command ends or the caller leaves.</summary>
internal sealed class SessionRelay(WebSocket socket, TimeProvider time)
{
    private const int ChunkBytes = 32 << 10;
    private const int MaxRequestBytes = 256 << 10;
    private const int NotExecutable = 126;
    private const int NotFound = 127;

    /// <summary>Longest wait for a caller to leave after the last message.</summary>
    private static readonly TimeSpan LeaveWithin = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ResizeAgainAfter = TimeSpan.FromMilliseconds(50);

    /// <summary>How the output began; enough for the engine's own words.</summary>
    private readonly ArrayBufferWriter<byte> _beginning = new();

    /// <summary>Receives until the caller leaves. Never called off: cancelling a receive breaks the connection, and with it what was sent last.</summary>
    private Task? _receiving;

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
    public async Task<bool> RelayAsync(ExecSession session, ExecRequest request, CancellationToken ct)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var size = request.Tty ? SetFirstSizeAsync(session, request, end.Token) : Task.CompletedTask;
        var output = SendOutputAsync(session, end.Token);
        _receiving = ReceiveAsync(request.Input ? session : null, session, ct);
        try
        {
            if (await Task.WhenAny(output, _receiving) == _receiving)
            {
                return false;
            }

            await output;
            await SendExitAsync(Told(await session.ExitCodeAsync(ct)), ct);
            return true;
        }
        catch (WebSocketException)
        {
            return false;
        }
        finally
        {
            await end.CancelAsync();
            await Task.WhenAll(size, output).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // only waited for: what matters was thrown above
        }
    }

    /// <summary>Lets the caller take the last message and leave; the connection's end would overtake it.</summary>
    public async Task EndAsync(CancellationToken ct)
    {
        _receiving ??= ReceiveAsync(null, null, ct);
        await _receiving.WaitAsync(LeaveWithin, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
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
            _beginning.Write(chunk.Bytes.Span[..Math.Min(chunk.Bytes.Length, 1024 - _beginning.WrittenCount)]);
            await SendOutputAsync(chunk.Stream, chunk.Bytes, ct);
        }
    }

    /// <summary>Older engines say 126 also for a program that does not exist.</summary>
    private int Told(int code)
    {
        var words = code == NotExecutable ? Encoding.UTF8.GetString(_beginning.WrittenSpan) : "";
        return words.StartsWith("OCI runtime exec failed", StringComparison.Ordinal)
            && (words.Contains("executable file not found", StringComparison.Ordinal) || words.Contains("no such file or directory", StringComparison.Ordinal)) ? NotFound : code;
    }

    /// <param name="input">Takes input; <see langword="null"/> drops it.</param>
    /// <param name="terminal">Takes sizes.</param>
    private async Task ReceiveAsync(ExecSession? input, ExecSession? terminal, CancellationToken ct)
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

            var head = isFirst ? Math.Min(1, part.Count) : 0;
            kind = head == 1 ? (Frame)buffer[0] : kind;
            var body = buffer.AsMemory(head, part.Count - head);
            var isEnd = isFirst && part.EndOfMessage && body.IsEmpty;
            isFirst = part.EndOfMessage;
            await (kind switch
            {
                Frame.Input when input is not null => WriteAsync(input, body, isEnd, ct),
                Frame.Resize when terminal is not null && body.Length == 4 => TryResizeAsync(terminal, BinaryPrimitives.ReadUInt16BigEndian(body.Span), BinaryPrimitives.ReadUInt16BigEndian(body.Span[2..]), ct),
                _ => Task.CompletedTask,
            });
        }
    }

    /// <summary>The engine refuses a size until the command runs, a moment after it says so.</summary>
    private async Task SetFirstSizeAsync(ExecSession session, ExecRequest request, CancellationToken ct)
    {
        for (var tries = 0; tries < 10 && !await TryResizeAsync(session, request.Columns, request.Rows, ct); tries++)
        {
            await Task.Delay(ResizeAgainAfter, time, ct);
        }
    }

    /// <returns><see langword="false"/> when the engine refused: no reason to end a session.</returns>
    private static async Task<bool> TryResizeAsync(ExecSession session, int columns, int rows, CancellationToken ct)
    {
        try
        {
            await session.ResizeAsync(columns, rows, ct);
            return true;
        }
        catch (ProblemException)
        {
            return false;
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
        catch (Exception e) when (e is ProblemException or ObjectDisposedException or System.Net.Sockets.SocketException)
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
