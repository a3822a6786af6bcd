using System.Diagnostics;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Switching;

public sealed class DrainTests : OnAnEdge
{
    [Fact]
    public async Task KP_045_Draining_an_idle_target_returns_immediately()
    {
        await using var old = await Backend.StartAsync("old");
        await using var next = await Backend.StartAsync("next");
        await Edge.Control.PutAsync(A.Service(old) with { DrainFor = TimeSpan.FromSeconds(30) }, Ct);

        var report = await Edge.Control.PutAsync(A.Service(next) with { DrainFor = TimeSpan.FromSeconds(30) }, Ct);

        Assert.True(report.DrainTook < TimeSpan.FromSeconds(1), $"{report.DrainTook}");
        Assert.Equal((0, 0), (report.Drained, report.Cut));
    }

    [Fact]
    public async Task KP_046_Requests_in_flight_that_finish_inside_the_drain_time_all_complete()
    {
        await using var old = await Backend.StartAsync("old");
        await using var next = await Backend.StartAsync("next");
        var finish = Hold(old, "/slow");
        await Edge.Control.PutAsync(A.Service(old), Ct);
        var slow = Enumerable.Range(0, 5).Select(_ => Edge.GetAsync("/slow")).ToArray();
        await Eventually.TrueAsync(() => old.Hits == 5);

        var put = Edge.Control.PutAsync(A.Service(next), Ct);
        await Eventually.TrueAsync(async () => await Edge.GetAsync("/") == "next");
        Assert.False(put.IsCompleted);
        finish.SetResult();

        Assert.All(await Task.WhenAll(slow), answer => Assert.Equal("slow from old", answer));
        var report = await put;
        Assert.InRange(report.Drained, 5, 6); // the one that asked who serves may have been on its way, too
        Assert.Equal(0, report.Cut);
    }

    [Fact]
    public async Task KP_047_Requests_past_the_drain_time_are_answered_504_and_the_drain_returns_on_time()
    {
        await using var old = await Backend.StartAsync("old");
        await using var next = await Backend.StartAsync("next");
        Hold(old, "/stuck");
        await Edge.Control.PutAsync(A.Service(old), Ct);
        var stuck = Edge.StatusAsync("/stuck");
        await Eventually.TrueAsync(() => old.Hits == 1);

        var report = await Edge.Control.PutAsync(A.Service(next) with { DrainFor = TimeSpan.FromMilliseconds(400) }, Ct);

        Assert.Equal(504, await stuck);
        Assert.Equal((0, 1), (report.Drained, report.Cut));
        Assert.InRange(report.DrainTook, TimeSpan.FromMilliseconds(380), TimeSpan.FromSeconds(2));
        Assert.Contains("wherry_edge_cut_requests_total{service=\"shop.production.web\"} 1", await Edge.Control.MetricsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_that_has_begun_is_broken_off_at_the_end_of_the_drain_time_not_ended_as_if_whole()
    {
        await using var old = await Backend.StartAsync("old");
        await using var next = await Backend.StartAsync("next");
        old.On("/half", async http =>
        {
            await http.Response.WriteAsync("first half", http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
            await Task.Delay(Timeout.Infinite, http.RequestAborted);
        });
        await Edge.Control.PutAsync(A.Service(old), Ct);
        using var half = await Edge.Http.GetAsync(new Uri("/half", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, Ct);

        var report = await Edge.Control.PutAsync(A.Service(next) with { DrainFor = TimeSpan.FromMilliseconds(200) }, Ct);

        Assert.Equal(1, report.Cut);
        await Assert.ThrowsAnyAsync<Exception>(() => half.Content.ReadAsStringAsync(Ct));
        Assert.Equal("drain", (await Edge.LoggedAsync("/half"))["cut"]!.GetValue<string>());
    }

    [Fact]
    public async Task KP_048_A_WebSocket_gets_the_drain_time_and_is_then_closed()
    {
        await using var old = await Backend.StartAsync("old");
        await using var next = await Backend.StartAsync("next");
        old.On("/ws", WebSocketEcho.ServeAsync);
        await Edge.Control.PutAsync(A.Service(old), Ct);
        using var socket = await WebSocketEcho.ConnectAsync(Edge, "/ws");
        Assert.Equal("before", await WebSocketEcho.AskAsync(socket, "before"));

        var put = Edge.Control.PutAsync(A.Service(next) with { DrainFor = TimeSpan.FromSeconds(1) }, Ct);
        await Eventually.TrueAsync(async () => await Edge.GetAsync("/") == "next");
        Assert.Equal("inside", await WebSocketEcho.AskAsync(socket, "inside"));

        var report = await put;
        Assert.Equal(1, report.Cut);
        Assert.InRange(report.DrainTook, TimeSpan.FromMilliseconds(950), TimeSpan.FromSeconds(4));
        await Assert.ThrowsAsync<WebSocketException>(() => WebSocketEcho.AskAsync(socket, "after"));
    }

    [Fact]
    public async Task KP_049_A_drain_blocks_neither_other_services_nor_the_control_API()
    {
        await using var old = await Backend.StartAsync("old");
        await using var next = await Backend.StartAsync("next");
        await using var other = await Backend.StartAsync("other");
        await using var third = await Backend.StartAsync("third");
        var finish = Hold(old, "/slow");
        await Edge.Control.PutAsync(A.Service(old), Ct);
        var slow = Edge.GetAsync("/slow");
        await Eventually.TrueAsync(() => old.Hits == 1);
        var draining = Edge.Control.PutAsync(A.Service(next) with { DrainFor = TimeSpan.FromSeconds(15) }, Ct);
        await Eventually.TrueAsync(async () => await Edge.GetAsync("/") == "next");

        await Edge.Control.PutAsync("p.e.other", A.Service(other) with { Routes = [A.Route(other.Port, "other.test")] }, Ct);
        Assert.Equal("other", await Edge.GetAsync("http://other.test/"));
        await Edge.Control.PauseAsync(key: "p.e.other");
        await Edge.Control.ResumeAsync("p.e.other");
        await Edge.Control.PutAsync(A.Service(third), Ct);
        Assert.Equal("third", await Edge.GetAsync("/"));
        var seen = (await Edge.Control.GetAsync()).Targets.Single(t => t.Draining);
        Assert.Equal(("old", 1), (seen.Id, seen.InFlight));

        Assert.False(draining.IsCompleted);
        finish.SetResult();
        Assert.Equal("slow from old", await slow);
        Assert.InRange((await draining).Drained, 1, 2); // the one that asked who serves may have been on its way, too
        Assert.DoesNotContain((await Edge.Control.GetAsync()).Targets, t => t.Draining);
    }

    [Fact]
    public async Task KP_050_No_request_reaches_a_target_after_its_drain_began()
    {
        var current = await Backend.StartAsync("r0");
        await Edge.Control.PutAsync(A.Service(current), Ct);
        await using var one = new Visitor(Edge.Http, $"http://{A.Host}/");
        await using var two = new Visitor(Edge.Http, $"http://{A.Host}/");
        await using var three = new Visitor(Edge.Http, $"http://{A.Host}/");

        for (var i = 1; i <= 15; i++)
        {
            var next = await Backend.StartAsync($"r{i}");
            await Edge.Control.PutAsync(A.Service(next), Ct);
            var hits = current.Hits;
            await one.MoreAsync(5);
            Assert.Equal(hits, current.Hits);
            await current.DisposeAsync();
            current = next;
        }

        foreach (var visitor in new[] { one, two, three })
        {
            Assert.All(await visitor.StopAsync(), answer => Assert.StartsWith("r", answer, StringComparison.Ordinal));
        }

        await current.DisposeAsync();
    }

    [Fact]
    public async Task A_kept_target_is_neither_probed_again_nor_drained()
    {
        await using var kept = await Backend.StartAsync("kept");
        await using var added = await Backend.StartAsync("added", beside: kept);
        var finish = Hold(kept, "/slow");
        var longProbes = A.Probe with { Interval = TimeSpan.FromMinutes(1) };
        await Edge.Control.PutAsync(A.Service(kept) with { Probe = longProbes }, Ct);
        var slow = Edge.GetAsync("/slow");
        await Eventually.TrueAsync(() => kept.Hits == 1);
        kept.On("/up", 500);

        var watch = Stopwatch.StartNew();
        var report = await Edge.Control.PutAsync(A.Service(kept, added) with { Probe = longProbes }, Ct);

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(4), $"{watch.Elapsed}");
        Assert.Equal((0, 0), (report.Drained, report.Cut));
        Assert.Equal(1, (await Edge.Control.GetAsync()).Targets.Single(t => t.Id == "kept").InFlight);
        finish.SetResult();
        Assert.Equal("slow from kept", await slow);
    }

    [Fact]
    public async Task The_drain_goes_on_when_the_caller_leaves_after_the_switch()
    {
        await using var old = await Backend.StartAsync("old");
        await using var next = await Backend.StartAsync("next");
        var finish = Hold(old, "/slow");
        await Edge.Control.PutAsync(A.Service(old), Ct);
        var slow = Edge.GetAsync("/slow");
        await Eventually.TrueAsync(() => old.Hits == 1);
        using var leave = new CancellationTokenSource();
        var put = Edge.Control.PutAsync(A.Service(next), leave.Token);
        await Eventually.TrueAsync(async () => await Edge.GetAsync("/") == "next");

        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => put);
        finish.SetResult();

        Assert.Equal("slow from old", await slow);
        await Eventually.TrueAsync(async () => !(await Edge.Control.GetAsync()).Targets.Any(t => t.Draining));
        Assert.Equal("next", await Edge.GetAsync("/"));
    }

    [Fact]
    public async Task No_connection_to_a_drained_target_stays_open()
    {
        await using var old = await Backend.StartAsync("old");
        await using var next = await Backend.StartAsync("next");
        await Edge.Control.PutAsync(A.Service(old), Ct);
        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Edge.GetAsync("/")));
        Assert.True(OpenConnections.To(old) > 0);

        await Edge.Control.PutAsync(A.Service(next), Ct);

        Assert.Equal(0, OpenConnections.To(old));
    }

    /// <summary>A path that answers only once the returned source is set.</summary>
    private static TaskCompletionSource Hold(Backend backend, string path)
    {
        var finish = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        backend.On(path, async http =>
        {
            await finish.Task.WaitAsync(http.RequestAborted);
            await http.Response.WriteAsync($"{path[1..]} from {backend.Id}");
        });
        return finish;
    }
}
