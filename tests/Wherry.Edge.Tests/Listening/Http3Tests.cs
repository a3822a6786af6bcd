using System.Net;
using System.Net.Quic;
using System.Net.Sockets;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Wherry.Edge.Listening;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Listening;

/// <summary>HTTP/3: with the system's QUIC where there is one, and everything above it with connections in memory.</summary>
public sealed class Http3Tests : IDisposable
{
    private readonly TestAuthority _authority = new();
    private readonly QuicInMemory _quic = new();

    public void Dispose() => _authority.Dispose();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_machine_with_QUIC_serves_HTTP_3_and_one_without_advertises_nothing_and_says_why()
    {
        await using var web = await Backend.StartAsync("web");
        var port = Backend.FreePort();
        await using var edge = await StartAsync(null, web, "localhost", $"127.0.0.1:{port}", $"[::1]:{port}");

        using var client = TlsVisitor.Client(edge, _authority.Root);
        using var first = await client.GetAsync(new Uri($"https://localhost:{edge.TlsAddress.Port}/"), Ct);
        var health = await edge.Control.HealthAsync();
        if (QuicListener.IsSupported)
        {
            Assert.Equal($"h3=\":{edge.TlsAddress.Port}\"", first.Headers.GetValues("Alt-Svc").Single());
            Assert.Contains(edge.TlsAddress.ToString(), health.ListenHttp3!);
            using var http3 = TlsVisitor.Client(edge, _authority.Root, HttpVersion.Version30);
            using var answer = await http3.GetAsync(new Uri($"https://localhost:{edge.TlsAddress.Port}/"), Ct);
            Assert.Equal((HttpVersion.Version30, "web"), (answer.Version, await answer.Content.ReadAsStringAsync(Ct)));
        }
        else
        {
            Assert.False(first.Headers.Contains("Alt-Svc"));
            Assert.Null(health.ListenHttp3);
            Assert.Equal("edge/no-quic", health.Http3!.Code);
            Assert.Contains("libmsquic", health.Http3.Hint, StringComparison.Ordinal);
            using var free = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            free.Bind(edge.TlsAddress);
        }
    }

    [Fact]
    public async Task Requests_over_HTTP_3_go_the_way_of_all_others()
    {
        await using var web = await Backend.StartAsync("web");
        web.On("/told", http => http.Response.WriteAsync($"{http.Request.Protocol} {http.Request.Headers["X-Forwarded-Proto"]} {http.Request.Host} {http.Request.Headers["X-Forwarded-For"]}"));
        web.On("/echo", async http => await http.Request.Body.CopyToAsync(http.Response.Body));
        await using var edge = await StartAsync(_quic, web);
        var visitor = await _quic.ConnectAsync(A.Host);

        Assert.Equal((200, "web"), await visitor.AskAsync("/"));
        Assert.Equal((200, $"HTTP/1.1 https {A.Host} 127.0.0.1"), await visitor.AskAsync("/told"));
        Assert.Equal((200, "a body"), await visitor.AskAsync("/echo", "a body"));
        Assert.Equal("HTTP/3", (await edge.LoggedAsync("/echo"))["protocol"]!.GetValue<string>());
    }

    [Fact]
    public async Task Who_names_no_host_of_ours_gets_no_certificate_and_a_connection_is_for_its_own_hosts_alone()
    {
        await using var web = await Backend.StartAsync("web");
        await using var edge = await StartAsync(_quic, web);
        await edge.Control.UploadAsync("blog", _authority.For("blog.test"));
        await edge.Control.PutAsync("blog.production.web", A.Service(web) with { Tls = new(), Routes = [A.Route(web.Port, "blog.test")] }, Ct);

        await Assert.ThrowsAsync<AuthenticationException>(() => _quic.ConnectAsync("elsewhere.test"));
        await Assert.ThrowsAsync<AuthenticationException>(() => _quic.ConnectAsync(""));
        var visitor = await _quic.ConnectAsync("blog.test");
        Assert.Equal((200, "web"), await visitor.AskAsync("/", host: "blog.test"));
        Assert.Equal(421, (await visitor.AskAsync("/")).Status);
        Assert.Equal((200, "web"), await visitor.AskAsync("/", host: "blog.test"));
    }

    [Fact]
    public async Task HTTP_3_is_advertised_over_TLS_where_it_is_served_and_instead_of_what_a_target_says()
    {
        await using var web = await Backend.StartAsync("web");
        web.On("/own", http =>
        {
            http.Response.Headers.AltSvc = "h3=\":9999\"";
            return http.Response.WriteAsync("own");
        });
        await using var edge = await StartAsync(_quic, web);
        await edge.Control.PutAsync(A.Service(web) with { Tls = new() { Redirect = false } }, Ct);

        var expected = $"h3=\":{edge.TlsAddress.Port}\""; // the client leaves out a day, which is what is meant without
        foreach (var version in new[] { HttpVersion.Version11, HttpVersion.Version20 })
        {
            using var client = TlsVisitor.Client(edge, _authority.Root, version);
            foreach (var path in new[] { "/", "/own", "/.well-known/none" })
            {
                using var answer = await client.GetAsync(new Uri(path, UriKind.Relative), Ct);
                Assert.Equal(expected, answer.Headers.GetValues("Alt-Svc").Single());
            }
        }

        using var plain = await edge.Http.GetAsync(new Uri("/", UriKind.Relative), Ct);
        Assert.False(plain.Headers.Contains("Alt-Svc"));
        Assert.Equal([edge.TlsAddress.ToString()], (await edge.Control.HealthAsync()).ListenHttp3!);
        Assert.Null((await edge.Control.HealthAsync()).Http3);
    }

    [Fact]
    public async Task A_port_that_cannot_be_had_over_UDP_costs_HTTP_3_and_nothing_else()
    {
        await using var web = await Backend.StartAsync("web");
        await using var edge = await StartAsync(new() { Refusal = new AddressInUseException("taken") }, web);

        using var client = TlsVisitor.Client(edge, _authority.Root);
        using var answer = await client.GetAsync(new Uri("/", UriKind.Relative), Ct);

        Assert.Equal((HttpStatusCode.OK, false), (answer.StatusCode, answer.Headers.Contains("Alt-Svc")));
        var health = await edge.Control.HealthAsync();
        Assert.Null(health.ListenHttp3);
        Assert.Equal("edge/udp-port", health.Http3!.Code);
    }

    [Fact]
    public async Task Behind_a_load_balancer_that_introduces_visitors_HTTP_3_is_not_served()
    {
        await using var edge = await TestEdge.StartAsync(o => o with { ListenTls = [Free()], QuicTransport = _quic, ProxyProtocolFrom = ["127.0.0.1"] });

        var health = await edge.Control.HealthAsync();

        Assert.Null(health.ListenHttp3);
        Assert.Contains("PROXY protocol", health.Http3!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Over_QUIC_an_address_for_all_of_IPv6_is_one_for_IPv4_too()
    {
        IPEndPoint[] tls = [new(IPAddress.Any, 443), new(IPAddress.IPv6Any, 443), new(IPAddress.Any, 8443), new(IPAddress.Loopback, 0)];

        Assert.Equal([new(IPAddress.IPv6Any, 443), new(IPAddress.Any, 8443)], Http3.Of(tls));
    }

    private async Task<TestEdge> StartAsync(QuicInMemory? quic, Backend web, string host = A.Host, params string[] listen)
    {
        var edge = await TestEdge.StartAsync(o => o with { ListenTls = listen is [] ? [Free()] : listen, QuicTransport = quic });
        await edge.Control.UploadAsync("shop", _authority.For(host));
        await edge.Control.PutAsync(A.Service(web) with { Tls = new(), Routes = [A.Route(web.Port, host)] }, Ct);
        return edge;
    }

    private static string Free() => $"127.0.0.1:{Backend.FreePort()}";
}
