using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Wherry.Edge.Tests.Rig;

/// <summary>Both ends of a WebSocket that says back what it hears.</summary>
public static class WebSocketEcho
{
    public static async Task ServeAsync(HttpContext http)
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

    public static async Task<string> AskAsync(WebSocket socket, string text)
    {
        await socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, TestContext.Current.CancellationToken);
        var buffer = new byte[64 << 10];
        var got = await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(buffer, 0, got.Count);
    }
}
