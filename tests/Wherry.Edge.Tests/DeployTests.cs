using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests;

public sealed class DeployTests : IAsyncLifetime
{
    private TestEdge _edge = null!;

    public async ValueTask InitializeAsync() => _edge = await TestEdge.StartAsync();

    public ValueTask DisposeAsync() => _edge.DisposeAsync();

    [Fact]
    public async Task KP_001_An_empty_edge_answers_404_for_any_host()
    {
        Assert.Equal(404, await _edge.StatusAsync("/"));
        Assert.Equal(404, await _edge.StatusAsync("http://elsewhere.test/x"));
    }

    [Fact]
    public async Task KP_002_Deploying_a_healthy_target_makes_it_serve_and_returns_only_then()
    {
        await using var web = await Backend.StartAsync("web1");
        var well = new TaskCompletionSource();
        web.On("/up", http => http.Response.CompleteAsync());
        web.On("/up", async http =>
        {
            http.Response.StatusCode = well.Task.IsCompleted ? 200 : 503;
            await http.Response.CompleteAsync();
        });

        var put = _edge.Control.PutAsync(A.Service(web), TestContext.Current.CancellationToken);
        await Task.Delay(200, TestContext.Current.CancellationToken);
        Assert.False(put.IsCompleted);
        Assert.Equal(404, await _edge.StatusAsync("/"));

        well.SetResult();
        var report = await put;
        Assert.Equal(["web1"], report.Switched);
        Assert.Equal("web1", await _edge.GetAsync("/"));
    }
}
