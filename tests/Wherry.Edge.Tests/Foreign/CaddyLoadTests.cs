using System.Diagnostics;
using System.Net.WebSockets;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Foreign;

/// <summary>What a change of Caddy's configuration costs those who are connected.</summary>
[Collection(Alone.Name)]
public sealed class CaddyLoadTests : OnAnEdge
{
    private const int Visitors = 20;
    private const int Redeploys = 10;

    private int _answers;
    private int _failures;

    protected override bool OnCaddy => true;

    [Fact]
    public async Task Ten_redeploys_under_500_requests_a_second_cost_few_a_request()
    {
        var current = await Backend.StartAsync("r0");
        await Edge.Control.PutAsync(A.Service(current), Ct);
        using var stop = new CancellationTokenSource();
        var watch = Stopwatch.StartNew();
        var visitors = Enumerable.Range(0, Visitors).Select(_ => AskAsync(stop.Token)).ToArray();
        for (var i = 1; i <= Redeploys; i++)
        {
            var next = await Backend.StartAsync($"r{i}");
            Assert.Equal(0, (await Edge.Control.PutAsync(A.Service(next), Ct)).Cut);
            await Task.Delay(300, Ct);
            await current.DisposeAsync();
            current = next;
        }

        await stop.CancelAsync();
        await Task.WhenAll(visitors);
        await current.DisposeAsync();
        TestContext.Current.TestOutputHelper!.WriteLine($"{_answers} answers, {_answers / watch.Elapsed.TotalSeconds:0} a second, {_failures} of them failures");

        // Caddy opens a new socket for each configuration; who is in the queue of the old one is turned away, unless the kernel moves them (docs/operate/edges.md).
        Assert.InRange(_failures, 0, 4 * Redeploys);
        Assert.InRange(_answers, 500, int.MaxValue);
    }

    [Fact]
    public async Task A_WebSocket_is_closed_in_good_order_by_any_change_and_connects_again()
    {
        await using var web = await Backend.StartAsync("web1");
        await using var other = await Backend.StartAsync("other");
        web.On("/ws", WebSocketEcho.ServeAsync);
        await Edge.Control.PutAsync(A.Service(web), Ct);
        using var socket = await WebSocketEcho.ConnectAsync(Edge, "/ws");
        Assert.Equal("before", await WebSocketEcho.AskAsync(socket, "before"));

        await Edge.Control.PutAsync("p.e.other", A.Service(other) with { Routes = [A.Route(other.Port, "other.test")] }, Ct);

        Assert.Equal("", await WebSocketEcho.AskAsync(socket, "after"));
        Assert.Equal(WebSocketState.CloseReceived, socket.State);
        using var again = await WebSocketEcho.ConnectAsync(Edge, "/ws");
        Assert.Equal("after", await WebSocketEcho.AskAsync(again, "after"));
    }

    private async Task AskAsync(CancellationToken stop)
    {
        using var http = Edge.NewClient();
        while (!stop.IsCancellationRequested)
        {
            var pause = Task.Delay(40, CancellationToken.None);
            try
            {
                await http.GetStringAsync(new Uri("/", UriKind.Relative), CancellationToken.None);
            }
            catch (HttpRequestException)
            {
                Interlocked.Increment(ref _failures);
            }

            Interlocked.Increment(ref _answers);
            await pause;
        }
    }
}
