using System.Net;
using Microsoft.AspNetCore.Http;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Proxying;

/// <summary>What of HTTP comes before and after a body: <c>100 Continue</c>, trailers; and bodies that nothing keeps.</summary>
public sealed class TrailerTests : OnAnEdge
{
    /// <summary>HTTP/1.1 visitors get the body without them, as RFC 9110 allows: the web server underneath cannot write them there.</summary>
    [Theory]
    [InlineData(1, null)]
    [InlineData(2, "42")]
    public async Task Trailers_of_an_answer_reach_visitors_over_HTTP_2(int version, string? sum)
    {
        await using var web = TcpReplica.Start("web1", serve: async (stream, ct) =>
        {
            await stream.ReadAtLeastAsync(new byte[4096], 60, throwOnEndOfStream: false, ct);
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n4\r\nbody\r\n0\r\nX-Sum: 42\r\n\r\n"u8.ToArray(), ct);
        });
        await Edge.Control.PutAsync(TcpReplica.Service(0, web) with { Tcp = null, Routes = [A.Route(web.Port)] }, Ct);
        using var client = Edge.NewClient(new Version(version, version == 1 ? 1 : 0));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/") { Version = client.DefaultRequestVersion, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Headers = { { "TE", "trailers" } } };

        using var answer = await client.SendAsync(request, Ct);

        Assert.Equal("body", await answer.Content.ReadAsStringAsync(Ct));
        Assert.Equal(sum, answer.TrailingHeaders.TryGetValues("X-Sum", out var values) ? values.Single() : null);
    }

    [Fact]
    public async Task Who_asks_whether_to_send_a_body_is_told_and_who_is_refused_need_not_send_it()
    {
        await using var web = await Backend.StartAsync("web1");
        web.On("/take", async http => await http.Response.WriteAsync(await new StreamReader(http.Request.Body).ReadToEndAsync(Ct)));
        web.On("/refuse", 403, "no");
        await Edge.Control.PutAsync(A.Service(web), Ct);
        using var visitor = await TcpVisitor.ConnectAsync(Edge.Address.Port);

        await visitor.SendAsync($"POST /take HTTP/1.1\r\nHost: {A.Host}\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
        Assert.Equal("HTTP/1.1 100 Continue\r", await visitor.LineAsync());
        Assert.Equal("\r", await visitor.LineAsync());
        await visitor.SendAsync("hello");
        Assert.Equal("HTTP/1.1 200 OK\r", await visitor.LineAsync());

        using var refused = await TcpVisitor.ConnectAsync(Edge.Address.Port);
        await refused.SendAsync($"POST /refuse HTTP/1.1\r\nHost: {A.Host}\r\nContent-Length: 5000000\r\nExpect: 100-continue\r\n\r\n");
        var first = await refused.LineAsync();
        Assert.Contains(first, new[] { "HTTP/1.1 403 Forbidden\r", "HTTP/1.1 100 Continue\r" });
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_quarter_of_a_gigabyte_is_uploaded_and_the_memory_stays_flat(int version)
    {
        await using var web = await Backend.StartAsync("web1");
        web.Otherwise = async http =>
        {
            var buffer = new byte[64 << 10];
            long total = 0;
            for (int read; (read = await http.Request.Body.ReadAsync(buffer, Ct)) > 0; total += read)
            {
            }

            await http.Response.WriteAsync($"{total}");
        };
        await Edge.Control.PutAsync(A.Service(web), Ct);
        using var client = Edge.NewClient(new Version(version, version == 1 ? 1 : 0));
        client.Timeout = TimeSpan.FromMinutes(2);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        using var body = new Flood(256 << 20);

        using var answer = await client.PostAsync(new Uri("/", UriKind.Relative), body, Ct);

        Assert.Equal($"{256 << 20}", await answer.Content.ReadAsStringAsync(Ct));
        Assert.InRange(body.MostMemory - before, long.MinValue, 24 << 20);
    }

    /// <summary>A large body that is nowhere as a whole, and looks at the memory of this process while it is sent.</summary>
    private sealed class Flood(long length) : HttpContent
    {
        public long MostMemory { get; private set; }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var chunk = new byte[64 << 10];
            for (long sent = 0; sent < length; sent += chunk.Length)
            {
                await stream.WriteAsync(chunk);
                if (sent % (32 << 20) == 0)
                {
                    MostMemory = Math.Max(MostMemory, GC.GetTotalMemory(forceFullCollection: true));
                }
            }
        }

        protected override bool TryComputeLength(out long computed)
        {
            computed = length;
            return true;
        }
    }
}
