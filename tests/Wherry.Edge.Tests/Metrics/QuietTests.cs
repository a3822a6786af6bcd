using System.Text.Json.Nodes;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Metrics;

/// <summary>Requests that are left out of metrics or access log.</summary>
public sealed class QuietTests : OnAnEdge
{
    [Fact]
    public async Task KP_089_Paths_that_are_left_out_of_the_metrics_are_logged_and_those_left_out_of_the_log_are_counted()
    {
        await using var web = await Backend.StartAsync("web1");
        await Edge.Control.PutAsync(A.Service(web) with { Rules = new() { Quiet = new() { Metrics = ["/beat"], Log = ["/noise"] } } }, Ct);

        foreach (var path in new[] { "/beat", "/beat?x=1", "/beat/more", "/noise", "/noise", "/last" })
        {
            await Edge.GetAsync(path);
        }

        await Edge.LoggedAsync("/last");
        var logged = (await File.ReadAllLinesAsync(Path.Combine(Edge.Home, "access.log"), Ct)).Select(l => JsonNode.Parse(l)!["path"]!.GetValue<string>());
        Assert.Equal(["/beat", "/beat", "/beat/more", "/last"], logged);
        var metrics = await Edge.Control.MetricsAsync();
        Assert.Contains("wherry_edge_requests_total{service=\"shop.production.web\",method=\"GET\",status=\"2xx\"} 4\n", metrics, StringComparison.Ordinal);
        Assert.Contains("wherry_edge_requests_in_flight{service=\"shop.production.web\"} 0\n", metrics, StringComparison.Ordinal);
        Assert.Contains("wherry_edge_request_duration_seconds_count{service=\"shop.production.web\"} 4\n", metrics, StringComparison.Ordinal);
    }
}
