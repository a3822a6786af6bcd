using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Proxying;

public sealed class BodyTests : OnAnEdge
{
    private const int Limit = 1000;

    public static TheoryData<int, bool, bool, int> Bodies()
    {
        var cells = new TheoryData<int, bool, bool, int>();
        foreach (var size in new[] { 0, Limit, Limit + 1, 300_000 })
        {
            foreach (var chunked in new[] { false, true })
            {
                foreach (var limited in new[] { false, true })
                {
                    cells.Add(size, chunked, limited, limited && size > Limit ? 413 : 200);
                }
            }
        }

        return cells;
    }

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task KP_074_A_body_over_the_limit_gets_413_however_it_is_sent(int size, bool chunked, bool limited, int status)
    {
        await using var web = await Backend.StartAsync("web1");
        web.Otherwise = async http =>
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body, http.RequestAborted);
            await http.Response.WriteAsync($"{body.Length}");
        };
        await Edge.Control.PutAsync(A.Service(web) with { MaxBodyBytes = limited ? Limit : null }, Ct);

        using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = new ByteArrayContent(new byte[size]) };
        request.Headers.TransferEncodingChunked = chunked;
        using var response = await Edge.Http.SendAsync(request, Ct);

        Assert.Equal(status, (int)response.StatusCode);
        if (status == 200)
        {
            Assert.Equal($"{size}", await response.Content.ReadAsStringAsync(Ct));
        }
    }

    [Fact]
    public async Task KP_076_A_malformed_chunked_body_gets_400_and_its_connection_to_the_target_is_not_used_again()
    {
        await using var web = await Backend.StartAsync("web1");
        web.On("/read", http => http.Request.Body.CopyToAsync(Stream.Null, http.RequestAborted));
        await Edge.Control.PutAsync(A.Service(web), Ct);

        var answer = await RawHttp.SendAsync(Edge, $"POST /read HTTP/1.1\r\nHost: {A.Host}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nnot-a-size\r\n");

        Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal("web1", await Edge.GetAsync("/"));
        }
    }

    [Fact]
    public async Task KP_080_Empty_bodies_pass_both_ways()
    {
        await using var web = await Backend.StartAsync("web1");
        web.Otherwise = http =>
        {
            http.Response.StatusCode = http.Request.ContentLength is 0 or null ? 204 : 500;
            return Task.CompletedTask;
        };
        await Edge.Control.PutAsync(A.Service(web), Ct);

        using var empty = new ByteArrayContent([]);
        using var response = await Edge.Http.PostAsync(new Uri("/", UriKind.Relative), empty, Ct);

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_body_reaches_the_target_piece_by_piece_while_it_is_still_being_sent(int version)
    {
        await using var web = await Backend.StartAsync("web1");
        var heard = Channel.CreateUnbounded<string>();
        web.Otherwise = async http =>
        {
            var buffer = new byte[1024];
            while (await http.Request.Body.ReadAsync(buffer, http.RequestAborted) is > 0 and var read)
            {
                await heard.Writer.WriteAsync(Encoding.ASCII.GetString(buffer, 0, read), http.RequestAborted);
            }
        };
        await Edge.Control.PutAsync(A.Service(web), Ct);

        using var body = new TwoWayBody();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = body };
        using var client = Edge.NewClient(new Version(version, version == 1 ? 1 : 0));
        var sending = client.SendAsync(request, Ct);
        foreach (var piece in new[] { "one", "two", "three" })
        {
            await body.SendAsync(piece);
            Assert.Equal(piece, await heard.Reader.ReadAsync(Ct).AsTask().WaitAsync(TimeSpan.FromSeconds(10), Ct));
        }

        Assert.False(sending.IsCompleted);
        body.End();
        using var response = await sending;
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Twenty_megabytes_pass_unchanged_either_way()
    {
        await using var web = await Backend.StartAsync("web1");
        var sent = RandomNumberGenerator.GetBytes(20 << 20);
        web.On("/up-load", async http => await http.Response.WriteAsync(Convert.ToHexString(await SHA256.HashDataAsync(http.Request.Body, http.RequestAborted)), http.RequestAborted));
        web.On("/down-load", http => http.Response.Body.WriteAsync(sent, http.RequestAborted).AsTask());
        await Edge.Control.PutAsync(A.Service(web), Ct);

        using var content = new ByteArrayContent(sent);
        using var response = await Edge.Http.PostAsync(new Uri("/up-load", UriKind.Relative), content, Ct);

        Assert.Equal(Convert.ToHexString(SHA256.HashData(sent)), await response.Content.ReadAsStringAsync(Ct));
        Assert.Equal(sent, await Edge.Http.GetByteArrayAsync(new Uri("/down-load", UriKind.Relative), Ct));
    }

    [Fact]
    public async Task An_answer_that_comes_before_the_body_was_read_reaches_the_client()
    {
        await using var web = await Backend.StartAsync("web1");
        web.Otherwise = http =>
        {
            http.Response.StatusCode = 401;
            return http.Response.WriteAsync("who are you", http.RequestAborted);
        };
        await Edge.Control.PutAsync(A.Service(web), Ct);

        using var content = new ByteArrayContent(new byte[20 << 20]);
        using var response = await Edge.Http.PostAsync(new Uri("/", UriKind.Relative), content, Ct);

        Assert.Equal((HttpStatusCode.Unauthorized, "who are you"), (response.StatusCode, await response.Content.ReadAsStringAsync(Ct)));
    }

    [Fact]
    public async Task A_compressed_answer_passes_as_it_is()
    {
        await using var web = await Backend.StartAsync("web1");
        var bytes = new byte[] { 0x1f, 0x8b, 8, 0, 1, 2, 3 };
        web.Otherwise = async http =>
        {
            http.Response.Headers.ContentEncoding = "gzip";
            await http.Response.Body.WriteAsync(bytes, http.RequestAborted);
        };
        await Edge.Control.PutAsync(A.Service(web), Ct);

        using var response = await Edge.Http.GetAsync(new Uri("/", UriKind.Relative), Ct);

        Assert.Equal("gzip", response.Content.Headers.ContentEncoding.Single());
        Assert.Equal(bytes, await response.Content.ReadAsByteArrayAsync(Ct));
    }
}
