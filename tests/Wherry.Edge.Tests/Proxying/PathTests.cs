using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Proxying;

public sealed class PathTests : OnAnEdge
{
    [Fact]
    public async Task KP_021_The_longest_path_prefix_wins_within_a_host_and_for_routes_without_host()
    {
        await using var root = await Backend.StartAsync("root");
        await using var api = await Backend.StartAsync("api");
        await using var any = await Backend.StartAsync("any");
        await Edge.Control.PutAsync("p.e.root", A.Service(root), Ct);
        await Edge.Control.PutAsync("p.e.api", A.Service(api) with { Routes = [A.Route(api.Port, path: "/api"), A.Route(api.Port, host: null, path: "/api")] }, Ct);
        await Edge.Control.PutAsync("p.e.any", A.Service(any) with { Routes = [A.Route(any.Port, host: null)] }, Ct);

        Assert.Equal("root", await Edge.GetAsync("/"));
        Assert.Equal("api", await Edge.GetAsync("/api"));
        Assert.Equal("api", await Edge.GetAsync("/api/v1"));
        Assert.Equal("root", await Edge.GetAsync("/apis"));
        Assert.Equal("api", await Edge.GetAsync("http://other.test/api/v1"));
        Assert.Equal("any", await Edge.GetAsync("http://other.test/"));
    }

    [Theory]
    [InlineData(true, "/app", "/")]
    [InlineData(true, "/app/", "/")]
    [InlineData(true, "/app/x/y", "/x/y")]
    [InlineData(true, "/app?q=1", "/?q=1")]
    [InlineData(true, "/app/?q=/app", "/?q=/app")]
    [InlineData(true, "/%61pp/x", "/x")]
    [InlineData(false, "/app", "/app")]
    [InlineData(false, "/app/x", "/app/x")]
    [InlineData(true, "/application", null)]
    [InlineData(false, "/application", null)]
    public async Task KP_022_The_prefix_is_stripped_when_asked_and_covers_whole_segments_only(bool strip, string sent, string? seen)
    {
        await using var web = await Backend.StartAsync("web1");
        web.Otherwise = RawTarget;
        await Edge.Control.PutAsync(A.Service(web) with { Routes = [A.Route(web.Port, path: "/app", strip: strip)] }, Ct);

        var answer = await RawHttp.GetAsync(Edge, sent);

        Assert.Contains(seen is null ? "" : $"[{seen}]", answer, StringComparison.Ordinal);
        Assert.StartsWith(seen is null ? "HTTP/1.1 404" : "HTTP/1.1 200", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/?a;b")]
    [InlineData("/?a=%zz&b=%")]
    [InlineData("/?q=a+b%20c&&=&x")]
    [InlineData("/search?q=[1]{2}|^`\\")]
    [InlineData("/a%2Fb/%7Euser/c%20d;v=1")]
    [InlineData("/a//b///c")]
    [InlineData("/.well-known/x")]
    [InlineData("/caf%C3%A9")]
    public async Task KP_072_Path_and_query_reach_the_target_byte_for_byte(string target)
    {
        await using var web = await Backend.StartAsync("web1");
        web.Otherwise = RawTarget;
        await Edge.Control.PutAsync(A.Service(web), Ct);

        Assert.Contains($"[{target}]", await RawHttp.GetAsync(Edge, target), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/public/../private")]
    [InlineData("/public/%2e%2e/private")]
    [InlineData("/public/./../private")]
    public async Task A_path_that_climbs_reaches_the_service_it_climbs_to_and_shows_it_nothing_else(string target)
    {
        await using var open = await Backend.StartAsync("open");
        await using var closed = await Backend.StartAsync("closed");
        open.Otherwise = RawTarget;
        closed.Otherwise = RawTarget;
        await Edge.Control.PutAsync("p.e.open", A.Service(open) with { Routes = [A.Route(open.Port, path: "/public")] }, Ct);
        await Edge.Control.PutAsync("p.e.closed", A.Service(closed) with { Routes = [A.Route(closed.Port, path: "/private")] }, Ct);

        Assert.Contains("[/private]", await RawHttp.GetAsync(Edge, target), StringComparison.Ordinal);
        Assert.Equal((0, 1), (open.Hits, closed.Hits));
    }

    [Fact]
    public async Task A_request_with_an_absolute_target_is_served_by_its_host()
    {
        await using var web = await Backend.StartAsync("web1");
        web.Otherwise = RawTarget;
        await Edge.Control.PutAsync(A.Service(web), Ct);

        Assert.Contains("[/x?y=1]", await RawHttp.GetAsync(Edge, $"http://{A.Host}/x?y=1"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/a\tb")]
    [InlineData("/?a\rb")]
    [InlineData("/a\u0001b")]
    [InlineData("/?\u007f")]
    public async Task A_target_with_control_characters_reaches_no_service(string target)
    {
        await using var web = await Backend.StartAsync("web1");
        await Edge.Control.PutAsync(A.Service(web), Ct);

        Assert.StartsWith("HTTP/1.1 400", await RawHttp.GetAsync(Edge, target), StringComparison.Ordinal);
        Assert.Equal(0, web.Hits);
    }

    [Fact]
    public async Task A_request_about_the_server_as_a_whole_has_a_target_that_services_understand()
    {
        await using var web = await Backend.StartAsync("web1");
        web.Otherwise = RawTarget;
        await Edge.Control.PutAsync(A.Service(web), Ct);

        Assert.Contains("[/]", await RawHttp.SendAsync(Edge, $"OPTIONS * HTTP/1.1\r\nHost: {A.Host}\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);
    }

    private static Task RawTarget(HttpContext http) => http.Response.WriteAsync($"[{http.Features.Get<IHttpRequestFeature>()!.RawTarget}]");

    [Theory]
    [InlineData("a=b; Path=/; HttpOnly", "a=b; Path=/app; HttpOnly")]
    [InlineData("a=b; path=/deep", "a=b; Path=/app/deep")]
    [InlineData("a=b; Path=/app/deep", "a=b; Path=/app/deep")]
    [InlineData("a=b", "a=b; Path=/app")]
    [InlineData("a=b; Domain=shop.test; Path=/", "a=b; Domain=shop.test; Path=/app")]
    [InlineData("a=b; Domain=.test; Path=/", "a=b; Domain=.test; Path=/app")]
    [InlineData("a=b; Domain=other.example; Path=/", "a=b; Domain=other.example; Path=/")]
    [InlineData("__Host-a=b; Path=/; Secure", "__Host-a=b; Path=/; Secure")]
    [InlineData("a=b; Path=/; Domain=op.test", "a=b; Path=/; Domain=op.test")]
    public async Task KP_023_KP_024_Cookies_of_a_mounted_service_belong_below_its_prefix_and_those_of_other_domains_stay(string set, string got)
    {
        await using var web = await Backend.StartAsync("web");
        web.Otherwise = http =>
        {
            http.Response.Headers.Append("Set-Cookie", set);
            return http.Response.WriteAsync("ok");
        };
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false, UseProxy = false }) { BaseAddress = new Uri($"http://{Edge.Address}"), DefaultRequestHeaders = { Host = A.Host } };
        await Edge.Control.PutAsync(A.Service(web) with { Routes = [A.Route(web.Port, path: "/app", strip: true)] }, Ct);
        using var mounted = await http.GetAsync(new Uri("/app/x", UriKind.Relative), Ct);
        Assert.Equal(got, Assert.Single(mounted.Headers.GetValues("Set-Cookie")));

        await Edge.Control.PutAsync(A.Service(web) with { Routes = [A.Route(web.Port, path: "/app")] }, Ct);
        using var seen = await http.GetAsync(new Uri("/app/x", UriKind.Relative), Ct);
        Assert.Equal(set, Assert.Single(seen.Headers.GetValues("Set-Cookie")));
    }
}
