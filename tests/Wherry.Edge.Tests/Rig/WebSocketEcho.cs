using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Wherry.Edge.Tests.Rig;

/// <summary>Both ends of a WebSocket that says back what it hears.</summary>
public static class WebSocketEcho
{
    public static Task ServeAsync(HttpContext http) => ServeAsync(http, _ => null);

    /// <param name="answer">What is said instead.</param>
    public static async Task ServeAsync(HttpContext http, Func<string, string?> answer)
    {
        using var socket = await http.WebSockets.AcceptWebSocketAsync();
        var buffer = new byte[64 << 10];
        try
        {
            while (true)
            {
                var got = await socket.ReceiveAsync(buffer, http.RequestAborted);
                if (got.MessageType is WebSocketMessageType.Close)
                {
                    await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", http.RequestAborted);
                    return;
                }

                if (got.Count < 100 && answer(Encoding.UTF8.GetString(buffer, 0, got.Count)) is { } other)
                {
                    await socket.SendAsync(Encoding.UTF8.GetBytes(other), got.MessageType, got.EndOfMessage, http.RequestAborted);
                    continue;
                }

                await socket.SendAsync(buffer.AsMemory(0, got.Count), got.MessageType, got.EndOfMessage, http.RequestAborted);
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            // The other end is gone; a test looks at that end.
        }
    }

    public static async Task<ClientWebSocket> ConnectAsync(TestEdge edge, string path, string host = A.Host)
    {
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Host", host);
        await socket.ConnectAsync(new Uri($"ws://{edge.Address}{path}"), TestContext.Current.CancellationToken);
        return socket;
    }

    /// <summary>Over HTTP/1.1 or HTTP/2 (RFC 8441).</summary>
    public static async Task<ClientWebSocket> ConnectAsync(TestEdge edge, string path, int version, Action<ClientWebSocketOptions>? with = null)
    {
        var socket = new ClientWebSocket();
        socket.Options.HttpVersion = new(version, version == 1 ? 1 : 0);
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        with?.Invoke(socket.Options);
        await socket.ConnectAsync(new Uri($"ws://{A.Host}{path}"), edge.NewClient(socket.Options.HttpVersion), TestContext.Current.CancellationToken);
        return socket;
    }

    /// <summary>Asks, and reads the answer until it is whole.</summary>
    public static async Task<string> AskWholeAsync(WebSocket socket, string text)
    {
        await socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, TestContext.Current.CancellationToken);
        using var whole = new MemoryStream();
        var buffer = new byte[64 << 10];
        while (true)
        {
            var got = await socket.ReceiveAsync(buffer.AsMemory(), TestContext.Current.CancellationToken);
            await whole.WriteAsync(buffer.AsMemory(0, got.Count));
            if (got.EndOfMessage)
            {
                return Encoding.UTF8.GetString(whole.GetBuffer(), 0, (int)whole.Length);
            }
        }
    }

    public static async Task<string> AskAsync(WebSocket socket, string text)
    {
        await socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, TestContext.Current.CancellationToken);
        var buffer = new byte[64 << 10];
        var got = await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(buffer, 0, got.Count);
    }
}
