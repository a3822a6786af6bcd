using Microsoft.AspNetCore.Http;
using Wherry.Core.Routing;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Switching;

/// <summary>What the edge counts of both sides of a split.</summary>
public sealed class SplitNumbersTests : OnAnEdge
{
    private static readonly TrafficSplit Rule = new() { Targets = ["canary"], Header = "X-User", Allow = ["ann"], Share = 0 };

    [Fact]
    public async Task Requests_failures_and_how_long_they_took_are_counted_for_each_side()
    {
        await using var stable = await Backend.StartAsync("stable");
        await using var canary = await Backend.StartAsync("canary", stable);
        canary.On("/fail", 503);
        canary.On("/slow", async http =>
        {
            await Task.Delay(200, http.RequestAborted);
            await http.Response.WriteAsync("canary");
        });
        await PutAsync(Rule, stable, canary);

        await AskAsync("bob", "/", 10);
        await AskAsync("ann", "/", 4);
        await AskAsync("ann", "/fail", 2);
        await AskAsync("ann", "/slow", 4);

        var seen = await CountedAsync(20);
        Assert.Equal((10, 0), (seen.Others.Requests, seen.Others.Failed));
        Assert.Equal((10, 2, 20), (seen.Shared.Requests, seen.Shared.Failed, seen.Shared.FailedShare));
        Assert.InRange(seen.Shared.P95.TotalMilliseconds, 195, 2000);
        Assert.InRange(seen.Others.P95.TotalMilliseconds, 0.5, 150);

        var metrics = await Edge.Control.MetricsAsync();
        const string Shared = $"service=\"{A.Key}\",side=\"shared\"";
        Assert.Contains($"wherry_edge_split_requests_total{{{Shared}}} 10\n", metrics, StringComparison.Ordinal);
        Assert.Contains($"wherry_edge_split_requests_total{{service=\"{A.Key}\",side=\"others\"}} 10\n", metrics, StringComparison.Ordinal);
        Assert.Contains($"wherry_edge_split_failed_requests_total{{{Shared}}} 2\n", metrics, StringComparison.Ordinal);
        Assert.Contains($"wherry_edge_split_request_duration_seconds_count{{{Shared}}} 10\n", metrics, StringComparison.Ordinal);
        Assert.Contains($"wherry_edge_split_request_duration_seconds_bucket{{{Shared},le=\"60\"}} 10\n", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain($"wherry_edge_split_request_duration_seconds_bucket{{{Shared},le=\"0.1\"}} 10\n", metrics, StringComparison.Ordinal);

        await Edge.Control.PutAsync(A.Service(stable), Ct);
        Assert.DoesNotContain("side=", await Edge.Control.MetricsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_another_replica_answered_in_its_place_counts_against_the_side_that_broke_off()
    {
        await using var stable = await Backend.StartAsync("stable");
        await using var canary = await Backend.StartAsync("canary", stable);
        canary.Otherwise = http =>
        {
            http.Abort();
            return Task.CompletedTask;
        };
        await PutAsync(Rule, stable, canary);

        await AskAsync("ann", "/", 3);

        var seen = await CountedAsync(6);
        Assert.Equal((3, 3), (seen.Shared.Requests, seen.Shared.Failed));
        Assert.Equal((3, 0), (seen.Others.Requests, seen.Others.Failed));
    }

    [Fact]
    public async Task A_stage_begins_anew_what_stays_the_same_counts_on_and_without_a_split_there_is_nothing()
    {
        await using var stable = await Backend.StartAsync("stable");
        await using var canary = await Backend.StartAsync("canary", stable);
        await using var second = await Backend.StartAsync("second", stable);
        await PutAsync(Rule, stable, canary);
        await AskAsync("ann", "/", 3);
        await CountedAsync(3);

        await PutAsync(Rule with { Targets = ["canary", "second"], Allow = ["ann", "eve"] }, stable, canary, second);
        await AskAsync("eve", "/", 2);
        Assert.Equal(5, (await CountedAsync(5)).Shared.Requests);

        await PutAsync(Rule with { Share = 50 }, stable, canary, second);
        Assert.Equal(0, (await Edge.Control.GetAsync()).Split!.Shared.Requests);

        await Edge.Control.PutAsync(A.Service(stable), Ct);
        Assert.Null((await Edge.Control.GetAsync()).Split);
    }

    [Fact]
    public async Task Who_goes_away_before_the_answer_is_no_failure_of_a_side()
    {
        await using var stable = await Backend.StartAsync("stable");
        await using var canary = await Backend.StartAsync("canary", stable);
        var reached = new TaskCompletionSource();
        canary.On("/never", async http =>
        {
            reached.SetResult();
            await Task.Delay(Timeout.Infinite, http.RequestAborted);
        });
        await PutAsync(Rule, stable, canary);

        using (var leaves = CancellationTokenSource.CreateLinkedTokenSource(Ct))
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/never") { Headers = { { "X-User", "ann" } } };
            var asked = Edge.Http.SendAsync(request, leaves.Token);
            await reached.Task;
            await leaves.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
        }

        await AskAsync("ann", "/", 1);
        await Eventually.TrueAsync(async () => (await Edge.Control.GetAsync()).Targets.All(t => t.InFlight == 0));
        Assert.Equal((1, 0), ((await CountedAsync(1)).Shared.Requests, (await CountedAsync(1)).Shared.Failed));
    }

    private Task<SwitchReport> PutAsync(TrafficSplit rule, params Backend[] targets) => Edge.Control.PutAsync(A.Service(targets) with { Split = rule }, Ct);

    /// <summary>A request is counted when it is over for the edge too, which may be a moment later.</summary>
    private async Task<SplitTraffic> CountedAsync(int requests)
    {
        await Eventually.TrueAsync(async () => (await Edge.Control.GetAsync()).Split is { } seen && seen.Shared.Requests + seen.Others.Requests >= requests);
        return (await Edge.Control.GetAsync()).Split!;
    }

    private async Task AskAsync(string user, string path, int times)
    {
        for (var i = 0; i < times; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "X-User", user } } };
            using var answer = await Edge.Http.SendAsync(request, Ct);
        }
    }
}
