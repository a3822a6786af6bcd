using System.Text.Json.Nodes;
using Wherry.Core.Problems;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Foreign;

/// <summary>Services on a server of Caddy's that somebody else configured, beside routes of theirs.</summary>
public sealed class CaddyNeighboursTests : OnAnEdge
{
    protected override bool OnCaddy => true;

    [Fact]
    public async Task A_host_that_somebody_else_has_is_not_taken_from_them()
    {
        await using var web = await Backend.StartAsync("web1");
        await TheirsAsync("""{ "match": [{ "host": ["Theirs.test"] }], "handle": [{ "handler": "static_response", "body": "theirs" }], "terminal": true }""");
        var service = A.Service(web) with { Routes = [A.Route(web.Port), A.Route(web.Port, "theirs.test")] };

        var gate = await EdgeControl.ProblemOfAsync(() => Edge.Control.GateAsync(service));
        var put = await EdgeControl.ProblemOfAsync(() => Edge.Control.PutAsync(service, Ct));

        Assert.Equal(("edge/proxy-refused", "edge/proxy-refused"), (gate.Code, put.Code));
        Assert.Contains("mine", put.Message, StringComparison.Ordinal);
        Assert.Contains("theirs.test", put.Message, StringComparison.Ordinal);
        Assert.Equal("theirs", await Edge.GetAsync("http://theirs.test/"));
    }

    [Fact]
    public async Task A_service_that_is_served_goes_on_when_somebody_adds_a_site_for_its_host()
    {
        await using var old = await Backend.StartAsync("old");
        await using var next = await Backend.StartAsync("next");
        await TheirsAsync();
        await Edge.Control.PutAsync(A.Service(old), Ct);
        await TheirsAsync($$"""{ "match": [{ "host": ["{{A.Host}}"] }], "handle": [{ "handler": "static_response", "body": "theirs" }], "terminal": true }""");

        await Edge.Control.PutAsync(A.Service(next), Ct);

        Assert.Equal("next", await Edge.GetAsync("/"));
    }

    [Fact]
    public async Task A_wildcard_leaves_somebody_elses_host_below_it_to_them()
    {
        await using var web = await Backend.StartAsync("web1");
        await TheirsAsync(
            """{ "match": [{ "host": ["own.all.test"] }], "handle": [{ "handler": "static_response", "body": "theirs" }], "terminal": true }""",
            """{ "handle": [{ "handler": "static_response", "body": "anything" }], "terminal": true }""");
        await Edge.Control.PutAsync(A.Service(web) with { Routes = [A.Route(web.Port, "*.all.test"), A.Route(web.Port, "x.all.test", "/x"), A.Route(web.Port)] }, Ct);

        Assert.Equal("theirs", await Edge.GetAsync("http://own.all.test/"));
        Assert.Equal("web1", await Edge.GetAsync("http://x.all.test/"));
        Assert.Equal("web1", await Edge.GetAsync("http://x.all.test/x"));
        Assert.Equal("web1", await Edge.GetAsync("/"));
        Assert.Equal("anything", await Edge.GetAsync("http://elsewhere.test/"));

        await Edge.Control.DeleteAsync();
        Assert.Equal("anything", await Edge.GetAsync("http://x.all.test/"));
    }

    [Fact]
    public async Task A_route_without_host_behind_one_that_takes_everything_is_refused()
    {
        await using var web = await Backend.StartAsync("web1");
        await TheirsAsync("""{ "handle": [{ "handler": "static_response", "body": "anything" }] }""");

        var put = await EdgeControl.ProblemOfAsync(() => Edge.Control.PutAsync(A.Service(web) with { Routes = [A.Route(web.Port, host: null)] }, Ct));

        Assert.Equal("edge/proxy-refused", put.Code);
        Assert.Contains("every host", put.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_home_whose_services_would_take_somebody_elses_host_does_not_begin_with_Caddy()
    {
        await using var web = await Backend.StartAsync("web1");
        await TheirsAsync();
        await Edge.Control.PutAsync(A.Service(web), Ct);
        var options = new EdgeOptions { Home = Edge.Home, Listen = [Edge.Address.ToString()], Proxy = $"caddy {Caddy.Admin}" };
        await EdgeProxies.CheckAsync(options, Ct);

        await TheirsAsync($$"""{ "match": [{ "host": ["{{A.Host}}"] }] }""");

        Assert.Equal("edge/proxy-refused", (await Assert.ThrowsAsync<ProblemException>(() => EdgeProxies.CheckAsync(options, Ct))).Problem.Code);
    }

    [Fact]
    public async Task A_server_that_takes_visitors_with_TLS_and_without_is_refused_by_name()
    {
        await using var web = await Backend.StartAsync("web1");
        var secure = $"127.0.0.1:{Backend.FreePort()}";
        await ServerAsync([Edge.Address.ToString(), secure]);
        var options = new EdgeOptions { Home = Directory.CreateTempSubdirectory("wherry-edge-").FullName, Listen = [Edge.Address.ToString()], ListenTls = [secure], Proxy = $"caddy {Caddy.Admin}" };

        var problem = (await Assert.ThrowsAsync<ProblemException>(() => EdgeProxies.CheckAsync(options, Ct))).Problem;

        Assert.Equal("edge/proxy-refused", problem.Code);
        Assert.Contains("mine", problem.Message, StringComparison.Ordinal);
        Directory.Delete(options.Home, recursive: true);
    }

    /// <summary>A server of somebody else's has the edge's port.</summary>
    private Task TheirsAsync(params string[] routes) => ServerAsync([Edge.Address.ToString()], routes);

    private async Task ServerAsync(string[] listen, params string[] routes)
    {
        var config = await Caddy.ConfigAsync();
        config["apps"] = JsonNode.Parse($$"""
            { "http": { "servers": { "mine": { "listen": [{{string.Join(",", listen.Select(l => $"\"{l}\""))}}], "automatic_https": { "disable": true }, "routes": [{{string.Join(",", routes)}}] } } } }
            """);
        await Caddy.LoadAsync(config);
    }
}
