using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Proxying;

/// <summary>What two ends of a WebSocket say to each other is theirs: the edge changes, judges and answers no byte of it, whether the visitor came over HTTP/1.1 or HTTP/2 (RFC 6455, RFC 8441).</summary>
/// <remarks>The service sends back what it hears, so each case passes in both directions.</remarks>
public sealed class WebSocketBytesTests : OnAnEdge
{
    private const int Text = 0x81;
    private const int Binary = 0x82;
    private const int Close = 0x88;
    private const int Ping = 0x89;
    private const int Pong = 0x8a;

    public static TheoryData<string, int> Sets()
    {
        var sets = new TheoryData<string, int>();
        foreach (var set in Cases.Keys)
        {
            sets.Add(set, 1);
            sets.Add(set, 2);
        }

        return sets;
    }

    private static Dictionary<string, byte[][]> Cases { get; } = new()
    {
        ["lengths"] = [.. from size in new[] { 0, 1, 125, 126, 127, 128, 65_535, 65_536 } from head in new[] { Text, Binary } select Frame(head, Bytes(size))],
        ["lengths written longer than they need"] = [Frame(Text, Bytes(5), 126), Frame(Text, Bytes(5), 127), Frame(Ping, Bytes(5), 126)],
        ["pings and pongs"] = [Frame(Ping, []), Frame(Ping, Bytes(125)), Frame(Ping, Bytes(126)), Frame(Pong, Bytes(3)), [.. Enumerable.Repeat(Frame(Ping, Bytes(9)), 10).SelectMany(f => f)]],
        ["reserved bits"] = [.. from bit in new[] { 0x40, 0x20, 0x10, 0x70 } from head in new[] { Text, Binary, Ping, Close } select Frame(head | bit, Bytes(4))],
        ["reserved opcodes"] = [.. from code in new[] { 3, 4, 5, 6, 7, 0xb, 0xc, 0xd, 0xe, 0xf } select Frame(0x80 | code, Bytes(2))],
        ["fragments"] =
        [
            [.. Frame(1, Bytes(3)), .. Frame(0, Bytes(3)), .. Frame(0x80, Bytes(3))],
            [.. Frame(1, Bytes(3)), .. Frame(Ping, Bytes(2)), .. Frame(0, []), .. Frame(Pong, []), .. Frame(0x80, Bytes(3))],
            Frame(0x80, Bytes(3)), // goes on with nothing
            [.. Frame(1, Bytes(3)), .. Frame(Text, Bytes(3))], // begins inside another
            Frame(Ping & 0x7f, Bytes(1)), // a control frame in pieces
        ],
        ["text that is and is not UTF-8"] =
        [
            Frame(Text, "κόσμε €𝄞"u8), [.. Frame(1, [0xe2, 0x82]), .. Frame(0x80, [0xac])],
            Frame(Text, [0xc0, 0xaf]), Frame(Text, [0xed, 0xa0, 0x80]), Frame(Text, [0xf4, 0x90, 0x80, 0x80]), Frame(Text, [0xff, 0]),
        ],
        ["much"] = [Frame(Binary, Bytes(4 << 20)), [.. Enumerable.Range(0, 2000).SelectMany(i => Frame(Binary, Bytes(i)))]],
        ["closing"] =
        [
            Frame(Close, []), Frame(Close, [3]), // half a code
            .. from code in new[] { 0, 999, 1000, 1001, 1002, 1004, 1005, 1006, 1007, 1011, 1012, 1015, 2999, 3000, 4999, 5000, 65_535 } select Frame(Close, [(byte)(code >> 8), (byte)code, .. "why"u8]),
            Frame(Close, [3, 232, .. Bytes(123)]), Frame(Close, [3, 232, .. Bytes(124)]), Frame(Close, [3, 232, 0xc0, 0xaf]),
            [.. Frame(Close, [3, 232]), .. Frame(Text, Bytes(5)), .. Frame(Ping, [])], // goes on after its end
        ],
        ["masks"] = [Frame(Text, Bytes(40), mask: null), Frame(Text, Bytes(40), mask: [0, 0, 0, 0]), Frame(Text, Bytes(40), mask: [255, 1, 2, 3])],
        ["compressed messages"] = [Frame(Text | 0x40, [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]), [.. Frame(0x41, [0xf2, 0x48, 0xcd]), .. Frame(0x80, [0xc9, 0xc9, 0x07, 0x00])]],
        ["what is no frame at all"] = ["GET / HTTP/1.1\r\nHost: shop.test\r\n\r\n"u8.ToArray(), Bytes(5000), new byte[3]],
    };

    [Theory]
    [MemberData(nameof(Sets))]
    public async Task KP_067_Bytes_of_a_WebSocket_arrive_as_they_were_sent(string set, int version)
    {
        await using var web = await StartAsync();
        for (var i = 0; i < Cases[set].Length; i++)
        {
            await using var socket = await OpenAsync(version);
            var sent = Cases[set][i];
            var got = new byte[sent.Length];
            var sending = SendAsync(socket, sent);
            await socket.ReadExactlyAsync(got, Ct).AsTask().WaitAsync(TimeSpan.FromSeconds(10), Ct);
            await sending;
            Assert.True(sent.AsSpan().SequenceEqual(got), $"{set}, {i}");
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task KP_067_Bytes_that_come_one_by_one_arrive_one_by_one(int version)
    {
        await using var web = await StartAsync();
        await using var socket = await OpenAsync(version);
        var one = new byte[1];
        foreach (var sent in Frame(Text, Bytes(60)))
        {
            await SendAsync(socket, [sent]);
            await socket.ReadExactlyAsync(one, Ct).AsTask().WaitAsync(TimeSpan.FromSeconds(5), Ct);
            Assert.Equal(sent, one[0]);
        }
    }

    private static async Task SendAsync(Stream socket, byte[] bytes)
    {
        await socket.WriteAsync(bytes, Ct);
        await socket.FlushAsync(Ct);
    }

    private async Task<Backend> StartAsync()
    {
        var web = await Backend.StartAsync("web1");
        web.On("/raw", async http =>
        {
            http.Response.Headers.SecWebSocketAccept = Accept(http.Request.Headers.SecWebSocketKey.ToString());
            await using var bytes = await http.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
            await bytes.CopyToAsync(bytes, http.RequestAborted);
        });
        await Edge.Control.PutAsync(A.Service(web), Ct);
        return web;
    }

    /// <summary>The bytes behind a handshake.</summary>
    private async Task<Stream> OpenAsync(int version)
    {
        if (version == 2)
        {
            var request = new HttpRequestMessage(HttpMethod.Connect, "/raw") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            request.Headers.Protocol = "websocket";
            request.Headers.Add("Sec-WebSocket-Version", "13");
            var answer = await Edge.NewClient(HttpVersion.Version20).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Ct);
            Assert.Equal(200, (int)answer.StatusCode);
            return await answer.Content.ReadAsStreamAsync(Ct);
        }

        const string Key = "dGhlIHNhbXBsZSBub25jZQ==";
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(Edge.Address, Ct);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET /raw HTTP/1.1\r\nHost: {A.Host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {Key}\r\n\r\n"), Ct);
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await stream.ReadExactlyAsync(one, Ct);
            head.Append((char)one[0]);
        }

        Assert.StartsWith("HTTP/1.1 101", head.ToString(), StringComparison.Ordinal);
        Assert.Contains(Accept(Key), head.ToString(), StringComparison.Ordinal);
        return stream;
    }

#pragma warning disable CA5350 // what RFC 6455 asks for
    private static string Accept(string key) => Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350

    private static byte[] Bytes(int count) => [.. Enumerable.Range(0, count).Select(i => (byte)(i * 7))];

    private static byte[] Frame(int head, ReadOnlySpan<byte> content, int form = 0) => Frame(head, content, [1, 2, 3, 4], form);

    /// <param name="form">126 or 127: the length takes two or eight bytes though one would do.</param>
    private static byte[] Frame(int head, ReadOnlySpan<byte> content, byte[]? mask, int form = 0)
    {
        form = Math.Max(form, content.Length switch { < 126 => content.Length, < 65_536 => 126, _ => 127 });
        var length = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(length, content.Length);
        var masked = content.ToArray();
        for (var i = 0; mask is not null && i < masked.Length; i++)
        {
            masked[i] ^= mask[i % 4];
        }

        return [(byte)head, (byte)(form | (mask is null ? 0 : 0x80)), .. form switch { 126 => length[6..], 127 => length, _ => [] }, .. mask ?? [], .. masked];
    }
}
