using Wherry.Core.Model;
using Wherry.Core.Routing;
using Wherry.Edge.Acme;
using Wherry.Edge.Tests.Acme.Rig;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Acme;

/// <summary>Days on which an edge gets no certificates: what it has, it serves.</summary>
public sealed class EdgeBadDayTests
{
    private const string Host = "shop.example";

    private static readonly TlsSettings Tls = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("""{ "directory": "http://plain.example/" }""")]
    [InlineData("""{ "directroy": "https://typo.example/" }""")]
    [InlineData("""{ "trustedRoots": "/nowhere/roots.pem" }""")]
    [InlineData("""{ "dns": [{ "zone": "shop.example" }] }""")]
    [InlineData("""{ "dns": [{ "zone": "shop.example", "cloudflare": { "token": "t" }, "exec": { "program": "/bin/true" } }] }""")]
    [InlineData("""{ "dns": [{ "zone": "shop.example", "rfc2136": { "server": "127.0.0.1:53", "keyName": "k", "secret": "no base64!" } }] }""")]
    public async Task Settings_that_cannot_be_meant_are_told_and_stop_only_who_needs_them(string json)
    {
        await using var edge = await TestEdge.StartAsync(o =>
        {
            File.WriteAllText(Path.Combine(o.Home, "acme.json"), json);
            return o with { ListenTls = ["127.0.0.1:0"] };
        });
        await using var web = await Backend.StartAsync("web");

        var told = (await edge.Control.HealthAsync()).Acme!;
        Assert.Equal("acme/settings", told.Code);
        Assert.Contains("acme.json", told.Message, StringComparison.Ordinal);
        await edge.Control.PutAsync(A.Service(web), Ct);
        Assert.Equal("web", await edge.GetAsync("/"));
        await edge.Control.PutAsync("p.e.local", A.Service(web) with { Routes = [A.Route(web.Port, "shop.localhost")], Tls = Tls }, Ct);
        using var local = await TlsVisitor.CertificateAsync(edge, "shop.localhost");
        var refused = await EdgeControl.ProblemOfAsync(() => edge.Control.PutAsync(A.Service(web) with { Tls = Tls }, Ct));
        Assert.Equal((told.Code, told.Message), (refused.Code, refused.Message));
        Assert.Equal("web", await edge.GetAsync("/"));
    }

    [Fact]
    public async Task What_was_obtained_is_served_and_said_to_be_at_an_end_while_the_settings_are_broken()
    {
        await using var pebble = await Pebble.StartAsync();
        await using var edge = await AcmeEdge.StartAsync(pebble);
        await using var web = await Backend.StartAsync("web");
        await edge.Control.PutAsync(A.Service(web) with { Routes = [A.Route(web.Port, Host)], Tls = Tls }, Ct);
        await AcmeEdge.ObtainedAsync(edge, Host);
        using var before = await TlsVisitor.CertificateAsync(edge, Host);
        await edge.StopAsync();
        await File.WriteAllTextAsync(Path.Combine(edge.Home, "acme.json"), "{ half", Ct);

        await edge.StartAgainAsync();

        using var after = await TlsVisitor.CertificateAsync(edge, Host);
        Assert.Equal(before.Thumbprint, after.Thumbprint);
        var state = Assert.Single(await edge.Control.CertificatesAsync());
        Assert.Equal((CertificateCondition.Failing, null), (state.Condition, state.NextAttempt));
        Assert.Contains("acme.json", state.Problem, StringComparison.Ordinal);
        await edge.Control.PutAsync(A.Service(web) with { Routes = [A.Route(web.Port, Host)], Tls = Tls, DrainFor = TimeSpan.FromSeconds(1) }, Ct); // it may be deployed again
        AcmeEdge.Configure(edge.Home, pebble);
        await edge.RestartAsync();
        Assert.Equal(CertificateCondition.Good, Assert.Single(await edge.Control.CertificatesAsync()).Condition);
        Assert.Null((await edge.Control.HealthAsync()).Acme);
    }

    [Fact]
    public async Task What_nobody_foresaw_is_told_and_keeps_nobody_from_serving_or_stopping()
    {
        await using var pebble = await Pebble.StartAsync();
        var edge = await AcmeEdge.StartAsync(pebble);
        await using var web = await Backend.StartAsync("web");
        var file = FileOf(edge, "odd.example");
        Directory.CreateDirectory(file + ".unreadable"); // where the broken file would be put aside
        await File.WriteAllTextAsync(file, "{ half", Ct);

        await edge.Control.PutAsync(A.Service(web) with { Routes = [A.Route(web.Port, "odd.example"), A.Route(web.Port, Host)], Tls = Tls }, Ct);

        await AcmeEdge.ObtainedAsync(edge, Host);
        await Eventually.TrueAsync(async () => (await edge.Control.CertificatesAsync()).Single(c => c.Name == "odd.example") is { Condition: CertificateCondition.Failing, NextAttempt: not null });
        Assert.Equal("web", await edge.GetAsync("http://odd.example/"));
        await edge.DisposeAsync();
    }

    [Fact]
    public async Task A_key_that_is_not_the_certificates_is_put_aside_and_another_ordered_and_one_that_others_may_read_is_shut()
    {
        await using var pebble = await Pebble.StartAsync();
        await using var edge = await AcmeEdge.StartAsync(pebble);
        await using var web = await Backend.StartAsync("web");
        await edge.Control.PutAsync(A.Service(web) with { Routes = [A.Route(web.Port, Host), A.Route(web.Port, "www.shop.example")], Tls = Tls }, Ct);
        await AcmeEdge.ObtainedAsync(edge, Host);
        await AcmeEdge.ObtainedAsync(edge, "www.shop.example");
        using var before = await TlsVisitor.CertificateAsync(edge, Host);
        await edge.StopAsync();
        var (own, other) = (FileOf(edge, Host), FileOf(edge, "www.shop.example"));
        var text = await File.ReadAllTextAsync(own, Ct);
        await File.WriteAllTextAsync(own, text.Replace(KeyIn(text), KeyIn(await File.ReadAllTextAsync(other, Ct)), StringComparison.Ordinal), Ct);
        File.SetUnixFileMode(other, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);

        await edge.StartAgainAsync();

        await AcmeEdge.ObtainedAsync(edge, Host);
        using var after = await TlsVisitor.CertificateAsync(edge, Host);
        Assert.NotEqual(before.Thumbprint, after.Thumbprint);
        Assert.True(File.Exists(own + ".unreadable"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(other));
    }

    [Fact]
    public async Task RG_24_A_week_without_the_authority_is_waited_out_with_growing_pauses_while_the_old_certificate_serves()
    {
        var life = TimeSpan.FromDays(3);
        var time = new FastTime(1);
        await using var pebble = await Pebble.StartAsync(new() { ValidSeconds = (int)life.TotalSeconds });
        await using var edge = await AcmeEdge.StartAsync(pebble, time: time);
        await using var web = await Backend.StartAsync("web");
        await edge.Control.PutAsync(A.Service(web) with { Routes = [A.Route(web.Port, Host)], Tls = Tls }, Ct);
        await AcmeEdge.ObtainedAsync(edge, Host);
        using var before = await TlsVisitor.CertificateAsync(edge, Host);
        await pebble.StopAsync();
        await edge.StopAsync();
        time.Hurry(40_000); // a week in a quarter of a minute
        await edge.StartAgainAsync();

        var since = time.GetUtcNow();
        var attempts = new HashSet<DateTimeOffset>();
        var conditions = new HashSet<CertificateCondition>();
        while (time.GetUtcNow() - since < TimeSpan.FromDays(7))
        {
            var state = Assert.Single(await edge.Control.CertificatesAsync());
            conditions.Add(state.Condition);
            if (state.NextAttempt is { } next)
            {
                attempts.Add(next);
                Assert.InRange(next - time.GetUtcNow(), TimeSpan.MinValue, TimeSpan.FromHours(8));
            }

            using var served = await TlsVisitor.CertificateAsync(edge, Host);
            Assert.Equal(before.Thumbprint, served.Thumbprint);
        }

        Assert.Contains(CertificateCondition.Failing, conditions);
        Assert.Contains(CertificateCondition.Expired, conditions);
        Assert.InRange(attempts.Count, 5, 45);
        await pebble.StartAsync();
        await Eventually.TrueAsync(
            async () =>
            {
                using var now = await TlsVisitor.CertificateAsync(edge, Host);
                return now.Thumbprint != before.Thumbprint;
            },
            30);
    }

    private static string FileOf(TestEdge edge, string host)
    {
        var folder = Directory.CreateDirectory(Path.Combine(edge.Home, "acme", "certificates")).FullName;
        return Path.Combine(folder, new CertificateNames(HostName.Parse(host)).FileName + ".json");
    }

    private static string KeyIn(string json) => System.Text.Json.Nodes.JsonNode.Parse(json)!["certificate"]!["key"]!.ToJsonString();
}
