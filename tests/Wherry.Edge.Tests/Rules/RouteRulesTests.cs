using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http;
using Wherry.Core.Model;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Rules;

/// <summary>What a route does with requests and answers on their way.</summary>
public class RouteRulesTests : OnAnEdge
{
    [Theory]
    [InlineData("https://new.test", true, "GET", "/a?b=c", 301, "https://new.test/a?b=c")]
    [InlineData("https://new.test", false, "POST", "/a?b=c", 307, "https://new.test/a?b=c")]
    [InlineData("https://new.test/", false, "GET", "/a?b=c", 302, "https://new.test/")]
    [InlineData("https://new.test/here?x=1", true, "POST", "/a", 308, "https://new.test/here?x=1")]
    [InlineData("/here", false, "GET", "/a?b=c", 302, "/here")]
    public async Task A_route_redirects(string to, bool permanent, string method, string path, int status, string location)
    {
        await using var web = await ServeAsync(new() { Redirect = new(to, permanent) });

        using var request = new HttpRequestMessage(new(method), new Uri(path, UriKind.Relative));
        using var answer = await Edge.Http.SendAsync(request, Ct);

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(location, answer.Headers.Location!.OriginalString);
        Assert.Equal(0, web.Hits);
    }

    [Fact]
    public async Task A_header_that_is_removed_and_set_is_set()
    {
        await using var web = await ServeAsync(new() { NoIndex = true, ResponseHeaders = new() { Set = Pairs(("X-Own", "edge")), Remove = ["X-Robots-Tag", "x-own"] } });
        web.On("/", http =>
        {
            http.Response.Headers["X-Robots-Tag"] = "all";
            http.Response.Headers["X-Own"] = "app";
            return Task.CompletedTask;
        });

        using var answer = await Edge.Http.GetAsync(new Uri("/", UriKind.Relative), Ct);

        Assert.Equal("noindex, nofollow", string.Join(", ", answer.Headers.GetValues("X-Robots-Tag")));
        Assert.Equal("edge", Assert.Single(answer.Headers.GetValues("X-Own")));
    }

    [Fact]
    public async Task Headers_are_set_and_removed_on_both_ways()
    {
        await using var web = await ServeAsync(new()
        {
            NoIndex = true,
            RequestHeaders = new() { Set = Pairs(("X-Tenant", "blue"), ("Content-Type", "text/odd")), Remove = ["Cookie", "X-Role"] },
            ResponseHeaders = new() { Set = Pairs(("Strict-Transport-Security", "max-age=60"), ("X-Own", "edge")), Remove = ["X-Powered-By"] },
        });
        web.On("/", http =>
        {
            http.Response.Headers["X-Powered-By"] = "secrets";
            http.Response.Headers["X-Own"] = "app";
            return http.Response.WriteAsync($"{http.Request.Headers["X-Tenant"]}|{http.Request.ContentType}|{http.Request.Headers.Cookie}{http.Request.Headers["X_Tenant"]}{http.Request.Headers["X_role"]}");
        });

        using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = new StringContent("x"), Headers = { { "X-Tenant", "green" }, { "X_Tenant", "red" }, { "X_role", "root" }, { "Cookie", "a=b" } } };
        using var answer = await Edge.Http.SendAsync(request, Ct);

        Assert.Equal("blue|text/odd|", await answer.Content.ReadAsStringAsync(Ct));
        Assert.Equal("max-age=60", Assert.Single(answer.Headers.GetValues("Strict-Transport-Security")));
        Assert.Equal("edge", Assert.Single(answer.Headers.GetValues("X-Own")));
        Assert.Equal("noindex, nofollow", Assert.Single(answer.Headers.GetValues("X-Robots-Tag")));
        Assert.False(answer.Headers.Contains("X-Powered-By"));
    }

    [Theory]
    [InlineData("/old/a?b=c", "/old", true, "/new/a?b=c")]
    [InlineData("/old", "/old", true, "/new/")]
    [InlineData("/old/a", "/old", false, "/new/old/a")]
    [InlineData("/", "/", false, "/new/")]
    public async Task A_prefix_is_added_behind_the_one_that_is_taken_off(string asked, string path, bool strip, string got)
    {
        await using var web = await Backend.StartAsync("web");
        web.Otherwise = http => http.Response.WriteAsync(http.Request.Path + http.Request.QueryString.Value);
        await Edge.Control.PutAsync(A.Service(web) with { Routes = [A.Route(web.Port, path: path, strip: strip) with { Rules = new() { AddPrefix = PathPrefix.Parse("/new") } }] }, Ct);

        Assert.Equal(got, await Edge.GetAsync(asked));
    }

    [Theory]
    [InlineData("br, gzip", "br")]
    [InlineData("gzip", "gzip")]
    [InlineData("", null)]
    public async Task Text_is_compressed_for_who_takes_it(string accept, string? encoding)
    {
        encoding = OnCaddy && encoding == "br" ? "gzip" : encoding; // Debian's Caddy has no Brotli
        var text = string.Concat(Enumerable.Repeat("the same again ", 5000));
        await using var web = await ServeAsync(new() { Compress = true });
        web.On("/text", http => WriteAsync(http, "text/html; charset=utf-8", text)).On("/picture", http => WriteAsync(http, "image/png", text));

        using var answer = await AskAsync("/text", ("Accept-Encoding", accept));
        using var picture = await AskAsync("/picture", ("Accept-Encoding", accept));

        Assert.Equal(encoding, answer.Content.Headers.ContentEncoding.SingleOrDefault());
        Assert.Empty(picture.Content.Headers.ContentEncoding);
        await using var body = await answer.Content.ReadAsStreamAsync(Ct);
        await using Stream plain = encoding switch { "br" => new BrotliStream(body, CompressionMode.Decompress), "gzip" => new GZipStream(body, CompressionMode.Decompress), _ => body };
        using var reader = new StreamReader(plain);
        Assert.Equal(text, await reader.ReadToEndAsync(Ct));
    }

    [Fact]
    public async Task What_is_compressed_already_and_event_streams_stay_as_they_are()
    {
        await using var web = await ServeAsync(new() { Compress = true });
        var next = new TaskCompletionSource();
        web.On("/zipped", http =>
        {
            http.Response.Headers.ContentEncoding = "gzip";
            return WriteAsync(http, "text/html", "as it was");
        });
        web.On("/events", async http =>
        {
            http.Response.ContentType = "text/event-stream";
            await http.Response.WriteAsync("data: 1\n\n");
            await http.Response.Body.FlushAsync();
            await next.Task;
            await http.Response.WriteAsync("data: 2\n\n");
        });

        using var zipped = await AskAsync("/zipped", ("Accept-Encoding", "br, gzip"));
        Assert.Equal("gzip", Assert.Single(zipped.Content.Headers.ContentEncoding));
        Assert.Equal("as it was", await zipped.Content.ReadAsStringAsync(Ct));

        using var request = new HttpRequestMessage(HttpMethod.Get, "/events") { Headers = { { "Accept-Encoding", "br" } } };
        using var events = await Edge.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Ct);
        using var lines = new StreamReader(await events.Content.ReadAsStreamAsync(Ct));
        Assert.Equal("data: 1", await lines.ReadLineAsync(Ct));
        next.SetResult();
        await lines.ReadLineAsync(Ct);
        Assert.Equal("data: 2", await lines.ReadLineAsync(Ct));
    }

    [Fact]
    public async Task A_route_has_its_own_limit_of_a_body()
    {
        await using var web = await ServeAsync(new() { MaxBody = 4 });

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await PostAsync("12345"));
        Assert.Equal(HttpStatusCode.OK, await PostAsync("1234"));
    }

    [Fact]
    public async Task A_service_that_does_not_begin_to_answer_in_time_gets_504_and_one_that_takes_long_to_end_does_not()
    {
        await using var web = await ServeAsync(new() { FirstByteWithin = TimeSpan.FromMilliseconds(300) });
        web.On("/mute", http => Task.Delay(TimeSpan.FromSeconds(10), http.RequestAborted));
        web.On("/slow", async http =>
        {
            await http.Response.WriteAsync("a");
            await http.Response.Body.FlushAsync();
            await Task.Delay(800);
            await http.Response.WriteAsync("b");
        });

        Assert.Equal(504, await Edge.StatusAsync("/mute"));
        Assert.Equal("ab", await Edge.GetAsync("/slow"));
    }

    [Fact]
    public async Task A_cookie_keeps_a_visitor_at_his_replica_until_that_is_gone()
    {
        await using var one = await Backend.StartAsync("one");
        await using var two = await Backend.StartAsync("two", one);
        var service = A.Service(one, two) with { Routes = [A.Route(one.Port) with { Rules = new() { StickyCookie = "place" } }] };
        await Edge.Control.PutAsync(service, Ct);

        using var first = await AskAsync("/");
        var place = await first.Content.ReadAsStringAsync(Ct);
        var cookie = Assert.Single(first.Headers.GetValues("Set-Cookie"));
        Assert.True(OnCaddy || cookie.Contains("httponly", StringComparison.OrdinalIgnoreCase), cookie);
        Assert.DoesNotContain(place, cookie, StringComparison.Ordinal);
        for (var i = 0; i < 10; i++)
        {
            using var again = await AskAsync("/", ("Cookie", cookie.Split(';')[0]));
            Assert.Equal(place, await again.Content.ReadAsStringAsync(Ct));
            Assert.False(again.Headers.Contains("Set-Cookie"));
        }

        var left = place == "one" ? two : one;
        await Edge.Control.PutAsync(service with { Targets = [left.Target] }, Ct);
        using var moved = await AskAsync("/", ("Cookie", cookie.Split(';')[0]));
        Assert.Equal(left.Id, await moved.Content.ReadAsStringAsync(Ct));
        Assert.True(moved.Headers.Contains("Set-Cookie"));
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task Rules_that_cannot_hold_are_refused(string at, RouteRules rules)
    {
        await using var web = await Backend.StartAsync("web");

        var problem = await EdgeControl.ProblemOfAsync(() => Edge.Control.PutAsync(A.Service(web) with { Routes = [A.Route(web.Port) with { Rules = rules }] }, Ct));

        Assert.Equal("edge/service", problem.Code);
        Assert.Contains($"routes[0].{at}", problem.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, RouteRules> Wrong() => new()
    {
        { "redirect.to", new() { Redirect = new("//evil.test") } },
        { "redirect.to", new() { Redirect = new("/\\evil.test") } },
        { "redirect.to", new() { Redirect = new("javascript:alert(1)") } },
        { "redirect.to", new() { Redirect = new("/a\r\nSet-Cookie: x=y") } },
        { "request_headers", new() { RequestHeaders = new() { Remove = ["Transfer-Encoding"] } } },
        { "request_headers", new() { RequestHeaders = new() { Set = Pairs(("Host", "x")) } } },
        { "response_headers.set.X-A", new() { ResponseHeaders = new() { Set = Pairs(("X-A", "a\r\nb")) } } },
        { "response_headers", new() { ResponseHeaders = new() { Set = Pairs(("X A", "a")) } } },
        { "allow", new() { Allow = ["10.0.0.0/33"] } },
        { "deny", new() { Deny = ["everybody"] } },
        { "rate_limit", new() { RateLimit = new(0, TimeSpan.FromSeconds(1)) } },
        { "rate_limit.per", new() { RateLimit = new(1, TimeSpan.Zero) } },
        { "basic_auth.ann", new() { BasicAuth = Pairs(("ann", "plain")) } },
        { "basic_auth.ann", new() { BasicAuth = Pairs(("ann", "{SHA}qUqP5cyxm6YcTAhz05Hph5gvu9M=")) } },
        { "basic_auth.ann", new() { BasicAuth = Pairs(("ann", "$6$rounds=999999999$saltsalt$" + new string('a', 86))) } },
        { "basic_auth.ann", new() { BasicAuth = Pairs(("ann", "$2b$31$" + new string('a', 53))) } },
        { "basic_auth.ann", new() { BasicAuth = Pairs(("ann", "$y$jFT$abcdefgh$" + new string('a', 43))) } },
        { "basic_auth", new() { BasicAuth = Pairs(("a:b", RuleAccessTests.Hash)) } },
        { "forward_auth.url", new() { ForwardAuth = new("file:///etc/passwd") } },
        { "forward_auth.copy_headers", new() { ForwardAuth = new("http://auth.test/", ["Content-Length"]) } },
        { "max_body", new() { MaxBody = -1 } },
        { "first_byte_within", new() { FirstByteWithin = TimeSpan.Zero } },
        { "sticky_cookie", new() { StickyCookie = "a b" } },
    };

    private static SortedDictionary<string, string> Pairs(params (string Key, string Value)[] pairs) => new(pairs.ToDictionary(p => p.Key, p => p.Value), StringComparer.Ordinal);

    private static Task WriteAsync(HttpContext http, string type, string text)
    {
        http.Response.ContentType = type;
        return http.Response.WriteAsync(text);
    }

    private async Task<Backend> ServeAsync(RouteRules rules)
    {
        var web = await Backend.StartAsync("web");
        await Edge.Control.PutAsync(A.Service(web) with { Routes = [A.Route(web.Port) with { Rules = rules }] }, Ct);
        return web;
    }

    private async Task<HttpResponseMessage> AskAsync(string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await Edge.Http.SendAsync(request, Ct);
    }

    private async Task<HttpStatusCode> PostAsync(string body)
    {
        using var content = new StringContent(body, MediaTypeHeaderValue.Parse("text/plain"));
        using var answer = await Edge.Http.PostAsync(new Uri("/", UriKind.Relative), content, Ct);
        return answer.StatusCode;
    }
}
