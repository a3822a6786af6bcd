using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Attacks;

/// <summary>Requests that two servers could understand in two ways: the service sees one request or none, and never what was hidden in its body.</summary>
public sealed class SmugglingTests : OnAnEdge
{
    private const string Hidden = "GET /hidden HTTP/1.1\r\nHost: shop.test\r\n\r\n";

    private readonly ConcurrentQueue<string> _seen = new();

    [Theory]
    [InlineData("Content-Length: 4\r\nContent-Length: 5\r\n\r\nbody")]
    [InlineData("Content-Length: 4, 5\r\n\r\nbody")]
    [InlineData("Content-Length: -1\r\n\r\n")]
    [InlineData("Content-Length: 0x4\r\n\r\nbody")]
    [InlineData("Content-Length: 99999999999999999999\r\n\r\n")]
    [InlineData("Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n")]
    [InlineData("Transfer-Encoding: identity\r\nTransfer-Encoding: identity\r\n\r\n")]
    [InlineData("Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n-1\r\nhello\r\n0\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nhello\r\n0\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5;a=b\nhello\r\n0\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5\nhello\n0\n\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5\r\nhelloXX0\r\n\r\n")]
    [InlineData("Host: other.test\r\n\r\n")]
    [InlineData("X-Folded: a\r\n b\r\n\r\n")]
    [InlineData(" X-Space: a\r\n\r\n")]
    [InlineData("X-Lf: a\nX-More: b\r\n\r\n")]
    [InlineData("X-Cr: a\rX-More: b\r\n\r\n")]
    [InlineData("X-Nul: a\0b\r\n\r\n")]
    [InlineData("NoColon\r\n\r\n")]
    [InlineData(": nameless\r\n\r\n")]
    public async Task A_request_that_can_be_understood_in_two_ways_is_refused(string rest)
    {
        await using var web = await WebAsync();

        var answer = await RawHttp.SendAsync(Edge, $"POST /plain HTTP/1.1\r\nHost: {A.Host}\r\n{rest}{Hidden}");

        Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("HTTP/1.1 200", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("/hidden", _seen);
        Assert.Equal("web1", await Edge.GetAsync("/after"));
    }

    /// <summary>RFC 9112: the length is thrown away, the connection closed. The body ends where the chunks say; what follows is nobody's request.</summary>
    [Theory]
    [InlineData("Content-Length: 4\r\nTransfer-Encoding: chunked")]
    [InlineData("Transfer-Encoding: chunked\r\nContent-Length: 400")]
    public async Task With_both_a_length_and_chunks_the_chunks_count_and_the_connection_ends(string framing)
    {
        await using var web = await WebAsync();

        var answer = await RawHttp.SendAsync(Edge, $"POST /plain HTTP/1.1\r\nHost: {A.Host}\r\n{framing}\r\n\r\n5\r\nhello\r\n0\r\n\r\n{Hidden}");

        Assert.DoesNotContain("/hidden", _seen);
        Assert.Single(answer.Split("HTTP/1.1 ", StringSplitOptions.RemoveEmptyEntries));
        Assert.All(_seen, s => Assert.Equal("/plain hello", s));
    }

    /// <summary>The web server underneath reads a length with a sign; what goes out is written anew.</summary>
    [Fact]
    public async Task A_length_with_a_sign_reaches_the_service_without_it()
    {
        await using var web = await WebAsync();
        web.Otherwise = async http => await http.Response.WriteAsync($"{http.Request.Headers.ContentLength} {await new StreamReader(http.Request.Body).ReadToEndAsync(Ct)}");

        var answer = await RawHttp.SendAsync(Edge, $"POST /plain HTTP/1.1\r\nHost: {A.Host}\r\nConnection: close\r\nContent-Length: +4\r\n\r\nbody");

        Assert.Contains("4 body", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chunk_extensions_and_trailers_of_a_visitor_do_not_reach_the_service_as_headers_or_body()
    {
        await using var web = await WebAsync();

        var answer = await RawHttp.SendAsync(Edge, $"POST /plain HTTP/1.1\r\nHost: {A.Host}\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n5;name=\"value\"\r\nhello\r\n0\r\nX-Forwarded-For: 6.6.6.6\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        Assert.Equal("/plain hello", Assert.Single(_seen));
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n", "400")]
    [InlineData("GET / HTTP/1.1\r\nHost: shop.test:80:80\r\n\r\n", "400")]
    [InlineData("GET / HTTP/1.1\r\nHost: shop.test/evil\r\n\r\n", "400")]
    [InlineData("GET / HTTP/1.1\r\nHost: user@shop.test\r\n\r\n", "400")]
    [InlineData("GET http://other.test/ HTTP/1.1\r\nHost: shop.test\r\n\r\n", "40")]
    [InlineData("GET /%00 HTTP/1.1\r\nHost: shop.test\r\n\r\n", "400")]
    [InlineData("GET / HTTP/3.7\r\nHost: shop.test\r\n\r\n", "505")]
    [InlineData("GET  / HTTP/1.1\r\nHost: shop.test\r\n\r\n", "400")]
    [InlineData("G@T / HTTP/1.1\r\nHost: shop.test\r\n\r\n", "400")]
    public async Task A_malformed_first_line_or_host_is_refused(string request, string status)
    {
        await using var web = await WebAsync();

        Assert.StartsWith($"HTTP/1.1 {status}", await RawHttp.SendAsync(Edge, request), StringComparison.Ordinal);
        Assert.Empty(_seen);
    }

    [Fact]
    public async Task Oversized_heads_are_refused_with_their_own_status()
    {
        await using var web = await WebAsync();

        Assert.StartsWith("HTTP/1.1 414", await RawHttp.GetAsync(Edge, "/" + new string('a', 20_000)), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 431", await RawHttp.GetAsync(Edge, "/", $"X-Large: {new string('a', 70_000)}"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 431", await RawHttp.GetAsync(Edge, "/", [.. Enumerable.Range(0, 200).Select(i => $"X-{i}: a")]), StringComparison.Ordinal);
        Assert.Empty(_seen);
    }

    private async Task<Backend> WebAsync()
    {
        var web = await Backend.StartAsync("web1");
        web.Otherwise = async http =>
        {
            if (http.Request.Path != "/after")
            {
                _seen.Enqueue($"{http.Request.Path} {await new StreamReader(http.Request.Body).ReadToEndAsync(Ct)}".TrimEnd());
            }

            await http.Response.WriteAsync("web1");
        };
        await Edge.Control.PutAsync(A.Service(web), Ct);
        return web;
    }
}
