using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Proxying;

public sealed class HeaderTests : OnAnEdge
{
    [Theory]
    [InlineData("shop.test")]
    [InlineData("shop.test:8080")]
    [InlineData("SHOP.test")]
    public async Task KP_069_Host_reaches_the_service_unchanged(string host)
    {
        await ServeHeadersAsync(Edge);

        var answer = await RawHttp.SendAsync(Edge, $"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");

        Assert.Contains($"[Host: {host}]", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("shop.test:65536")]
    [InlineData("shop.test:99999999999")]
    public async Task A_host_with_a_port_that_does_not_exist_is_refused_rather_than_replaced(string host)
    {
        await ServeHeadersAsync(Edge);

        Assert.StartsWith("HTTP/1.1 400", await RawHttp.SendAsync(Edge, $"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task KP_070_Forwarding_headers_are_set_and_what_the_client_claims_is_discarded()
    {
        await ServeHeadersAsync(Edge);

        var answer = await RawHttp.GetAsync(
            Edge, "/", "X-Forwarded-For: 6.6.6.6", "X-Forwarded-Proto: https", "X-Forwarded-Host: evil.test", "Forwarded: for=6.6.6.6", "X-Real-IP: 6.6.6.6", "x-forwarded-for: 7.7.7.7", "X_Forwarded_For: 7.7.7.7", "x-forwarded_host: evil.test");

        Assert.Contains("[X-Forwarded-For: 127.0.0.1]", answer, StringComparison.Ordinal);
        Assert.Contains("[X-Forwarded-Proto: http]", answer, StringComparison.Ordinal);
        Assert.Contains($"[X-Forwarded-Host: {A.Host}]", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("6.6.6.6", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("7.7.7.7", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("evil", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_trace_that_a_visitor_is_in_goes_on_as_it_came()
    {
        await ServeHeadersAsync(Edge);

        var answer = await RawHttp.GetAsync(Edge, "/", "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "tracestate: congo=t61rcWkgMzE", "baggage: user=ann");

        Assert.Contains("[traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01]", answer, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("[tracestate: congo=t61rcWkgMzE]", answer, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("[baggage: user=ann]", answer, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("traceparent", await RawHttp.GetAsync(Edge, "/"), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task KP_070_Forwarding_headers_of_a_trusted_proxy_are_kept()
    {
        await using var edge = await TestEdge.StartAsync(o => o with { TrustedProxies = ["127.0.0.0/8", "10.0.0.1"] });
        await ServeHeadersAsync(edge);

        var answer = await RawHttp.GetAsync(edge, "/", "X-Forwarded-For: 203.0.113.9, 10.0.0.1", "X-Forwarded-Proto: https", "X-Forwarded-Host: www.test");

        Assert.Contains("[X-Forwarded-For: 203.0.113.9, 10.0.0.1, 127.0.0.1]", answer, StringComparison.Ordinal);
        Assert.Contains("[X-Forwarded-Proto: https]", answer, StringComparison.Ordinal);
        Assert.Contains("[X-Forwarded-Host: www.test]", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task KP_071_The_client_behind_trusted_proxies_is_the_logged_address_and_cannot_be_made_up()
    {
        await using var edge = await TestEdge.StartAsync(o => o with { TrustedProxies = ["127.0.0.1", "10.0.0.0/8"] });
        await ServeHeadersAsync(edge);

        await RawHttp.GetAsync(edge, "/seen", "X-Forwarded-For: 1.1.1.1, 203.0.113.9, 10.0.0.1");

        Assert.Equal("203.0.113.9", (await edge.LoggedAsync("/seen"))["client"]!.GetValue<string>());
    }

    [Fact]
    public async Task KP_064_The_service_is_told_which_target_it_is_and_a_client_cannot_say_so()
    {
        await ServeHeadersAsync(Edge);

        var answer = await RawHttp.GetAsync(Edge, "/", "X-Wherry-Target: other");

        Assert.Contains("[X-Wherry-Target: web1]", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task KP_086_A_request_id_is_added_when_absent_and_kept_when_present()
    {
        await ServeHeadersAsync(Edge);

        Assert.Contains("[X-Request-ID: mine-1]", await RawHttp.GetAsync(Edge, "/", "X-Request-ID: mine-1"), StringComparison.Ordinal);
        Assert.Matches(@"\[X-Request-ID: [0-9a-f]{32}\]", await RawHttp.GetAsync(Edge, "/added"));
        Assert.Matches("^[0-9a-f]{32}$", (await Edge.LoggedAsync("/added"))["id"]!.GetValue<string>());
    }

    [Fact]
    public async Task KP_087_The_start_in_Unix_milliseconds_is_added_when_absent_and_kept_when_present()
    {
        await ServeHeadersAsync(Edge);
        Assert.Contains("[X-Request-Start: 17]", await RawHttp.GetAsync(Edge, "/", "X-Request-Start: 17"), StringComparison.Ordinal);

        var answer = await RawHttp.GetAsync(Edge, "/");

        var start = answer[(answer.IndexOf("[X-Request-Start: ", StringComparison.Ordinal) + 18)..].Split(']')[0];
        var age = TimeProvider.System.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(start, CultureInfo.InvariantCulture));
        Assert.InRange(age, TimeSpan.FromSeconds(-1), TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task Header_bytes_beyond_ASCII_pass_both_ways_as_they_came()
    {
        await using var web = await Backend.StartAsync("web1");
        web.Otherwise = http =>
        {
            http.Response.Headers["X-Back"] = http.Request.Headers["X-There"];
            return Task.CompletedTask;
        };
        await Edge.Control.PutAsync(A.Service(web), Ct);
        var utf8 = Encoding.Latin1.GetString(Encoding.UTF8.GetBytes("grüße"));

        Assert.Contains($"X-Back: {utf8}\r\n", await RawHttp.GetAsync(Edge, "/", $"X-There: {utf8}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_cookies_and_an_answers_own_headers_pass_through()
    {
        await using var web = await Backend.StartAsync("web1");
        web.Otherwise = http =>
        {
            http.Response.Headers.Append("Set-Cookie", "a=1; Path=/x");
            http.Response.Headers.Append("Set-Cookie", "b=2");
            http.Response.Headers.Server = "mine";
            http.Response.StatusCode = 418;
            return http.Response.WriteAsync($"[{http.Request.Headers.Cookie}]");
        };
        await Edge.Control.PutAsync(A.Service(web), Ct);

        var answer = await RawHttp.GetAsync(Edge, "/", "Cookie: c=3; d=4");

        Assert.StartsWith("HTTP/1.1 418", answer, StringComparison.Ordinal);
        Assert.Contains("Set-Cookie: a=1; Path=/x\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("Set-Cookie: b=2\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("Server: mine\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("[c=3; d=4]", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RG_15_A_request_of_HTTP_1_0_without_Host_is_served_by_a_route_without_host()
    {
        await using var web = await Backend.StartAsync("web1");
        await Edge.Control.PutAsync(A.Service(web) with { Routes = [A.Route(web.Port, host: null)] }, Ct);

        Assert.EndsWith("web1", await RawHttp.SendAsync(Edge, "GET / HTTP/1.0\r\n\r\n"), StringComparison.Ordinal);
    }

    /// <summary>A service that answers with the headers it got, each in brackets.</summary>
    private static async Task ServeHeadersAsync(TestEdge edge)
    {
        var web = await Backend.StartAsync("web1");
        web.Otherwise = http => http.Response.WriteAsync(string.Concat(http.Request.Headers.Select(h => $"[{h.Key}: {h.Value}]")));
        await edge.Control.PutAsync(A.Service(web), Ct);
    }
}
