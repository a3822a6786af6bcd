using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Foreign;

/// <summary>How the edge gets on with a Caddy that is not its own.</summary>
public sealed class CaddyTests : OnAnEdge
{
    protected override bool OnCaddy => true;

    [Fact]
    public async Task A_drain_waits_for_what_Caddy_still_works_on()
    {
        await using var old = await Backend.StartAsync("old");
        await using var next = await Backend.StartAsync("next");
        var finish = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        old.On("/slow", async http =>
        {
            await finish.Task.WaitAsync(http.RequestAborted);
            await http.Response.WriteAsync("slow from old");
        });
        await Edge.Control.PutAsync(A.Service(old), Ct);
        var slow = Enumerable.Range(0, 5).Select(_ => Edge.GetAsync("/slow")).ToArray();
        await Eventually.TrueAsync(() => old.Hits == 5);

        var put = Edge.Control.PutAsync(A.Service(next), Ct);
        await Eventually.TrueAsync(async () => await Edge.GetAsync("/") == "next");
        await Task.Delay(300, Ct);
        Assert.False(put.IsCompleted);
        await Edge.Control.MaintenanceAsync(); // another change in between: Caddy must not forget whom it works for
        await Edge.Control.ResumeAsync();
        Assert.False(put.IsCompleted);
        finish.SetResult();

        Assert.All(await Task.WhenAll(slow), answer => Assert.Equal("slow from old", answer));
        var report = await put;
        Assert.InRange(report.Drained, 5, 6);
        Assert.Equal(0, report.Cut);
    }

    [Fact]
    public async Task A_drain_ends_with_its_time()
    {
        await using var old = await Backend.StartAsync("old");
        await using var next = await Backend.StartAsync("next");
        old.On("/stuck", http => Task.Delay(Timeout.Infinite, http.RequestAborted));
        await Edge.Control.PutAsync(A.Service(old), Ct);
        var stuck = Edge.StatusAsync("/stuck");
        await Eventually.TrueAsync(() => old.Hits == 1);

        var report = await Edge.Control.PutAsync(A.Service(next) with { DrainFor = TimeSpan.FromMilliseconds(600) }, Ct);

        Assert.Equal((0, 1), (report.Drained, report.Cut));
        Assert.InRange(report.DrainTook, TimeSpan.FromMilliseconds(550), TimeSpan.FromSeconds(3));
        await old.StopAsync(); // as the server does with a replica that has drained
        Assert.Equal(502, await stuck);
    }

    [Fact]
    public async Task What_others_configured_in_Caddy_is_served_on_and_stays_as_it_is()
    {
        await using var theirs = await Backend.StartAsync("theirs");
        await using var web = await Backend.StartAsync("web1");
        var config = await Caddy.ConfigAsync();
        var servers = (JsonObject)config["apps"]!["http"]!["servers"]!;
        servers.Clear(); // ours too: theirs has the port now
        servers["mine"] = JsonNode.Parse($$"""
            { "listen": ["{{Edge.Address}}"], "automatic_https": { "disable": true }, "routes": [
              { "@id": "site", "match": [{ "host": ["theirs.test"] }], "handle": [{ "handler": "reverse_proxy", "upstreams": [{ "dial": "{{theirs.Address}}:{{theirs.Port}}" }] }], "terminal": true } ] }
            """);
        await Caddy.LoadAsync(config);
        var before = servers["mine"]!.DeepClone();

        await Edge.Control.PutAsync(A.Service(web), Ct);
        Assert.Equal("web1", await Edge.GetAsync("/"));
        Assert.Equal("theirs", await Edge.GetAsync("http://theirs.test/"));
        await Edge.Control.DeleteAsync();

        var after = (await Caddy.ConfigAsync())["apps"]!["http"]!["servers"]!["mine"]!;
        var idle = Assert.Single(after["routes"]!.AsArray(), r => r!["@id"]!.GetValue<string>() == "wherry_mine_leaving"); // counts for a target that gets nothing; goes with the next change
        after["routes"]!.AsArray().Remove(idle);
        Assert.True(JsonNode.DeepEquals(before, after));
        Assert.Equal("theirs", await Edge.GetAsync("http://theirs.test/"));
    }

    [Fact]
    public async Task A_Caddy_that_was_started_again_without_us_is_told_again()
    {
        await using var web = await Backend.StartAsync("web1");
        await Edge.Control.PutAsync(A.Service(web), Ct);

        await Caddy.KillAsync();
        await Eventually.TrueAsync(async () => (await Edge.Control.HealthAsync()).Proxy?.Problem?.Code == "edge/proxy-away");
        await Caddy.StartAgainAsync();

        await Eventually.TrueAsync(async () => (await Edge.Control.HealthAsync()).Proxy is { Name: "Caddy", Problem: null });
        Assert.Equal("web1", await Edge.GetAsync("/"));
    }

    [Fact]
    public async Task A_reload_of_Caddys_own_file_takes_nothing_away_for_long()
    {
        await using var web = await Backend.StartAsync("web1");
        await Edge.Control.PutAsync(A.Service(web), Ct);
        var config = await Caddy.ConfigAsync();
        config.Remove("apps");

        await Caddy.LoadAsync(config);

        await ServesAgainAsync("web1");
    }

    [Fact]
    public async Task Without_Caddy_a_deployment_is_refused_and_what_was_is_kept()
    {
        await using var old = await Backend.StartAsync("old");
        await using var next = await Backend.StartAsync("next");
        await Edge.Control.PutAsync(A.Service(old), Ct);
        await Caddy.KillAsync();

        var gate = await EdgeControl.ProblemOfAsync(() => Edge.Control.GateAsync(A.Service(next)));
        var put = await EdgeControl.ProblemOfAsync(() => Edge.Control.PutAsync(A.Service(next), Ct));
        await Caddy.StartAgainAsync();

        Assert.Equal(("edge/proxy-away", "edge/proxy-away"), (gate.Code, put.Code));
        Assert.Equal(["old"], (await Edge.Control.GetAsync()).Service.Targets.Select(t => t.Id));
        await ServesAgainAsync("old");
    }

    [Fact]
    public async Task Visitors_are_served_while_the_edge_is_away_and_it_goes_on_where_it_was()
    {
        await using var old = await Backend.StartAsync("old");
        await using var next = await Backend.StartAsync("next");
        await Edge.Control.PutAsync(A.Service(old), Ct);
        await Edge.StopAsync();
        using (var http = Edge.NewClient())
        {
            Assert.Equal("old", await http.GetStringAsync(new Uri("/", UriKind.Relative), Ct));
        }

        await Edge.StartAgainAsync();
        Assert.Equal("old", await Edge.GetAsync("/"));
        await Edge.Control.PutAsync(A.Service(next), Ct);
        Assert.Equal("next", await Edge.GetAsync("/"));
    }

    [Fact]
    public async Task A_change_that_Caddy_does_not_take_is_refused_with_its_words()
    {
        await using var old = await Backend.StartAsync("old");
        await using var next = await Backend.StartAsync("next");
        await Edge.Control.PutAsync(A.Service(old), Ct);
        var wrong = A.Service(next) with { Routes = [A.Route(next.Port) with { Rules = new() { ForwardAuth = new("https://auth.test/"), BasicAuth = new Dictionary<string, string> { ["a"] = "$2y$" } } }] };

        var problem = await EdgeControl.ProblemOfAsync(() => Edge.Control.PutAsync(wrong, Ct));

        Assert.True(problem.Code is "edge/service" or "edge/proxy-refused", problem.Code);
        Assert.Equal("old", await Edge.GetAsync("/"));
    }

    [Fact]
    public async Task What_Caddy_cannot_do_is_refused_by_name_before_anything_changes()
    {
        await using var web = await Backend.StartAsync("web1");
        await Edge.Control.PutAsync(A.Service(web), Ct);
        var wanted = A.Service(web) with { Routes = [A.Route(web.Port) with { Rules = new() { RateLimit = new(1, TimeSpan.FromSeconds(1)), ResponseHeaders = new() { Remove = ["X-*"] } } }], Split = new() { Targets = ["web1"], Share = 10 } };

        var gate = await EdgeControl.ProblemOfAsync(() => Edge.Control.GateAsync(wanted));
        var put = await EdgeControl.ProblemOfAsync(() => Edge.Control.PutAsync(wanted, Ct));
        var pause = await EdgeControl.ProblemOfAsync(() => Edge.Control.PauseAsync());

        Assert.All([gate, put, pause], p => Assert.Equal("edge/unsupported", p.Code));
        Assert.Contains("`rate_limit`", put.Message, StringComparison.Ordinal);
        Assert.Contains("a header whose name has a `*`", put.Message, StringComparison.Ordinal);
        Assert.Contains("canary", put.Message, StringComparison.Ordinal);
        Assert.Contains("wherry maintenance", pause.Hint, StringComparison.Ordinal);
        Assert.Equal("web1", await Edge.GetAsync("/"));
    }

    [Fact]
    public async Task Nothing_of_a_service_is_taken_for_a_placeholder_of_Caddys()
    {
        const string Secret = "{env.WHERRY_TEST_SECRET}";
        await using var web = await Backend.StartAsync("web1");
        web.On("/asked", http => http.Response.WriteAsync(http.Request.Headers["X-Asked"].ToString()));
        await Edge.Control.PutAsync(A.Service(web) with { Routes = [A.Route(web.Port) with { Rules = new() { RequestHeaders = new() { Set = Pair("X-Asked") }, ResponseHeaders = new() { Set = Pair("X-Told") } } }] }, Ct);

        using var answer = await Edge.Http.GetAsync(new Uri("/asked", UriKind.Relative), Ct);
        Assert.Equal(Secret, await answer.Content.ReadAsStringAsync(Ct));
        Assert.Equal(Secret, answer.Headers.GetValues("X-Told").Single());

        await Edge.Control.PutAsync("p.e.moved", A.Service(web) with { Routes = [A.Route(web.Port, "moved.test") with { Rules = new() { Redirect = new($"/x?{Secret}") } }] }, Ct);
        using var moved = await Edge.Http.GetAsync(new Uri("http://moved.test/"), Ct);
        Assert.DoesNotContain("not-to-be-told", moved.Headers.Location!.OriginalString, StringComparison.Ordinal);

        await Edge.Control.MaintenanceAsync(Secret);
        Assert.Contains(Secret, await Edge.GetAsync("/"), StringComparison.Ordinal);

        static SortedDictionary<string, string> Pair(string name) => new() { [name] = Secret };
    }

    private Task ServesAgainAsync(string id) => Eventually.TrueAsync(async () =>
    {
        try
        {
            return await Edge.GetAsync("/") == id;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    });
}
