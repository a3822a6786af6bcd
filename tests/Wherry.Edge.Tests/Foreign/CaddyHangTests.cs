using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Foreign;

/// <summary>A Caddy that takes connections and answers nobody.</summary>
public sealed class CaddyHangTests : OnAnEdge
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    protected override bool OnCaddy => true;

    [Fact]
    public async Task Calls_are_refused_and_the_health_says_so_until_it_goes_on()
    {
        await using var old = await Backend.StartAsync("old");
        await using var next = await Backend.StartAsync("next");
        await Edge.Control.PutAsync(A.Service(old), Ct);

        await using (await Caddy.HangAsync())
        {
            var gate = await EdgeControl.ProblemOfAsync(() => Edge.Control.GateAsync(A.Service(next))).WaitAsync(Soon, Ct);
            var put = await EdgeControl.ProblemOfAsync(() => Edge.Control.PutAsync(A.Service(next), Ct)).WaitAsync(Soon, Ct);

            Assert.Equal(("edge/proxy-away", "edge/proxy-away"), (gate.Code, put.Code));
            Assert.Contains("no answer within 5 s", gate.Message, StringComparison.Ordinal);
            Assert.Equal("edge/proxy-away", (await Edge.Control.HealthAsync()).Proxy?.Problem?.Code);
        }

        await Eventually.TrueAsync(async () => (await Edge.Control.HealthAsync()).Proxy is { Problem: null });
        Assert.Equal("old", await Edge.GetAsync("/"));
    }

    [Fact]
    public async Task A_state_that_cannot_be_saved_is_not_served_on()
    {
        await using var old = await Backend.StartAsync("old");
        await using var next = await Backend.StartAsync("next");
        await Edge.Control.PutAsync(A.Service(old), Ct);
        File.Delete(Path.Combine(Edge.Home, "state.json"));
        Directory.CreateDirectory(Path.Combine(Edge.Home, "state.json")); // nothing can be moved over it

        var put = await EdgeControl.ProblemOfAsync(() => Edge.Control.PutAsync(A.Service(next), Ct));

        Assert.Equal("edge/state-not-saved", put.Code);
        Assert.Equal("old", await Edge.GetAsync("/"));
        Directory.Delete(Path.Combine(Edge.Home, "state.json"));
    }

    [Fact]
    public async Task A_drain_ends_with_its_time_all_the_same()
    {
        await using var old = await Backend.StartAsync("old");
        await using var next = await Backend.StartAsync("next");
        old.On("/stuck", http => Task.Delay(Timeout.Infinite, http.RequestAborted));
        await Edge.Control.PutAsync(A.Service(old), Ct);
        var stuck = Edge.StatusAsync("/stuck");
        await Eventually.TrueAsync(() => old.Hits == 1);
        var put = Edge.Control.PutAsync(A.Service(next) with { DrainFor = TimeSpan.FromSeconds(3) }, Ct);
        await Eventually.TrueAsync(async () => await Edge.GetAsync("/") == "next");
        await Task.Delay(300, Ct);

        await using (await Caddy.HangAsync())
        {
            var report = await put.WaitAsync(Soon, Ct);
            Assert.Equal(1, report.Cut);
            Assert.InRange(report.DrainTook, TimeSpan.FromSeconds(2.9), TimeSpan.FromSeconds(4.5));
        }

        await old.StopAsync();
        Assert.Equal(502, await stuck);
    }
}
