using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Wherry.Core.Model;
using Wherry.Core.Routing;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Rules;

/// <summary>Who is let in by a route, and how often.</summary>
public sealed class RuleAccessTests : OnAnEdge
{
    /// <summary>Of <c>open sesame</c>, by <c>crypt(3)</c>.</summary>
    public const string Hash = "$6$saltsalt$e/5XKibXPLqVcfjpD.ouauaJrAOL5V0uo80Lt7n7EbRdRiCx3HbQ90yjOHr.G0T.mx79PEMRy8nmtr0qSYhQp1";

    [Theory]
    [InlineData("198.51.100.7", 200)]
    [InlineData("198.51.100.8", 403)]
    [InlineData("203.0.113.1", 403)]
    [InlineData("2001:db8::1", 200)]
    [InlineData("not an address", 403)]
    public async Task Addresses_are_let_in_or_not_also_behind_a_trusted_proxy(string client, int status)
    {
        await using var web = await ServeAsync(new() { Allow = ["198.51.100.0/24", "2001:db8::/32"], Deny = ["198.51.100.8"] });

        using var answer = await AskAsync(("X-Forwarded-For", client));

        Assert.Equal(status, (int)answer.StatusCode);
    }

    [Fact]
    public async Task A_client_that_asks_too_often_gets_429_and_is_told_when_again_and_others_notice_nothing()
    {
        var rules = new RouteRules { RateLimit = new(3, TimeSpan.FromMinutes(10), Header: "X-Key") };
        await using var web = await ServeAsync(rules);

        Assert.All(await StatusesAsync(3, "a"), s => Assert.Equal(HttpStatusCode.OK, s));
        using var refused = await AskAsync(("X-Key", "a"));
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 600);
        Assert.Equal(HttpStatusCode.OK, Assert.Single(await StatusesAsync(1, "b")));
        Assert.Equal(4, web.Hits);

        // A redeploy with the same rules forgives nothing; other rules begin anew.
        await Edge.Control.PutAsync(Service(web, rules with { }), Ct);
        Assert.Equal(HttpStatusCode.TooManyRequests, Assert.Single(await StatusesAsync(1, "a")));
        await Edge.Control.PutAsync(Service(web, rules with { RateLimit = rules.RateLimit! with { Burst = 5 } }), Ct);
        Assert.All(await StatusesAsync(5, "a"), s => Assert.Equal(HttpStatusCode.OK, s));
    }

    [Fact]
    public async Task Requests_come_back_with_time()
    {
        await using var web = await ServeAsync(new() { RateLimit = new(2, TimeSpan.FromSeconds(1)) });

        Assert.Contains(HttpStatusCode.TooManyRequests, await StatusesAsync(6, "a"));
        await Eventually.TrueAsync(async () => (await StatusesAsync(1, "a"))[0] == HttpStatusCode.OK);
    }

    [Theory]
    [InlineData(Hash)]
    [InlineData("$2b$05$abcdefghijklmnopqrstuupx2xBUC4954936wVIjyyPHmUBFu0wCW")]
    [InlineData("$y$j9T$abcdefgh$c8R4fgRyxL8Q39.DpK0QFFQ5IBjxy7PYBstUKeRFh3/")]
    public async Task Names_and_passwords_are_asked_for_and_stay_with_the_edge(string hash)
    {
        await using var web = await ServeAsync(new() { BasicAuth = new Dictionary<string, string> { ["ann"] = hash } });
        web.Otherwise = http => http.Response.WriteAsync($"[{http.Request.Headers.Authorization}]");

        using var nobody = await AskAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, nobody.StatusCode);
        Assert.Equal("Basic", Assert.Single(nobody.Headers.WwwAuthenticate).Scheme);
        foreach (var wrong in new[] { Basic("ann:wrong"), Basic("bob:open sesame"), Basic("ann"), Basic("ann:open sesame\0"), "Basic ???", "Bearer x" })
        {
            using var refused = await AskAsync(("Authorization", wrong));
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        }

        Assert.Equal(0, web.Hits);
        for (var i = 0; i < 3; i++)
        {
            using var right = await AskAsync(("Authorization", Basic("ann:open sesame")));
            Assert.Equal("[]", await right.Content.ReadAsStringAsync(Ct));
        }
    }

    [Fact]
    public async Task Somebody_else_decides_and_says_who_it_is()
    {
        await using var auth = await Backend.StartAsync("auth");
        auth.Otherwise = async http =>
        {
            var asked = $"{http.Request.Method} {http.Request.Headers["X-Forwarded-Method"]}{http.Request.Headers["X_Forwarded_Method"]} {http.Request.Headers["X-Forwarded-Proto"]}://{http.Request.Headers["X-Forwarded-Host"]}{http.Request.Headers["X-Forwarded-Uri"]} {http.Request.Headers.Cookie}";
            if (http.Request.Headers.Cookie == "session=ann")
            {
                http.Response.Headers["Remote-User"] = "ann";
                http.Response.Headers["X-Asked"] = asked;
                return;
            }

            http.Response.StatusCode = 302;
            http.Response.Headers.Location = "https://login.test/?back=shop";
            http.Response.Headers.SetCookie = "state=1; Path=/login";
            await http.Response.WriteAsync("log in first");
        };
        await using var web = await ServeAsync(new() { ForwardAuth = new($"http://{auth.Address}:{auth.Port}/check", ["Remote-User", "Remote-Group", "X-Asked"]) });
        web.Otherwise = async http =>
        {
            using var body = new StreamReader(http.Request.Body);
            await http.Response.WriteAsync($"{http.Request.Headers["Remote-User"]}|{http.Request.Headers["Remote-Group"]}{http.Request.Headers["Remote_User"]}|{http.Request.Headers["X-Asked"]}|{await body.ReadToEndAsync()}");
        };

        using var stranger = await AskAsync(("Remote-User", "root"));
        Assert.Equal(HttpStatusCode.Redirect, stranger.StatusCode);
        Assert.Equal("https://login.test/?back=shop", stranger.Headers.Location!.OriginalString);
        Assert.Equal("state=1; Path=/login", Assert.Single(stranger.Headers.GetValues("Set-Cookie")));
        Assert.Equal("log in first", await stranger.Content.ReadAsStringAsync(Ct));

        using var request = new HttpRequestMessage(HttpMethod.Post, "/cart?x=1") { Content = new StringContent("three apples"), Headers = { { "Cookie", "session=ann" }, { "Remote-User", "root" }, { "Remote_User", "root" }, { "Remote-Group", "wheel" }, { "X-Forwarded-Method", "TRACE" }, { "X_Forwarded_Method", "TRACE" }, { "X-Forwarded-Uri", "/public" } } };
        using var known = await Edge.Http.SendAsync(request, Ct);
        Assert.Equal($"ann||GET POST http://{A.Host}/cart?x=1 session=ann|three apples", await known.Content.ReadAsStringAsync(Ct));

        await auth.StopAsync();
        using var unclear = await AskAsync(("Cookie", "session=ann"));
        Assert.Equal(HttpStatusCode.BadGateway, unclear.StatusCode);
        Assert.Equal(1, web.Hits);
    }

    protected override EdgeOptions Options(EdgeOptions defaults) => defaults with { TrustedProxies = ["127.0.0.1"] };

    private static string Basic(string pair) => $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(pair))}";

    private static EdgeService Service(Backend web, RouteRules rules) => A.Service(web) with { Routes = [A.Route(web.Port) with { Rules = rules }] };

    private async Task<Backend> ServeAsync(RouteRules rules)
    {
        var web = await Backend.StartAsync("web");
        await Edge.Control.PutAsync(Service(web, rules), Ct);
        return web;
    }

    private async Task<HttpResponseMessage> AskAsync(params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await Edge.Http.SendAsync(request, Ct);
    }

    private async Task<IReadOnlyList<HttpStatusCode>> StatusesAsync(int times, string key)
    {
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < times; i++)
        {
            using var answer = await AskAsync(("X-Key", key));
            statuses.Add(answer.StatusCode);
        }

        return statuses;
    }
}
