using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Proxying;

public sealed class StreamTests : OnAnEdge
{
    [Theory]
    [InlineData("text/event-stream", 1)]
    [InlineData("text/event-stream; charset=utf-8", 2)]
    [InlineData("application/json", 1)]
    public async Task KP_066_Events_arrive_one_by_one_as_they_are_sent(string type, int version)
    {
        await using var web = await Backend.StartAsync("web1");
        using var next = new SemaphoreSlim(0);
        web.Otherwise = async http =>
        {
            http.Response.ContentType = type;
            for (var i = 0; i < 3; i++)
            {
                await next.WaitAsync(http.RequestAborted);
                await http.Response.WriteAsync($"data: {i}\n\n", http.RequestAborted);
                await http.Response.Body.FlushAsync(http.RequestAborted);
            }
        };
        await Edge.Control.PutAsync(A.Service(web), Ct);

        using var client = Edge.NewClient(new Version(version, version == 1 ? 1 : 0));
        next.Release();
        using var response = await client.GetAsync(new Uri("/", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, Ct);
        using var events = new StreamReader(await response.Content.ReadAsStreamAsync(Ct));
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal($"data: {i}", await events.ReadLineAsync(Ct));
            Assert.Equal("", await events.ReadLineAsync(Ct));
            next.Release();
        }

        Assert.Null(await events.ReadLineAsync(Ct));
    }

    [Fact]
    public async Task KP_067_A_WebSocket_works_both_ways()
    {
        await using var web = await Backend.StartAsync("web1");
        web.On("/ws", WebSocketEcho.ServeAsync);
        await Edge.Control.PutAsync(A.Service(web) with { MaxBodyBytes = 1 }, Ct);

        using var socket = await WebSocketEcho.ConnectAsync(Edge, "/ws");
        for (var i = 1; i < 50_000; i *= 7)
        {
            var text = new string('x', i);
            Assert.Equal(text, await WebSocketEcho.AskAsync(socket, text));
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", Ct);
        Assert.Equal((WebSocketCloseStatus.NormalClosure, "bye"), (socket.CloseStatus, socket.CloseStatusDescription));
        var logged = await Edge.LoggedAsync("/ws");
        Assert.Equal(101, logged["status"]!.GetValue<int>());
        Assert.True(logged["bytesIn"]!.GetValue<long>() > 19_000);
        Assert.True(logged["bytesOut"]!.GetValue<long>() > 19_000);
    }

    [Fact]
    public async Task A_WebSocket_over_HTTP_2_works_both_ways()
    {
        await using var web = await Backend.StartAsync("web1");
        web.On("/ws", WebSocketEcho.ServeAsync);
        await Edge.Control.PutAsync(A.Service(web), Ct);
        using var socket = new ClientWebSocket();
        socket.Options.HttpVersion = HttpVersion.Version20;
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;

        using var http2 = Edge.NewClient(HttpVersion.Version20);
        await socket.ConnectAsync(new Uri($"ws://{A.Host}/ws"), http2, Ct);

        Assert.Equal("hello", await WebSocketEcho.AskAsync(socket, "hello"));
    }

    [Fact]
    public async Task A_service_that_refuses_the_upgrade_is_heard()
    {
        await using var web = await Backend.StartAsync("web1");
        web.On("/ws", 403, "no");
        await Edge.Control.PutAsync(A.Service(web), Ct);

        var e = await Assert.ThrowsAsync<WebSocketException>(() => WebSocketEcho.ConnectAsync(Edge, "/ws"));

        Assert.Contains("403", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task KP_068_A_client_that_goes_away_is_logged_499_and_the_target_hears_of_it()
    {
        await using var web = await Backend.StartAsync("web1");
        var gone = new TaskCompletionSource();
        web.On("/slow", async http =>
        {
            await using var heard = http.RequestAborted.Register(gone.SetResult);
            await Task.Delay(Timeout.Infinite, http.RequestAborted);
        });
        await Edge.Control.PutAsync(A.Service(web), Ct);

        using var leave = new CancellationTokenSource();
        var asking = Edge.Http.GetAsync(new Uri("/slow", UriKind.Relative), leave.Token);
        await Eventually.TrueAsync(() => web.Hits == 1);
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);

        await gone.Task.WaitAsync(TimeSpan.FromSeconds(10), Ct);
        var logged = await Edge.LoggedAsync("/slow");
        Assert.Equal((499, "client"), (logged["status"]!.GetValue<int>(), logged["cut"]!.GetValue<string>()));
    }

    [Fact]
    public async Task An_answer_that_the_target_breaks_off_is_broken_off_for_the_client_too()
    {
        await using var web = await Backend.StartAsync("web1");
        var seen = new TaskCompletionSource();
        web.On("/broken", async http =>
        {
            http.Response.ContentLength = 1000;
            await http.Response.WriteAsync("only this", http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
            await seen.Task;
            http.Abort();
        });
        await Edge.Control.PutAsync(A.Service(web), Ct);

        using var response = await Edge.Http.GetAsync(new Uri("/broken", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, Ct);
        seen.SetResult();
        await Assert.ThrowsAsync<HttpRequestException>(() => response.Content.ReadAsStringAsync(Ct));

        Assert.Equal("target", (await Edge.LoggedAsync("/broken"))["cut"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_target_that_hangs_up_without_an_answer_gives_502()
    {
        await using var web = await Backend.StartAsync("web1");
        web.On("/abort", http =>
        {
            http.Abort();
            return Task.CompletedTask;
        });
        await Edge.Control.PutAsync(A.Service(web), Ct);

        Assert.Equal(502, await Edge.StatusAsync("/abort"));
        Assert.Equal("web1", await Edge.GetAsync("/"));
    }

    [Fact]
    public async Task A_target_that_stays_silent_too_long_gives_504()
    {
        await using var edge = await TestEdge.StartAsync(o => o with { SilentFor = TimeSpan.FromMilliseconds(300) });
        await using var web = await Backend.StartAsync("web1");
        web.On("/silent", async http => await Task.Delay(Timeout.Infinite, http.RequestAborted));
        await edge.Control.PutAsync(A.Service(web), Ct);

        Assert.Equal(504, await edge.StatusAsync("/silent"));
    }
}
