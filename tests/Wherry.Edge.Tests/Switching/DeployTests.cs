using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Switching;

public class DeployTests : OnAnEdge
{
    [Fact]
    public async Task KP_001_An_empty_edge_answers_404_for_any_host()
    {
        Assert.Equal(404, await Edge.StatusAsync("/"));
        Assert.Equal(404, await Edge.StatusAsync("http://elsewhere.test/x"));
    }

    [Fact]
    public async Task KP_002_Deploying_a_healthy_target_makes_it_serve_and_returns_only_then()
    {
        await using var web = await Backend.StartAsync("web1");
        var well = false;
        web.On("/up", async http =>
        {
            http.Response.StatusCode = Volatile.Read(ref well) ? 200 : 503;
            await http.Response.CompleteAsync();
        });

        var put = Edge.Control.PutAsync(A.Service(web), Ct);
        await Task.Delay(200, Ct);
        Assert.False(put.IsCompleted);
        Assert.Equal(404, await Edge.StatusAsync("/"));

        Volatile.Write(ref well, true);
        var report = await put;
        Assert.Equal(["web1"], report.Switched);
        Assert.Equal("web1", await Edge.GetAsync("/"));
        Assert.True(report.GateTook > TimeSpan.FromMilliseconds(150), $"{report.GateTook}");
    }

    [Fact]
    public async Task KP_003_Two_targets_take_turns()
    {
        await using var one = await Backend.StartAsync("one");
        await using var two = await Backend.StartAsync("two", beside: one);
        await Edge.Control.PutAsync(A.Service(one, two), Ct);

        for (var i = 0; i < 20; i++)
        {
            await Edge.GetAsync("/");
        }

        Assert.Equal((10, 10), (one.Hits, two.Hits));
    }

    [Fact]
    public async Task KP_004_Removing_a_service_gives_404_again()
    {
        await using var web = await Backend.StartAsync("web1");
        await Edge.Control.PutAsync(A.Service(web), Ct);
        Assert.Equal(200, await Edge.StatusAsync("/"));

        await Edge.Control.DeleteAsync();

        Assert.Equal(404, await Edge.StatusAsync("/"));
        Assert.Empty((await Edge.Control.DeleteAsync()).Switched);
    }

    [Fact]
    public async Task KP_005_Every_host_of_a_service_is_served()
    {
        await using var web = await Backend.StartAsync("web1");
        await Edge.Control.PutAsync(A.Service(web) with { Routes = [A.Route(web.Port, "a.test"), A.Route(web.Port, "b.test")] }, Ct);

        Assert.Equal("web1", await Edge.GetAsync("http://a.test/"));
        Assert.Equal("web1", await Edge.GetAsync("http://b.test/"));
        Assert.Equal(404, await Edge.StatusAsync("http://c.test/"));
    }

    [Fact]
    public async Task KP_006_A_changed_host_list_drops_one_adds_one_and_never_misses_a_request_on_the_kept_one()
    {
        await using var web = await Backend.StartAsync("web1");
        var service = A.Service(web) with { Routes = [A.Route(web.Port, "kept.test"), A.Route(web.Port, "dropped.test")] };
        await Edge.Control.PutAsync(service, Ct);
        await using var visitor = new Visitor(Edge.Http, "http://kept.test/", patient: OnCaddy);
        await visitor.MoreAsync();

        await Edge.Control.PutAsync(service with { Routes = [A.Route(web.Port, "kept.test"), A.Route(web.Port, "new.test")] }, Ct);

        await visitor.MoreAsync();
        Assert.All(await visitor.StopAsync(), answer => Assert.Equal("web1", answer));
        Assert.Equal(404, await Edge.StatusAsync("http://dropped.test/"));
        Assert.Equal(200, await Edge.StatusAsync("http://new.test/"));
    }

    [Fact]
    public async Task KP_007_An_unknown_host_gets_404_while_a_known_one_works()
    {
        await using var web = await Backend.StartAsync("web1");
        await Edge.Control.PutAsync(A.Service(web), Ct);

        Assert.Equal(404, await Edge.StatusAsync("http://unknown.test/"));
        Assert.Equal(200, await Edge.StatusAsync("/"));
        Assert.Equal(1, web.Hits);
    }

    [Fact]
    public async Task KP_009_A_service_without_host_takes_what_nobody_else_does()
    {
        await using var named = await Backend.StartAsync("named");
        await using var any = await Backend.StartAsync("any");
        await Edge.Control.PutAsync("p.e.named", A.Service(named), Ct);
        await Edge.Control.PutAsync("p.e.any", A.Service(any) with { Routes = [A.Route(any.Port, host: null)] }, Ct);

        Assert.Equal("named", await Edge.GetAsync("/"));
        Assert.Equal("any", await Edge.GetAsync("http://whatever.test/"));
    }

    [Fact]
    public async Task KP_010_Redeploy_replaces_the_target_without_a_failed_request()
    {
        await using var old = await Backend.StartAsync("old");
        await Edge.Control.PutAsync(A.Service(old), Ct);
        await using var visitor = new Visitor(Edge.Http, $"http://{A.Host}/", patient: OnCaddy);
        await visitor.MoreAsync();

        await using var next = await Backend.StartAsync("next");
        await Edge.Control.PutAsync(A.Service(next), Ct);
        var hits = old.Hits;
        await old.StopAsync();
        await visitor.MoreAsync();

        var answers = await visitor.StopAsync();
        Assert.All(answers, answer => Assert.True(answer is "old" or "next", answer));
        Assert.Equal("next", answers[^1]);
        Assert.InRange(hits, answers.Count(a => a == "old"), answers.Count(a => a == "old") + (OnCaddy ? 2 : 0)); // who asks a second time may have been heard the first
    }

    [Fact]
    public async Task KP_011_Options_change_with_a_redeploy_alone()
    {
        await using var web = await Backend.StartAsync("web1");
        await Edge.Control.PutAsync(A.Service(web) with { MaxBodyBytes = 10 }, Ct);
        Assert.Equal(413, await PostAsync(11));

        var report = await Edge.Control.PutAsync(A.Service(web), Ct);

        Assert.Equal(200, await PostAsync(11));
        Assert.Equal((0, 0), (report.Drained, report.Cut));
    }

    [Fact]
    public async Task KP_017_A_host_given_up_by_one_service_can_be_claimed_by_another()
    {
        await using var a = await Backend.StartAsync("a");
        await using var b = await Backend.StartAsync("b");
        await Edge.Control.PutAsync("p.e.a", A.Service(a), Ct);
        await Edge.Control.PutAsync("p.e.a", A.Service(a) with { Routes = [A.Route(a.Port, "moved.test")] }, Ct);

        await Edge.Control.PutAsync("p.e.b", A.Service(b), Ct);

        Assert.Equal("b", await Edge.GetAsync("/"));
        Assert.Equal("a", await Edge.GetAsync("http://moved.test/"));
    }

    [Fact]
    public async Task KP_018_Claiming_a_host_in_use_is_refused_and_changes_nothing()
    {
        await using var a = await Backend.StartAsync("a");
        await using var b = await Backend.StartAsync("b");
        await Edge.Control.PutAsync("p.e.a", A.Service(a), Ct);

        var problem = await EdgeControl.ProblemOfAsync(() => Edge.Control.PutAsync("p.e.b", A.Service(b), Ct));

        Assert.Equal("route/host-taken", problem.Code);
        Assert.Contains("p.e.a", problem.Message, StringComparison.Ordinal);
        Assert.Equal("a", await Edge.GetAsync("/"));
        Assert.Equal("edge/unknown-service", (await EdgeControl.ProblemOfAsync(() => Edge.Control.GetAsync("p.e.b"))).Code);
    }

    [Fact]
    public async Task Two_services_that_claim_one_host_at_once_do_not_both_get_it()
    {
        await using var a = await Backend.StartAsync("a");
        await using var b = await Backend.StartAsync("b");

        var puts = new[] { Edge.Control.PutAsync("p.e.a", A.Service(a), Ct), Edge.Control.PutAsync("p.e.b", A.Service(b), Ct) };
        await Task.WhenAny(Task.WhenAll(puts), Task.Delay(5000, Ct));

        Assert.Equal(1, puts.Count(p => p.IsCompletedSuccessfully));
        Assert.Equal(1, puts.Count(p => p.IsFaulted));
    }

    [Fact]
    public async Task KP_020_Several_services_on_several_hosts_never_mix()
    {
        await using var a = await Backend.StartAsync("a");
        await using var b = await Backend.StartAsync("b");
        await Edge.Control.PutAsync("p.e.a", A.Service(a) with { Routes = [A.Route(a.Port, "a1.test"), A.Route(a.Port, "a2.test")] }, Ct);
        await Edge.Control.PutAsync("p.e.b", A.Service(b) with { Routes = [A.Route(b.Port, "b1.test"), A.Route(b.Port, "b2.test")] }, Ct);

        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(async i =>
        {
            var host = $"{(i % 2 == 0 ? 'a' : 'b')}{1 + (i / 2 % 2)}";
            return (host, answer: await Edge.GetAsync($"http://{host}.test/"));
        }));

        Assert.All(answers, a => Assert.Equal(a.host[..1], a.answer));
    }

    [Fact]
    public async Task KP_025_A_wildcard_covers_one_level_and_an_exact_host_beats_it()
    {
        await using var wild = await Backend.StartAsync("wild");
        await using var exact = await Backend.StartAsync("exact");
        await Edge.Control.PutAsync("p.e.wild", A.Service(wild) with { Routes = [A.Route(wild.Port, "*.shop.test")] }, Ct);
        await Edge.Control.PutAsync("p.e.exact", A.Service(exact) with { Routes = [A.Route(exact.Port, "x.shop.test")] }, Ct);

        Assert.Equal("wild", await Edge.GetAsync("http://a.shop.test/"));
        Assert.Equal("exact", await Edge.GetAsync("http://x.shop.test/"));
        Assert.Equal(404, await Edge.StatusAsync("http://b.a.shop.test/"));
        Assert.Equal(404, await Edge.StatusAsync("http://shop.test/"));
    }

    [Fact]
    public async Task A_service_without_targets_is_known_but_stopped()
    {
        await using var web = await Backend.StartAsync("web1");
        await Edge.Control.PutAsync(A.Service(web), Ct);

        await Edge.Control.PutAsync(A.Service(web) with { Targets = [] }, Ct);

        Assert.Equal(503, await Edge.StatusAsync("/"));
        Assert.Contains("stopped", await Edge.GetAsync("/"), StringComparison.Ordinal);
    }

    private async Task<int> PostAsync(int bytes)
    {
        using var content = new ByteArrayContent(new byte[bytes]);
        using var response = await Edge.Http.PostAsync(new Uri("/", UriKind.Relative), content, Ct);
        return (int)response.StatusCode;
    }
}
