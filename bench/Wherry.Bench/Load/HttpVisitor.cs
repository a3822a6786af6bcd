using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Wherry.Bench.Load;

/// <summary>HTTP/1.1 by hand: unlike a good client it never repeats a request, so every reset shows.</summary>
internal sealed class HttpVisitor(IPEndPoint edge, string host, bool keepsConnection, int bodyBytes) : Visitor
{
    private const int Slices = 20;

    private readonly byte[] _buffer = new byte[8192];
    private readonly byte[] _slice = new byte[bodyBytes / Slices];
    private Socket? _socket;

    public override async Task<bool> VisitAsync(CancellationToken ct)
    {
        try
        {
            _socket ??= await ConnectAsync(ct);
            await SendAsync(_socket, ct);
            if (!await ReadAsync(_socket, ct) || !keepsConnection)
            {
                Close();
            }

            return true;
        }
        catch
        {
            Close();
            throw;
        }
    }

    public override ValueTask DisposeAsync()
    {
        Close();
        return ValueTask.CompletedTask;
    }

    private async Task<Socket> ConnectAsync(CancellationToken ct)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(edge, ct);
        return socket;
    }

    private async Task SendAsync(Socket socket, CancellationToken ct)
    {
        var connection = keepsConnection ? "keep-alive" : "close";
        var head = bodyBytes == 0
            ? $"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: {connection}\r\n\r\n"
            : $"POST /echo HTTP/1.1\r\nHost: {host}\r\nConnection: {connection}\r\nContent-Length: {_slice.Length * Slices}\r\n\r\n";
        await AllAsync(socket, Encoding.ASCII.GetBytes(head), ct);
        for (var i = 0; bodyBytes > 0 && i < Slices; i++)
        {
            await AllAsync(socket, _slice, ct);
            await Task.Delay(1000 / Slices, ct);
        }
    }

    private static async Task AllAsync(Socket socket, ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None, ct)..];
        }
    }

    // True: the connection may be used again.
    private async Task<bool> ReadAsync(Socket socket, CancellationToken ct)
    {
        var got = 0;
        while (true)
        {
            var count = await socket.ReceiveAsync(_buffer.AsMemory(got), SocketFlags.None, ct);
            got += count > 0 ? count : throw new InvalidDataException(got == 0 ? "closed without an answer" : "closed in the middle of the answer");
            var text = Encoding.ASCII.GetString(_buffer, 0, got);
            var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end < 0)
            {
                continue;
            }

            var head = text[..end].Split("\r\n");
            if (!head[0].StartsWith("HTTP/1.1 200", StringComparison.Ordinal))
            {
                throw new InvalidDataException(head[0]);
            }

            var length = int.Parse(Header(head, "Content-Length") ?? throw new InvalidDataException("no Content-Length"), CultureInfo.InvariantCulture);
            if (got >= end + 4 + length)
            {
                var body = text.Substring(end + 4, length);
                return bodyBytes == 0 || body == (_slice.Length * Slices).ToString(CultureInfo.InvariantCulture)
                    ? !string.Equals(Header(head, "Connection"), "close", StringComparison.OrdinalIgnoreCase)
                    : throw new InvalidDataException($"{body} bytes arrived");
            }
        }
    }

    private static string? Header(string[] head, string name) =>
        head.FirstOrDefault(l => l.StartsWith($"{name}:", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim();

    private void Close()
    {
        _socket?.Dispose();
        _socket = null;
    }
}
