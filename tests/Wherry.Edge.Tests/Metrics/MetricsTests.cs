using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Metrics;

public sealed class MetricsTests : OnAnEdge
{
    private const string Labels = "service=\"shop.production.web\"";

    [Fact]
    public async Task Requests_are_counted_by_service_method_and_status_class()
    {
        await using var web = await Backend.StartAsync("web1");
        web.On("/missing", 404);
        await Edge.Control.PutAsync(A.Service(web), Ct);
        await Edge.GetAsync("/");
        await Edge.GetAsync("/");
        await Edge.GetAsync("/missing");
        await Edge.GetAsync("http://nobody.test/");

        await HasAsync($"wherry_edge_requests_total{{{Labels},method=\"GET\",status=\"2xx\"}} 2");
        await HasAsync($"wherry_edge_requests_total{{{Labels},method=\"GET\",status=\"4xx\"}} 1");
        await HasAsync("wherry_edge_requests_total{service=\"-\",method=\"GET\",status=\"4xx\"} 1");
        await HasAsync($"wherry_edge_request_duration_seconds_count{{{Labels}}} 3");
        await HasAsync($"wherry_edge_targets{{{Labels}}} 1");
        Assert.Matches(@"process_resident_memory_bytes [1-9]\d{6,}", await Edge.Control.MetricsAsync());
    }

    [Fact]
    public async Task KP_090_Unknown_methods_share_one_label()
    {
        await using var web = await Backend.StartAsync("web1");
        await Edge.Control.PutAsync(A.Service(web), Ct);
        foreach (var method in new[] { "BREW", "PROPFIND", "get" })
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), "/");
            using var response = await Edge.Http.SendAsync(request, Ct);
        }

        await HasAsync($"wherry_edge_requests_total{{{Labels},method=\"other\",status=\"2xx\"}}");
        Assert.DoesNotContain("BREW", await Edge.Control.MetricsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_in_flight_shows_and_goes()
    {
        await using var web = await Backend.StartAsync("web1");
        var finish = new TaskCompletionSource();
        web.On("/slow", http => finish.Task.WaitAsync(http.RequestAborted));
        await Edge.Control.PutAsync(A.Service(web), Ct);
        var slow = Edge.GetAsync("/slow");

        await HasAsync($"wherry_edge_requests_in_flight{{{Labels}}} 1");
        finish.SetResult();
        await slow;

        await HasAsync($"wherry_edge_requests_in_flight{{{Labels}}} 0");
    }

    [Fact]
    public async Task Counts_go_on_over_a_redeploy()
    {
        await using var old = await Backend.StartAsync("old");
        await using var next = await Backend.StartAsync("next");
        await Edge.Control.PutAsync(A.Service(old), Ct);
        await Edge.GetAsync("/");

        await Edge.Control.PutAsync(A.Service(next), Ct);
        await Edge.GetAsync("/");

        await HasAsync($"wherry_edge_requests_total{{{Labels},method=\"GET\",status=\"2xx\"}} 2");
        await HasAsync($"wherry_edge_drains_total{{{Labels}}} 1");
    }

    /// <summary>A request is counted a moment after its answer is out.</summary>
    private Task HasAsync(string line) => Eventually.TrueAsync(async () => (await Edge.Control.MetricsAsync()).Contains(line, StringComparison.Ordinal));
}
