using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Listening;

/// <summary>A load balancer in front that speaks the PROXY protocol.</summary>
public sealed class ProxyProtocolTests : OnAnEdge
{
    private static byte[] V2(byte command, byte family, params byte[] rest) => [.. "\r\n\r\n\0\r\nQUIT\n"u8, (byte)(0x20 | command), family, 0, (byte)rest.Length, .. rest];

    public static TheoryData<byte[], string> Headers => new()
    {
        { Encoding.ASCII.GetBytes("PROXY TCP4 198.51.100.7 203.0.113.1 56324 443\r\n"), "198.51.100.7" },
        { Encoding.ASCII.GetBytes("PROXY TCP6 2001:db8::7 2001:db8::1 56324 443\r\n"), "2001:db8::7" },
        { Encoding.ASCII.GetBytes("PROXY UNKNOWN\r\n"), "127.0.0.1" },
        { V2(1, 0x11, 198, 51, 100, 7, 203, 0, 113, 1, 0xDC, 0x04, 0x01, 0xBB), "198.51.100.7" },
        { V2(1, 0x11, 198, 51, 100, 7, 203, 0, 113, 1, 0xDC, 0x04, 0x01, 0xBB, 0x03, 0x00, 0x01, 0x09), "198.51.100.7" },
        { V2(1, 0x21, [.. IPAddress.Parse("2001:db8::7").GetAddressBytes(), .. IPAddress.Parse("2001:db8::1").GetAddressBytes(), 0, 1, 0, 2]), "2001:db8::7" },
        { V2(0, 0x00), "127.0.0.1" },
        { V2(1, 0x31), "127.0.0.1" },
    };

    public static TheoryData<byte[]> Rubbish =>
    [
        Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: shop.test\r\n\r\n"),
        Encoding.ASCII.GetBytes("PROXY TCP4 nowhere 203.0.113.1 56324 443\r\n"),
        Encoding.ASCII.GetBytes("PROXY TCP4 198.51.100.7 203.0.113.1 99999 443\r\n"),
        Encoding.ASCII.GetBytes("PROXY " + new string('x', 200)),
        V2(5, 0x11, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12),
        V2(1, 0x11, 1, 2, 3, 4),
        (byte[])[.. "\r\n\r\n\0\r\nQUIT\n"u8, 0x21, 0x11, 0xFF, 0xFF],
    ];

    [Theory]
    [InlineData("rubbish")]
    [InlineData("10.0.0.0/40")]
    public async Task An_address_that_is_none_is_refused_at_the_start(string text)
    {
        var problem = await EdgeControl.ProblemOfAsync(() => TestEdge.StartAsync(o => o with { ProxyProtocolFrom = [text] }));

        Assert.Equal("edge/trusted-proxy", problem.Code);
        Assert.Contains(text, problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Headers))]
    public async Task The_client_is_who_the_load_balancer_says(byte[] header, string client)
    {
        await using var web = await Backend.StartAsync("web");
        web.Otherwise = http => http.Response.WriteAsync($"<{http.Request.Headers["X-Forwarded-For"]}>");
        await Edge.Control.PutAsync(A.Service(web), Ct);

        Assert.Contains($"<{client}>", await SendAsync([header, Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: {A.Host}\r\nConnection: close\r\n\r\n")]), StringComparison.Ordinal);

        // In as many pieces as it has bytes.
        Assert.Contains($"<{client}>", await SendAsync([.. header.Select(b => new[] { b }), Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: {A.Host}\r\nConnection: close\r\n\r\n")]), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Rubbish))]
    public async Task Who_must_introduce_himself_and_does_not_is_cut_off(byte[] sent)
    {
        await using var web = await Backend.StartAsync("web");
        await Edge.Control.PutAsync(A.Service(web), Ct);

        Assert.Equal("", await SendAsync([sent]));
        Assert.Equal(0, web.Hits);
    }

    [Fact]
    public async Task Over_TLS_too_the_introduction_comes_first()
    {
        await using var web = await Backend.StartAsync("web");
        web.Otherwise = http => http.Response.WriteAsync($"{http.Request.Headers["X-Forwarded-For"]}");
        await Edge.Control.PutAsync(A.Service(web) with { Routes = [A.Route(web.Port, "shop.localhost")], Tls = new() }, Ct);
        using var http = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            SslOptions = new() { RemoteCertificateValidationCallback = TlsVisitor.Anybody },
            ConnectCallback = async (_, ct) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(Edge.TlsAddress, ct);
                await socket.SendAsync("PROXY TCP4 198.51.100.7 203.0.113.1 56324 443\r\n"u8.ToArray());
                return new NetworkStream(socket, ownsSocket: true);
            },
        });

        Assert.Equal("198.51.100.7", await http.GetStringAsync(new Uri("https://shop.localhost/"), Ct));
    }

    [Fact]
    public async Task From_others_it_is_no_request()
    {
        await using var edge = await TestEdge.StartAsync(o => o with { ProxyProtocolFrom = ["192.0.2.0/24"] });

        Assert.StartsWith("HTTP/1.1 400", await SendAsync(edge.Address, [Encoding.ASCII.GetBytes("PROXY TCP4 198.51.100.7 203.0.113.1 56324 443\r\n\r\n")]), StringComparison.Ordinal);
    }

    protected override EdgeOptions Options(EdgeOptions defaults) => defaults with { ListenTls = ["127.0.0.1:0"], ProxyProtocolFrom = ["127.0.0.0/8"] };

    private Task<string> SendAsync(IEnumerable<byte[]> pieces) => SendAsync(Edge.Address, pieces);

    private static async Task<string> SendAsync(IPEndPoint address, IEnumerable<byte[]> pieces)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(address, Ct);
        await using var stream = new NetworkStream(socket);
        try
        {
            foreach (var piece in pieces)
            {
                await stream.WriteAsync(piece, Ct);
            }

            using var reader = new StreamReader(stream, Encoding.Latin1);
            return await reader.ReadToEndAsync(Ct);
        }
        catch (IOException)
        {
            return "";
        }
    }
}
