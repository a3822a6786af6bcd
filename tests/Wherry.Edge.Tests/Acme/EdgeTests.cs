using System.Security.Cryptography.X509Certificates;
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
}
