using System.Diagnostics;
using System.Net;
using System.Net.WebSockets;
using System.Text;

namespace Wherry.Bench.Load;

/// <summary>A WebSocket that stays open and is echoed; it opens a new one when the drain ended its own.</summary>
/// <remarks>An end is no failure only when the connection had lived for at least the drain time: it was then open since before the switch.</remarks>
internal sealed class EchoVisitor(IPEndPoint edge, string host, TimeSpan drainFor) : Visitor
{
    private readonly byte[] _buffer = new byte[256];
    private ClientWebSocket? _socket;
    private long _opened;
    private int _count;

    public override async Task<bool> VisitAsync(CancellationToken ct)
    {
        try
        {
            _socket ??= await OpenAsync(ct);
        }
        catch (WebSocketException)
        {
            Close();
            throw;
        }

        try
        {
            var text = $"echo {_count++}";
            await _socket.SendAsync(Encoding.ASCII.GetBytes(text), WebSocketMessageType.Text, true, ct);
            var answer = await _socket.ReceiveAsync(_buffer.AsMemory(), ct);
            if (answer.MessageType == WebSocketMessageType.Close)
            {
                throw new WebSocketException("closed by the other side");
            }

            return Encoding.ASCII.GetString(_buffer, 0, answer.Count) == text ? true : throw new InvalidDataException("a wrong echo");
        }
        catch (Exception e) when (e is WebSocketException or IOException)
        {
            Close();
            if (Stopwatch.GetElapsedTime(_opened) < drainFor)
            {
                throw;
            }

            return false;
        }
    }

    public override ValueTask DisposeAsync()
    {
        Close();
        return ValueTask.CompletedTask;
    }

    private async Task<ClientWebSocket> OpenAsync(CancellationToken ct)
    {
        var socket = new ClientWebSocket();
        socket.Options.Proxy = null;
        socket.Options.SetRequestHeader("Host", host);
        await socket.ConnectAsync(new Uri($"ws://{edge}/"), ct);
        _opened = Stopwatch.GetTimestamp();
        return socket;
    }

    private void Close()
    {
        _socket?.Dispose();
        _socket = null;
    }
}
