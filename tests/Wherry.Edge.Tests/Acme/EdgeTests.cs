using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Wherry.Core.Routing;
using Wherry.Edge.Tests.Acme.Rig;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Acme;

/// <summary>An edge that gets its certificates from a real authority by itself.</summary>
public sealed class EdgeTests
{
    private static readonly TlsSettings Tls = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_host_that_asks_for_TLS_has_a_certificate_soon_and_serves_without_until_then(bool byHttp)
    {
        await using var pebble = await Pebble.StartAsync(new() { RejectedNonces = 30, ValidationSeconds = 2 });
        await using var edge = await AcmeEdge.StartAsync(pebble, byHttp);
        await using var web = await Backend.StartAsync("web");
        await edge.Control.PutAsync(A.Service(web) with { Routes = [A.Route(web.Port, "shop.example")], Tls = Tls }, Ct);

        Assert.Equal("web", await edge.GetAsync("http://shop.example/"));
        Assert.Equal("it is being obtained", Assert.Single(await edge.Control.CertificatesAsync()).Problem);
        await AcmeEdge.ObtainedAsync(edge, "shop.example");
        using var root = X509Certificate2.CreateFromPem(await pebble.RootAsync());
        using var http = TlsVisitor.Client(edge, root);
        Assert.Equal("web", await http.GetStringAsync(new Uri("https://shop.example/"), Ct));
        Assert.Equal(301, await edge.StatusAsync("http://shop.example/"));
        var state = Assert.Single(await edge.Control.CertificatesAsync());
        Assert.Equal((true, "shop.example", null), (state.Automatic, state.Name, state.Problem));

        var orders = pebble.Orders;
        await edge.RestartAsync();
        await AcmeEdge.ObtainedAsync(edge, "shop.example");
        using var again = TlsVisitor.Client(edge, root);
        Assert.Equal("web", await again.GetStringAsync(new Uri("https://shop.example/"), Ct));
        Assert.Equal(orders, pebble.Orders);
    }

    [Fact]
    public async Task A_certificate_is_renewed_while_visitors_come_and_go()
    {
        await using var pebble = await Pebble.StartAsync(new() { ValidSeconds = 15 });
        await using var edge = await AcmeEdge.StartAsync(pebble, byHttp: true);
        await using var web = await Backend.StartAsync("web");
        await edge.Control.PutAsync(A.Service(web) with { Routes = [A.Route(web.Port, "shop.example")], Tls = Tls }, Ct);
        await AcmeEdge.ObtainedAsync(edge, "shop.example");
        using var first = await TlsVisitor.CertificateAsync(edge, "shop.example");

        await Eventually.TrueAsync(
            async () =>
            {
                using var now = await TlsVisitor.CertificateAsync(edge, "shop.example");
                return now.Thumbprint != first.Thumbprint;
            },
            30);
    }

    [Fact]
    public async Task KP_026_A_wildcard_that_nobody_can_prove_is_refused_when_it_is_deployed()
    {
        await using var pebble = await Pebble.StartAsync();
        await using var edge = await AcmeEdge.StartAsync(pebble, byHttp: true);
        await using var web = await Backend.StartAsync("web");

        var problem = await EdgeControl.ProblemOfAsync(() => edge.Control.PutAsync(A.Service(web) with { Routes = [A.Route(web.Port, "*.shop.example")], Tls = Tls }, Ct));

        Assert.Equal("certificate/wildcard", problem.Code);
        Assert.Contains("*.shop.example", problem.Message, StringComparison.Ordinal);
        Assert.Equal(404, await edge.StatusAsync("http://www.shop.example/"));
    }

    [Fact]
    public async Task An_authority_that_is_away_stops_nobody_and_is_told()
    {
        await using var pebble = await Pebble.StartAsync();
        await using var edge = await AcmeEdge.StartAsync(pebble, byHttp: true);
        await using var web = await Backend.StartAsync("web");
        await pebble.StopAsync();

        await edge.Control.PutAsync(A.Service(web) with { Routes = [A.Route(web.Port, "shop.example")], Tls = Tls }, Ct);

        await Eventually.TrueAsync(async () => Assert.Single(await edge.Control.CertificatesAsync()).Problem!.Contains(pebble.DirectoryUrl.Host, StringComparison.Ordinal));
        Assert.Equal("web", await edge.GetAsync("http://shop.example/"));
        await TlsVisitor.RefusedAsync(edge, "shop.example");
        await pebble.StartAsync(); // for its own end
    }

    [Fact]
    public async Task The_accounts_key_is_rolled_over_while_the_edge_serves()
    {
        await using var pebble = await Pebble.StartAsync(new() { RejectedNonces = 50 });
        await using var edge = await AcmeEdge.StartAsync(pebble);
        await using var web = await Backend.StartAsync("web");
        await edge.Control.PutAsync(A.Service(web) with { Routes = [A.Route(web.Port, "shop.example")], Tls = Tls }, Ct);
        await AcmeEdge.ObtainedAsync(edge, "shop.example");
        var key = Directory.GetFiles(edge.Home, "key.pem", SearchOption.AllDirectories).Single();
        var before = await File.ReadAllTextAsync(key, Ct);

        Assert.Equal((200, pebble.DirectoryUrl.AbsoluteUri), await RollAsync(edge, "directory"));

        Assert.NotEqual(before, await File.ReadAllTextAsync(key, Ct));
        await edge.Control.PutAsync(A.Service(web) with { Routes = [A.Route(web.Port, "shop.example"), A.Route(web.Port, "www.shop.example")], Tls = Tls }, Ct);
        await AcmeEdge.ObtainedAsync(edge, "www.shop.example");
        Assert.Equal(1, pebble.Accounts);
        await pebble.StopAsync();
        Assert.Equal((400, "acme/unreachable"), await RollAsync(edge, "code"));
        await pebble.StartAsync(); // for its own end
    }

    [Fact]
    public async Task Without_an_authority_there_is_no_key_to_roll_over()
    {
        await using var edge = await TestEdge.StartAsync();

        Assert.Equal((400, "acme/none"), await RollAsync(edge, "code"));
    }

    private static async Task<(int Status, string Said)> RollAsync(TestEdge edge, string part)
    {
        using var answer = await edge.Control.Http.PostAsync(new Uri("/acme/roll-key", UriKind.Relative), null, Ct);
        return ((int)answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync(Ct))![part]!.GetValue<string>());
    }
}
