using FsCheck;
using FsCheck.Fluent;
using Wherry.Core.Model;
using Wherry.Core.Routing;
using Wherry.Edge.Tests.Rig;
using HostName = Wherry.Core.Model.HostName;

namespace Wherry.Edge.Tests.Foreign.Traefik;

public sealed class TraefikMatchingTests
{
    private static readonly string?[] Hosts = ["a.test", "b.test", "x.a.test", "*.test", "*.a.test", null];
    private static readonly string[] Paths = ["/", "/p", "/p/q", "/p/q/r", "/pq", "/q"];
    private static readonly string[] AskedHosts = ["a.test", "b.test", "x.a.test", "y.a.test", "c.test", "y.x.a.test", "elsewhere", "atest", "test"];
    private static readonly string[] AskedPaths = ["/", "/p", "/p/", "/p/q", "/p/q/r/s", "/pq", "/pqr", "/q/p", "/nothing", "/up"];

    [Fact]
    public void Whatever_is_asked_Traefik_finds_the_route_that_the_edge_finds() =>
        Prop.ForAll(Routes().ToArbitrary(), routes =>
        {
            var table = routes.Index().Aggregate(RouteTable.Empty, (t, r) => t.With($"p.production.s{r.Index}", [r.Item]));
            var written = TraefikText.Read([.. routes.Index().Select(r => TraefikText.Saved(TraefikText.Service(r.Item), $"p.production.s{r.Index}"))]);
            foreach (var host in AskedHosts)
            {
                foreach (var path in AskedPaths)
                {
                    var expected = table.Find(host, path) is { } match ? match.Key + "~0" : null;
                    Assert.Equal(expected, routes.Length == 0 ? null : TraefikRuleReader.Find(written["http"]!["routers"]!, host, path));
                }
            }
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("GET", "/", "~0~mirrored")]
    [InlineData("POST", "/", "~0")]
    [InlineData("GET", "/up", "~0~health")]
    [InlineData("GET", "/api/up", "~1~mirrored")]
    [InlineData("POST", "/api/up", "~1")]
    public void What_is_for_some_requests_of_a_route_takes_only_those(string method, string path, string router)
    {
        var service = TraefikText.Service(A.Route(3000), A.Route(3000, path: "/api")) with { Probe = new() { Path = "/up" }, Split = new() { Targets = ["two"], Share = 1, Mirror = new() } };
        var routers = TraefikText.Read(TraefikText.Saved(service, mode: ServiceMode.Maintenance))["http"]!["routers"]!;

        Assert.Equal(A.Key + router, TraefikRuleReader.Find(routers, A.Host, path, method));
    }

    private static Gen<Route[]> Routes() => Gen.Elements(Hosts).SelectMany(_ => Gen.Elements(Paths), (h, p) => new Route(h is null ? null : HostName.Parse(h), PathPrefix.Parse(p), 3000)).ArrayOf().Select(all => all.DistinctBy(r => (r.Host, r.Path)).ToArray());
}
