using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Listening;

public sealed class Http2Tests : OnAnEdge
{
    [Fact]
    public async Task One_plain_port_speaks_HTTP_1_and_HTTP_2()
    {
        await using var web = await Backend.StartAsync("web1");
        web.Otherwise = http => http.Response.WriteAsync($"{http.Request.Protocol} {http.Request.Host}");
        await Edge.Control.PutAsync(A.Service(web), Ct);
        using var http2 = Edge.NewClient(HttpVersion.Version20);

        using var response = await http2.GetAsync(new Uri("/two", UriKind.Relative), Ct);

        Assert.Equal(HttpVersion.Version20, response.Version);
        Assert.Equal($"HTTP/1.1 {A.Host}", await response.Content.ReadAsStringAsync(Ct));
        Assert.Equal("HTTP/2", (await Edge.LoggedAsync("/two"))["protocol"]!.GetValue<string>());
        Assert.Equal($"HTTP/1.1 {A.Host}", await Edge.GetAsync("/one"));
    }

    [Fact]
    public async Task A_hundred_requests_share_one_HTTP_2_connection()
    {
        await using var web = await Backend.StartAsync("web1");
        await Edge.Control.PutAsync(A.Service(web), Ct);
        using var http2 = Edge.NewClient(HttpVersion.Version20);

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => http2.GetStringAsync(new Uri("/", UriKind.Relative), Ct)));

        Assert.All(answers, answer => Assert.Equal("web1", answer));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(17)]
    public async Task First_bytes_that_come_in_pieces_are_understood(int piece)
    {
        await using var web = await Backend.StartAsync("web1");
        await Edge.Control.PutAsync(A.Service(web), Ct);
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(Edge.Address, Ct);

        foreach (var part in Encoding.ASCII.GetBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0").Chunk(piece))
        {
            await client.GetStream().WriteAsync(part, Ct);
            await client.GetStream().FlushAsync(Ct);
        }

        // The server's part of the preface: a SETTINGS frame.
        var head = new byte[9];
        await client.GetStream().ReadExactlyAsync(head, Ct).AsTask().WaitAsync(TimeSpan.FromSeconds(10), Ct);
        Assert.Equal(4, head[3]);
    }

    [Fact]
    public async Task A_method_that_begins_like_the_preface_is_HTTP_1()
    {
        await using var web = await Backend.StartAsync("web1");
        web.Otherwise = http => http.Response.WriteAsync(http.Request.Method);
        await Edge.Control.PutAsync(A.Service(web), Ct);

        Assert.Contains("\r\nPRINT\r\n", await RawHttp.SendAsync(Edge, $"PRINT / HTTP/1.1\r\nHost: {A.Host}\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/\u00e9")]
    [InlineData("/?\u00e9")]
    [InlineData("/?a b")]
    public async Task A_path_that_HTTP_1_cannot_carry_is_refused_and_shows_no_service_what_others_sent(string path)
    {
        await using var web = await Backend.StartAsync("web1");
        await Edge.Control.PutAsync(A.Service(web), Ct);
        await RawHttp.GetAsync(Edge, "/account", "Cookie: session=somebody-else");

        Assert.Equal(400, await RawHttp2.StatusAsync(Edge, path + new string('a', 100)));
        Assert.Equal(200, await RawHttp2.StatusAsync(Edge, "/plain"));
        Assert.Equal(2, web.Hits);
    }

    [Fact]
    public async Task A_connection_that_is_closed_without_a_byte_harms_nobody()
    {
        for (var i = 0; i < 20; i++)
        {
            using var client = new TcpClient();
            await client.ConnectAsync(Edge.Address, Ct);
        }

        Assert.Equal(404, await Edge.StatusAsync("/"));
    }
}
