using System.Diagnostics;
using Wherry.Core.Routing;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Switching;

public sealed class PauseTests : OnAnEdge
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(15);

    [Fact]
    public async Task KP_039_Services_run_by_default()
    {
        await using var web = await Backend.StartAsync("web1");
        await Edge.Control.PutAsync(A.Service(web), Ct);

        Assert.Equal(ServiceMode.Running, (await Edge.Control.GetAsync()).Mode);
    }

    [Fact]
    public async Task KP_040_Pause_holds_requests_and_resume_releases_all_of_them()
    {
        await using var web = await Backend.StartAsync("web1");
        await Edge.Control.PutAsync(A.Service(web), Ct);
        await Edge.Control.PauseAsync(Long);

        var held = Enumerable.Range(0, 20).Select(_ => Edge.GetAsync("/")).ToArray();
        await Task.Delay(300, Ct);
        Assert.DoesNotContain(held, h => h.IsCompleted);
        Assert.Equal(0, web.Hits);

        await Edge.Control.ResumeAsync();
        Assert.All(await Task.WhenAll(held), answer => Assert.Equal("web1", answer));
    }

    [Fact]
    public async Task KP_041_A_request_held_longer_than_the_limit_gets_504()
    {
        await using var web = await Backend.StartAsync("web1");
        await Edge.Control.PutAsync(A.Service(web), Ct);
        await Edge.Control.PauseAsync(TimeSpan.FromMilliseconds(300));

        var watch = Stopwatch.StartNew();
        Assert.Equal(504, await Edge.StatusAsync("/"));

        Assert.InRange(watch.ElapsedMilliseconds, 280, 5000);
        Assert.Equal(0, web.Hits);
    }

    [Fact]
    public async Task KP_042_Maintenance_answers_503_with_the_operators_message()
    {
        await using var web = await Backend.StartAsync("web1");
        await Edge.Control.PutAsync(A.Service(web), Ct);

        var state = await Edge.Control.MaintenanceAsync("Back at noon");

        Assert.Equal((ServiceMode.Maintenance, "Back at noon"), (state.Mode, state.Message));
        Assert.Equal(503, await Edge.StatusAsync("/"));
        Assert.Contains("Back at noon", await Edge.GetAsync("/"), StringComparison.Ordinal);
        await Edge.Control.ResumeAsync();
        Assert.Equal("web1", await Edge.GetAsync("/"));
    }

    [Fact]
    public async Task KP_043_Maintenance_while_paused_fails_the_held_requests_at_once()
    {
        await using var web = await Backend.StartAsync("web1");
        await Edge.Control.PutAsync(A.Service(web), Ct);
        await Edge.Control.PauseAsync(Long);
        var held = Enumerable.Range(0, 5).Select(_ => Edge.StatusAsync("/")).ToArray();
        await Task.Delay(200, Ct);

        var watch = Stopwatch.StartNew();
        await Edge.Control.MaintenanceAsync();

        Assert.All(await Task.WhenAll(held), status => Assert.Equal(503, status));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"{watch.Elapsed}");
    }

    [Fact]
    public async Task Removing_a_paused_service_lets_the_held_requests_go_with_404()
    {
        await using var web = await Backend.StartAsync("web1");
        await Edge.Control.PutAsync(A.Service(web), Ct);
        await Edge.Control.PauseAsync(Long);
        var held = Edge.StatusAsync("/");
        await Task.Delay(200, Ct);

        await Edge.Control.DeleteAsync();

        Assert.Equal(404, await held);
    }

    [Theory]
    [InlineData("/", false, "/up")]
    [InlineData("/shop", true, "/shop/up")]
    public async Task KP_044_The_health_path_answers_200_while_paused_or_in_maintenance(string prefix, bool strip, string health)
    {
        await using var web = await Backend.StartAsync("web1");
        await Edge.Control.PutAsync(A.Service(web) with { Routes = [A.Route(web.Port, path: prefix, strip: strip)] }, Ct);

        await Edge.Control.PauseAsync(TimeSpan.FromMilliseconds(100));
        Assert.Equal(200, await Edge.StatusAsync(health));
        Assert.Equal(504, await Edge.StatusAsync(health + "/more"));

        await Edge.Control.MaintenanceAsync();
        Assert.Equal(200, await Edge.StatusAsync(health));
        Assert.Equal(503, await Edge.StatusAsync(health + "?x"));
    }

    [Fact]
    public async Task KP_073_Only_GET_and_HEAD_on_the_exact_path_are_health_checks()
    {
        await using var web = await Backend.StartAsync("web1");
        await Edge.Control.PutAsync(A.Service(web), Ct);
        await Edge.Control.MaintenanceAsync();

        Assert.Equal(200, await SendAsync(HttpMethod.Get, "/up"));
        Assert.Equal(200, await SendAsync(HttpMethod.Head, "/up"));
        Assert.Equal(503, await SendAsync(HttpMethod.Post, "/up"));
        Assert.Equal(503, await SendAsync(HttpMethod.Get, "/up/"));
    }

    [Fact]
    public async Task KP_016_A_redeploy_during_pause_does_not_resume()
    {
        await using var old = await Backend.StartAsync("old");
        await using var next = await Backend.StartAsync("next");
        await Edge.Control.PutAsync(A.Service(old), Ct);
        await Edge.Control.PauseAsync(Long);
        var held = Edge.GetAsync("/");

        await Edge.Control.PutAsync(A.Service(next), Ct);
        await Task.Delay(200, Ct);
        Assert.False(held.IsCompleted);
        Assert.Equal(ServiceMode.Paused, (await Edge.Control.GetAsync()).Mode);

        await Edge.Control.ResumeAsync();
        Assert.Equal("next", await held);
    }

    [Fact]
    public async Task Pausing_a_service_that_is_not_there_is_told()
    {
        Assert.Equal("edge/unknown-service", (await EdgeControl.ProblemOfAsync(() => Edge.Control.PauseAsync())).Code);
        Assert.Equal("edge/unknown-service", (await EdgeControl.ProblemOfAsync(() => Edge.Control.ResumeAsync())).Code);
    }

    [Fact]
    public async Task A_pause_of_no_or_negative_length_is_refused()
    {
        await using var web = await Backend.StartAsync("web1");
        await Edge.Control.PutAsync(A.Service(web), Ct);

        Assert.Equal("edge/pause", (await EdgeControl.ProblemOfAsync(() => Edge.Control.PauseAsync(TimeSpan.Zero))).Code);
        Assert.Equal(200, await Edge.StatusAsync("/"));
    }

    private async Task<int> SendAsync(HttpMethod method, string path)
    {
        using var request = new HttpRequestMessage(method, path);
        using var response = await Edge.Http.SendAsync(request, Ct);
        return (int)response.StatusCode;
    }
}
