using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Health;

public sealed class RotationTests : OnAnEdge
{
    [Fact]
    public async Task A_target_whose_probes_fail_leaves_the_rotation_and_comes_back()
    {
        await using var good = await Backend.StartAsync("good");
        await using var shaky = await Backend.StartAsync("shaky", beside: good);
        await Edge.Control.PutAsync(A.Service(good, shaky), Ct);

        shaky.On("/up", 500, "tired");
        await Eventually.TrueAsync(async () => !(await StateOfAsync("shaky")).Healthy);
        var hits = shaky.Hits;
        Assert.All(await AskAsync(20), answer => Assert.Equal("good", answer));
        Assert.Equal(hits, shaky.Hits);
        Assert.Contains("tired", (await StateOfAsync("shaky")).LastError, StringComparison.Ordinal);
        Assert.Contains("wherry_edge_targets_healthy{service=\"shop.production.web\"} 1", await Edge.Control.MetricsAsync(), StringComparison.Ordinal);

        shaky.On("/up", 200);
        await Eventually.TrueAsync(async () => (await StateOfAsync("shaky")).Healthy);
        Assert.Contains("shaky", await AskAsync(4));
    }

    [Fact]
    public async Task When_all_targets_fail_their_probes_they_go_on_serving()
    {
        await using var one = await Backend.StartAsync("one");
        await using var two = await Backend.StartAsync("two", beside: one);
        await Edge.Control.PutAsync(A.Service(one, two), Ct);

        one.On("/up", 500);
        two.On("/up", 500);
        await Eventually.TrueAsync(async () => (await Edge.Control.GetAsync()).Targets.All(t => !t.Healthy));

        Assert.Equal(["one", "two"], (await AskAsync(10)).Distinct().Order());
    }

    [Fact]
    public async Task A_request_whose_target_refuses_the_connection_is_answered_by_another()
    {
        await using var good = await Backend.StartAsync("good");
        await using var gone = await Backend.StartAsync("gone", beside: good);
        await Edge.Control.PutAsync(A.Service(good, gone) with { Probe = A.Probe with { Interval = TimeSpan.FromMinutes(1) } }, Ct);
        await gone.StopAsync();

        Assert.All(await AskAsync(20), answer => Assert.Equal("good", answer));

        Assert.False((await StateOfAsync("gone")).Healthy);
        using var body = new StringContent("body");
        using var posted = await Edge.Http.PostAsync(new Uri("/", UriKind.Relative), body, Ct);
        Assert.Equal(200, (int)posted.StatusCode);
    }

    [Fact]
    public async Task A_request_is_answered_by_the_one_target_of_four_that_is_left()
    {
        await using var good = await Backend.StartAsync("good");
        await using var first = await Backend.StartAsync("first", beside: good);
        await using var second = await Backend.StartAsync("second", beside: good);
        await using var third = await Backend.StartAsync("third", beside: good);
        await Edge.Control.PutAsync(A.Service(first, second, third, good) with { Probe = A.Probe with { Interval = TimeSpan.FromMinutes(1) } }, Ct);
        await first.StopAsync();
        await second.StopAsync();
        await third.StopAsync();

        Assert.All(await AskAsync(8), answer => Assert.Equal("good", answer));
    }

    [Fact]
    public async Task A_body_reaches_the_second_target_whole_after_the_first_refused()
    {
        await using var good = await Backend.StartAsync("good");
        good.On("/echo", http => http.Request.Body.CopyToAsync(http.Response.Body, http.RequestAborted));
        await using var gone = await Backend.StartAsync("gone", beside: good);
        await Edge.Control.PutAsync(A.Service(good, gone) with { Probe = A.Probe with { Interval = TimeSpan.FromMinutes(1) } }, Ct);
        await gone.StopAsync();

        for (var i = 0; i < 2; i++)
        {
            using var body = new StringContent(new string('x', 100_000));
            using var answer = await Edge.Http.PostAsync(new Uri("/echo", UriKind.Relative), body, Ct);
            Assert.Equal(100_000, (await answer.Content.ReadAsStringAsync(Ct)).Length);
        }

        Assert.NotNull((await StateOfAsync("gone")).LastError);
    }

    [Fact]
    public async Task A_service_whose_only_target_is_gone_answers_502()
    {
        await using var web = await Backend.StartAsync("web1");
        await Edge.Control.PutAsync(A.Service(web), Ct);
        await web.StopAsync();

        Assert.Equal(502, await Edge.StatusAsync("/"));
    }

    [Fact]
    public async Task KP_057_A_target_shows_its_way_from_new_to_healthy()
    {
        await using var web = await Backend.StartAsync("web1");
        await Edge.Control.PutAsync(A.Service(web), Ct);

        var state = await StateOfAsync("web1");

        Assert.Equal((true, false, 0, null), (state.Healthy, state.Draining, state.InFlight, state.LastError));
        Assert.Equal(web.Address, state.Address);
    }

    private async Task<Core.Routing.TargetState> StateOfAsync(string id) => (await Edge.Control.GetAsync()).Targets.Single(t => t.Id == id);

    private async Task<List<string>> AskAsync(int times)
    {
        List<string> answers = [];
        for (var i = 0; i < times; i++)
        {
            answers.Add(await Edge.GetAsync("/"));
        }

        return answers;
    }
}
