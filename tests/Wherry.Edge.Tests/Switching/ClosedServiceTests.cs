using System.Globalization;
using Wherry.Core.Routing;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Switching;

/// <summary>Who gets through while a service is paused or under maintenance, and when that ends by itself.</summary>
public sealed class ClosedServiceTests : OnAnEdge
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(15);

    [Fact]
    public async Task Those_on_the_list_get_the_service_while_it_is_under_maintenance()
    {
        await using var web = await Backend.StartAsync("web1");
        await Edge.Control.PutAsync(A.Service(web), Ct);
        await Edge.Control.MaintenanceAsync(new MaintenanceRequest("Back at noon", Allow: ["192.0.2.7", "2001:db8::/32"]));

        Assert.Equal("200 web1", await AskAsync("192.0.2.7"));
        Assert.Equal("200 web1", await AskAsync("2001:db8::9"));
        Assert.StartsWith("503 ", await AskAsync("192.0.2.8"), StringComparison.Ordinal);
        Assert.StartsWith("503 ", await AskAsync("192.0.2.7, 192.0.2.8"), StringComparison.Ordinal);
        Assert.StartsWith("503 ", await AskAsync("unknown"), StringComparison.Ordinal);
        Assert.Contains("Back at noon", await AskAsync("192.0.2.8"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Those_on_the_list_are_not_held_while_it_is_paused()
    {
        await using var web = await Backend.StartAsync("web1");
        await Edge.Control.PutAsync(A.Service(web), Ct);
        await Edge.Control.PauseAsync(new PauseRequest(TimeSpan.FromMilliseconds(100), Allow: ["192.0.2.0/24"]));

        Assert.Equal("200 web1", await AskAsync("192.0.2.200"));
        Assert.StartsWith("504 ", await AskAsync("192.0.3.1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Maintenance_ends_at_its_time_and_says_so_to_visitors()
    {
        await using var web = await Backend.StartAsync("web1");
        await Edge.Control.PutAsync(A.Service(web), Ct);
        var end = DateTimeOffset.UtcNow + TimeSpan.FromSeconds(2);

        var state = await Edge.Control.MaintenanceAsync(new MaintenanceRequest("Back soon", Until: end));
        using var answer = await Edge.Http.GetAsync(new Uri("/", UriKind.Relative), Ct);

        Assert.Equal((ServiceMode.Maintenance, end), (state.Mode, state.Until));
        Assert.Equal(503, (int)answer.StatusCode);
        Assert.InRange(int.Parse(answer.Headers.GetValues("Retry-After").Single(), CultureInfo.InvariantCulture), 1, 2);
        await Eventually.TrueAsync(async () => await Edge.StatusAsync("/") == 200);
        Assert.InRange(DateTimeOffset.UtcNow, end, end + TimeSpan.FromSeconds(5));
        var after = await Edge.Control.GetAsync();
        Assert.Equal((ServiceMode.Running, null, null), (after.Mode, after.Message, after.Until));
    }

    [Fact]
    public async Task A_pause_ends_at_its_time_and_lets_the_held_requests_go()
    {
        await using var web = await Backend.StartAsync("web1");
        await Edge.Control.PutAsync(A.Service(web), Ct);
        await Edge.Control.PauseAsync(new PauseRequest(Long, Until: DateTimeOffset.UtcNow + TimeSpan.FromSeconds(1)));

        var held = Enumerable.Range(0, 5).Select(_ => Edge.GetAsync("/")).ToArray();
        await Task.Delay(200, Ct);
        Assert.DoesNotContain(held, h => h.IsCompleted);

        Assert.All(await Task.WhenAll(held), answer => Assert.Equal("web1", answer));
    }

    [Fact]
    public async Task List_and_end_outlive_redeploys_and_restarts()
    {
        await using var web = await Backend.StartAsync("web1");
        var end = DateTimeOffset.UtcNow + TimeSpan.FromHours(1);
        await Edge.Control.PutAsync(A.Service(web), Ct);
        await Edge.Control.MaintenanceAsync(new MaintenanceRequest(null, ["192.0.2.7"], end));

        await Edge.Control.PutAsync(A.Service(web), Ct);
        await Edge.RestartAsync();

        var state = await Edge.Control.GetAsync();
        Assert.Equal((ServiceMode.Maintenance, end), (state.Mode, state.Until));
        Assert.Equal(["192.0.2.7"], state.Allow);
        Assert.Equal("200 web1", await AskAsync("192.0.2.7"));
        Assert.StartsWith("503 ", await AskAsync("192.0.2.8"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_time_that_is_over_and_what_is_no_network_are_refused()
    {
        await using var web = await Backend.StartAsync("web1");
        await Edge.Control.PutAsync(A.Service(web), Ct);

        var past = await EdgeControl.ProblemOfAsync(() => Edge.Control.MaintenanceAsync(new MaintenanceRequest(null, Until: DateTimeOffset.UtcNow - TimeSpan.FromSeconds(1))));
        var network = await EdgeControl.ProblemOfAsync(() => Edge.Control.PauseAsync(new PauseRequest(null, ["10.0.0.0/33"])));

        Assert.Equal(("edge/until", "edge/allow"), (past.Code, network.Code));
        Assert.Contains("\"10.0.0.0/33\"", network.Message, StringComparison.Ordinal);
        Assert.Equal(ServiceMode.Running, (await Edge.Control.GetAsync()).Mode);
    }

    /// <summary>The tests come from a trusted proxy, so that they may say who asks.</summary>
    protected override EdgeOptions Options(EdgeOptions defaults) => defaults with { TrustedProxies = ["127.0.0.0/8"] };

    private async Task<string> AskAsync(string client)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.TryAddWithoutValidation("X-Forwarded-For", client);
        using var response = await Edge.Http.SendAsync(request, Ct);
        return $"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync(Ct)}";
    }
}
