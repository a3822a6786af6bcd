using System.Net;
using System.Net.WebSockets;
using System.Security.Authentication;
using Microsoft.AspNetCore.Http;
using Wherry.Core.Model;
using Wherry.Core.Routing;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Certificates;

/// <summary>Services over TLS: the right certificate for the right name, and nothing else.</summary>
public sealed class TlsTests : OnAnEdge, IDisposable
{
    private static readonly TlsSettings Tls = new();

    private readonly TestAuthority _authority = new();

    public void Dispose() => _authority.Dispose();

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task KP_094_A_service_is_served_over_TLS_and_learns_that_it_was(string version)
    {
        await using var web = await Backend.StartAsync("web");
        web.On("/told", http => http.Response.WriteAsync($"{http.Request.Headers["X-Forwarded-Proto"]} {http.Request.Host}"));
        await Edge.Control.UploadAsync("shop", _authority.For(A.Host));
        await Edge.Control.PutAsync(A.Service(web) with { Tls = Tls }, Ct);

        using var http = TlsVisitor.Client(Edge, _authority.Root, Version.Parse(version));
        using var answer = await http.GetAsync(new Uri("/told", UriKind.Relative), Ct);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(Version.Parse(version), answer.Version);
        Assert.Equal($"https {A.Host}", await answer.Content.ReadAsStringAsync(Ct));
    }

    [Fact]
    public async Task A_WebSocket_works_over_TLS()
    {
        await using var web = await Backend.StartAsync("web");
        web.On("/ws", WebSocketEcho.ServeAsync);
        await Edge.Control.UploadAsync("shop", _authority.For(A.Host));
        await Edge.Control.PutAsync(A.Service(web) with { Tls = Tls }, Ct);

        using var client = TlsVisitor.Client(Edge, _authority.Root);
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri($"wss://{A.Host}/ws"), client, Ct);

        Assert.Equal("hello", await WebSocketEcho.AskAsync(socket, "hello"));
    }

    [Fact]
    public async Task KP_092_A_service_with_TLS_sends_plain_requests_to_https_unless_it_is_told_not_to()
    {
        await using var web = await Backend.StartAsync("web");
        await Edge.Control.UploadAsync("shop", _authority.For(A.Host));
        await Edge.Control.PutAsync(A.Service(web) with { Tls = Tls }, Ct);

        using var get = await Edge.Http.GetAsync(new Uri("/a/b?c=d;e&f=%20", UriKind.Relative), Ct);
        using var post = await Edge.Http.PostAsync(new Uri("/a", UriKind.Relative), null, Ct);
        Assert.Equal(HttpStatusCode.MovedPermanently, get.StatusCode);
        Assert.Equal($"https://{A.Host}:{Edge.TlsAddress.Port}/a/b?c=d;e&f=%20", get.Headers.Location!.OriginalString);
        Assert.Equal(HttpStatusCode.PermanentRedirect, post.StatusCode);
        Assert.Equal(0, web.Hits);

        await Edge.Control.PutAsync(A.Service(web) with { Tls = Tls with { Redirect = false } }, Ct);
        using var http = TlsVisitor.Client(Edge, _authority.Root);
        Assert.Equal("web", await Edge.GetAsync("/"));
        Assert.Equal("web", await http.GetStringAsync(new Uri("/", UriKind.Relative), Ct));
    }

    [Fact]
    public async Task KP_092_Who_came_by_https_to_a_trusted_proxy_is_not_sent_there_again_and_who_only_says_so_is()
    {
        await using var edge = await TestEdge.StartAsync(o => o with { ListenTls = ["127.0.0.1:0"], TrustedProxies = ["127.0.0.1"] });
        await using var web = await Backend.StartAsync("web");
        var service = A.Service(web) with { Tls = Tls, Routes = [A.Route(web.Port) with { Rules = new() { StickyCookie = "place" } }] };
        foreach (var each in new[] { edge, Edge })
        {
            await each.Control.UploadAsync("shop", _authority.For(A.Host));
            await each.Control.PutAsync(service, Ct);
        }

        var answer = await RawHttp.GetAsync(edge, "/", "X-Forwarded-Proto: https, http");
        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        Assert.Contains("; secure", answer, StringComparison.OrdinalIgnoreCase);
        Assert.StartsWith("HTTP/1.1 301", await RawHttp.GetAsync(edge, "/", "X-Forwarded-Proto: http"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 301", await RawHttp.GetAsync(edge, "/"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 301", await RawHttp.GetAsync(Edge, "/", "X-Forwarded-Proto: https"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task KP_093_KP_095_Who_asks_for_a_host_without_TLS_an_unknown_one_or_none_is_refused_in_the_handshake()
    {
        await using var web = await Backend.StartAsync("web");
        await Edge.Control.UploadAsync("all", _authority.For(A.Host, "plain.test"));
        await Edge.Control.PutAsync(A.Service(web) with { Tls = Tls }, Ct);
        await Edge.Control.PutAsync("p.e.plain", A.Service(web) with { Routes = [A.Route(web.Port, "plain.test")] }, Ct);

        await TlsVisitor.RefusedAsync(Edge, "plain.test");
        await TlsVisitor.RefusedAsync(Edge, "unknown.test");
        await TlsVisitor.RefusedAsync(Edge, "");
        using var got = await TlsVisitor.CertificateAsync(Edge, A.Host, _authority.Root);
        Assert.Contains(A.Host, got.GetNameInfo(System.Security.Cryptography.X509Certificates.X509NameType.DnsName, false), StringComparison.Ordinal);
    }

    [Fact]
    public async Task KP_095_Who_names_no_host_gets_the_default_one_and_only_that()
    {
        await using var edge = await TestEdge.StartAsync(o => o with { ListenTls = ["127.0.0.1:0"], DefaultTlsHost = A.Host });
        await using var web = await Backend.StartAsync("web");
        await edge.Control.UploadAsync("shop", _authority.For(A.Host));
        await edge.Control.UploadAsync("other", _authority.For("other.test"));
        await edge.Control.PutAsync(A.Service(web) with { Tls = Tls }, Ct);
        await edge.Control.PutAsync("p.e.other", A.Service(web) with { Routes = [A.Route(web.Port, "other.test")], Tls = Tls }, Ct);

        using var got = await TlsVisitor.CertificateAsync(edge, "");
        Assert.True(got.MatchesHostname(A.Host));
        Assert.Equal("HTTP/1.1 200 OK", await TlsVisitor.FirstLineAsync(edge, "", A.Host));
        Assert.Equal("HTTP/1.1 421 Misdirected Request", await TlsVisitor.FirstLineAsync(edge, "", "other.test"));
        Assert.Equal("HTTP/1.1 421 Misdirected Request", await TlsVisitor.FirstLineAsync(edge, "other.test", A.Host));
        Assert.Equal(1, web.Hits);
    }

    [Fact]
    public async Task KP_012_KP_013_Other_hosts_are_sent_to_the_canonical_one_in_one_step()
    {
        await using var web = await Backend.StartAsync("web");
        var service = A.Service(web) with { Routes = [A.Route(web.Port), A.Route(web.Port, "www.shop.test")], CanonicalHost = HostName.Parse(A.Host) };
        await Edge.Control.PutAsync(service, Ct);
        Assert.Equal($"http://{A.Host}/a?b=c", await LocationAsync(Edge.Http, "http://www.shop.test/a?b=c"));
        Assert.Equal("web", await Edge.GetAsync("/"));

        await Edge.Control.UploadAsync("shop", _authority.For(A.Host, "www.shop.test"));
        await Edge.Control.PutAsync(service with { Tls = Tls }, Ct);
        using var http = TlsVisitor.Client(Edge, _authority.Root);
        Assert.Equal($"https://{A.Host}:{Edge.TlsAddress.Port}/a?b=c", await LocationAsync(Edge.Http, "http://www.shop.test/a?b=c"));
        Assert.Equal($"https://{A.Host}/a?b=c", await LocationAsync(http, "https://www.shop.test/a?b=c"));
        Assert.Equal("web", await http.GetStringAsync(new Uri($"https://{A.Host}/a"), Ct));
        Assert.Equal("edge/service", (await EdgeControl.ProblemOfAsync(() => Edge.Control.PutAsync(service with { CanonicalHost = HostName.Parse("elsewhere.test") }, Ct))).Code);
    }

    [Fact]
    public async Task A_port_for_TLS_that_another_program_has_does_not_take_plain_http_away()
    {
        using var other = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        other.Start();
        await using var web = await Backend.StartAsync("web");

        await using var edge = await TestEdge.StartAsync(o => o with { ListenTls = [$"{other.LocalEndpoint}"], TlsWhereFree = true });
        await edge.Control.PutAsync(A.Service(web) with { Routes = [A.Route(web.Port, "shop.localhost")], Tls = Tls }, Ct);

        Assert.Equal("web", await edge.GetAsync("http://shop.localhost/"));
        Assert.Null((await edge.Control.HealthAsync()).ListenTls);
        Assert.Equal("edge/port-taken", (await EdgeControl.ProblemOfAsync(() => TestEdge.StartAsync(o => o with { ListenTls = [$"{other.LocalEndpoint}"] }))).Code);
    }

    [Fact]
    public async Task KP_030_Services_on_paths_of_a_host_take_what_its_root_says_about_TLS()
    {
        await using var web = await Backend.StartAsync("web");
        await using var api = await Backend.StartAsync("api");
        await Edge.Control.UploadAsync("shop", _authority.For(A.Host));
        await Edge.Control.PutAsync(A.Service(web) with { Tls = Tls }, Ct);
        await Edge.Control.PutAsync("p.e.api", A.Service(api) with { Routes = [A.Route(api.Port, path: "/api")] }, Ct);

        using var http = TlsVisitor.Client(Edge, _authority.Root);

        Assert.Equal(301, await Edge.StatusAsync("/api"));
        Assert.Equal("api", await http.GetStringAsync(new Uri("/api", UriKind.Relative), Ct));
    }

    [Fact]
    public async Task KP_014_A_deploy_that_asks_for_TLS_without_a_certificate_changes_nothing()
    {
        await using var old = await Backend.StartAsync("old");
        await using var next = await Backend.StartAsync("next");
        await Edge.Control.PutAsync(A.Service(old), Ct);
        var before = await File.ReadAllBytesAsync(Path.Combine(Edge.Home, "state.json"), Ct);

        var problem = await EdgeControl.ProblemOfAsync(() => Edge.Control.PutAsync(A.Service(next) with { Tls = Tls }, Ct));

        Assert.Equal("certificate/missing", problem.Code);
        Assert.Contains(A.Host, problem.Message, StringComparison.Ordinal);
        Assert.Equal("old", await Edge.GetAsync("/"));
        Assert.Equal(before, await File.ReadAllBytesAsync(Path.Combine(Edge.Home, "state.json"), Ct));
    }

    [Fact]
    public async Task KP_101_TLS_is_back_after_a_restart()
    {
        await using var web = await Backend.StartAsync("web");
        await Edge.Control.UploadAsync("shop", _authority.For(A.Host));
        await Edge.Control.PutAsync(A.Service(web) with { Tls = Tls }, Ct);

        await Edge.RestartAsync();

        using var http = TlsVisitor.Client(Edge, _authority.Root);
        Assert.Equal("web", await http.GetStringAsync(new Uri("/", UriKind.Relative), Ct));
        Assert.Equal(301, await Edge.StatusAsync("/"));
    }

    [Fact]
    public async Task The_edges_own_authority_serves_private_names_and_others_when_it_is_asked_to()
    {
        await using var web = await Backend.StartAsync("web");
        await Edge.Control.PutAsync(A.Service(web) with { Routes = [A.Route(web.Port, "shop.localhost")], Tls = Tls }, Ct);
        await Edge.Control.PutAsync("p.e.all", A.Service(web) with { Routes = [A.Route(web.Port, "*.corp.test")], Tls = new() { Source = TlsSource.Internal } }, Ct);
        using var root = await Edge.Control.RootAsync();

        using var local = TlsVisitor.Client(Edge, root);
        Assert.Equal("web", await local.GetStringAsync(new Uri("https://shop.localhost/"), Ct));
        Assert.Equal("web", await local.GetStringAsync(new Uri("https://wiki.corp.test/"), Ct));
        using var stranger = TlsVisitor.Client(Edge, _authority.Root);
        Assert.IsType<AuthenticationException>((await Assert.ThrowsAsync<HttpRequestException>(() => stranger.GetStringAsync(new Uri("https://shop.localhost/"), Ct))).InnerException);

        await Edge.RestartAsync();
        using var again = await Edge.Control.RootAsync();
        Assert.Equal(root.Thumbprint, again.Thumbprint);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(Edge.Home, "authority", "root.pem")));
    }

    protected override EdgeOptions Options(EdgeOptions defaults) => defaults with { ListenTls = ["127.0.0.1:0"] };

    private static async Task<string> LocationAsync(HttpClient http, string url)
    {
        using var response = await http.GetAsync(new Uri(url), Ct);
        Assert.Equal(HttpStatusCode.MovedPermanently, response.StatusCode);
        return response.Headers.Location!.OriginalString;
    }
}
