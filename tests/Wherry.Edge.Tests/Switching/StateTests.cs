using Wherry.Core.Routing;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Switching;

public sealed class StateTests : OnAnEdge
{
    private string State => Path.Combine(Edge.Home, "state.json");

    [Fact]
    public async Task KP_101_After_a_restart_everything_is_back_and_traffic_flows_before_the_first_probe()
    {
        await using var web = await Backend.StartAsync("web");
        await using var api = await Backend.StartAsync("api");
        var slowProbes = A.Probe with { Interval = TimeSpan.FromMinutes(1) };
        await Edge.Control.PutAsync("p.e.web", A.Service(web) with { Probe = slowProbes, Routes = [A.Route(web.Port), A.Route(web.Port, "*.shop.test")], MaxBodyBytes = 5 }, Ct);
        await Edge.Control.PutAsync("p.e.api", A.Service(api) with { Probe = slowProbes, Routes = [A.Route(api.Port, path: "/api", strip: true)] }, Ct);
        await Edge.Control.PutAsync("p.e.paused", A.Service(web) with { Probe = slowProbes, Routes = [A.Route(web.Port, "paused.test")] }, Ct);
        await Edge.Control.PutAsync("p.e.closed", A.Service(web) with { Probe = slowProbes, Routes = [A.Route(web.Port, "closed.test")] }, Ct);
        await Edge.Control.PauseAsync(TimeSpan.FromMilliseconds(200), "p.e.paused");
        await Edge.Control.MaintenanceAsync("back at noon", "p.e.closed");
        web.On("/up", 500);

        await Edge.RestartAsync();

        Assert.Equal("web", await Edge.GetAsync("/"));
        Assert.Equal("web", await Edge.GetAsync("http://a.shop.test/"));
        Assert.Equal("api", await Edge.GetAsync("/api/x"));
        Assert.Equal(504, await Edge.StatusAsync("http://paused.test/"));
        Assert.Contains("back at noon", await Edge.GetAsync("http://closed.test/"), StringComparison.Ordinal);
        using var large = new StringContent("123456");
        using var refused = await Edge.Http.PostAsync(new Uri("/", UriKind.Relative), large, Ct);
        Assert.Equal(413, (int)refused.StatusCode);
        var states = await Task.WhenAll(Edge.Control.GetAsync("p.e.web"), Edge.Control.GetAsync("p.e.paused"), Edge.Control.GetAsync("p.e.closed"));
        Assert.Equal([ServiceMode.Running, ServiceMode.Paused, ServiceMode.Maintenance], states.Select(s => s.Mode));
    }

    [Fact]
    public async Task A_removed_service_stays_removed_after_a_restart()
    {
        await using var web = await Backend.StartAsync("web");
        await Edge.Control.PutAsync(A.Service(web), Ct);
        await Edge.Control.DeleteAsync();

        await Edge.RestartAsync();

        Assert.Equal(404, await Edge.StatusAsync("/"));
    }

    [Theory]
    [InlineData("{ not json")]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("""{"version":99,"services":[]}""")]
    [InlineData("""{"version":1,"services":[{"key":"a","service":{"routes":[],"targets":[]},"mode":"Running","maxWait":"00:00:00"}]}""")]
    public async Task An_unreadable_state_file_is_never_overwritten_and_the_edge_does_not_start(string content)
    {
        await Edge.StopAsync();
        await File.WriteAllTextAsync(State, content, Ct);

        var problem = await EdgeControl.ProblemOfAsync(() => TestEdge.StartAsync(o => o with { Home = Edge.Home }));

        Assert.Equal("edge/state-unreadable", problem.Code);
        Assert.Equal(content, await File.ReadAllTextAsync(State, Ct));
        File.Delete(State);
        await Edge.StartAgainAsync();
    }

    [Fact]
    public async Task An_unreadable_state_file_is_moved_aside_when_the_operator_says_so()
    {
        await Edge.StopAsync();
        await File.WriteAllTextAsync(State, "{ not json", Ct);

        await using (var edge = await EdgeHost.StartAsync(new() { Home = Edge.Home, Listen = ["127.0.0.1:0"], DiscardUnreadableState = true }, Ct))
        {
            Assert.NotEmpty(edge.Addresses);
        }

        var aside = Assert.Single(Directory.GetFiles(Edge.Home, "state.json.unreadable-*"));
        Assert.Equal("{ not json", await File.ReadAllTextAsync(aside, Ct));
        await Edge.StartAgainAsync();
    }

    [Fact]
    public async Task When_the_state_cannot_be_saved_nothing_changes()
    {
        await using var old = await Backend.StartAsync("old");
        await using var next = await Backend.StartAsync("next");
        await Edge.Control.PutAsync(A.Service(old), Ct);
        Directory.CreateDirectory(State + ".next");

        var put = await EdgeControl.ProblemOfAsync(() => Edge.Control.PutAsync(A.Service(next), Ct));
        var pause = await EdgeControl.ProblemOfAsync(() => Edge.Control.PauseAsync());

        Assert.Equal(("edge/state-not-saved", "edge/state-not-saved"), (put.Code, pause.Code));
        Assert.Equal("old", await Edge.GetAsync("/"));
        Directory.Delete(State + ".next");
        await Edge.Control.PutAsync(A.Service(next), Ct);
        Assert.Equal("next", await Edge.GetAsync("/"));
    }

    [Fact]
    public async Task The_state_file_is_for_its_owner_only()
    {
        await using var web = await Backend.StartAsync("web");

        await Edge.Control.PutAsync(A.Service(web), Ct);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(State));
    }
}
