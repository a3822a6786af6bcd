using System.Net;
using System.Net.WebSockets;
using System.Text;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Proxying;

/// <summary>WebSockets over HTTP/1.1 and HTTP/2 (RFC 8441) beside everything else that a service may ask for.</summary>
public sealed class WebSocketTests : OnAnEdge
{
    public static TheoryData<int> Versions() => [1, 2];

    protected override EdgeOptions Options(EdgeOptions defaults) => defaults with { SilentFor = TimeSpan.FromSeconds(3) };

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task KP_061_It_counts_as_a_write_unless_the_rule_says_otherwise(int version)
    {
        await using var writer = await StartAsync("writer");
        await using var reader = await StartAsync("reader", writer);
        foreach (var (websockets, expected) in new[] { (false, "writer"), (true, "reader") })
        {
            await Edge.Control.PutAsync(A.Service(writer, reader) with { Rules = new() { Readers = new() { Websockets = websockets } }, Readers = [reader.Id] }, Ct);
            using var socket = await WebSocketEcho.ConnectAsync(Edge, "/ws", version);
            Assert.Equal(expected, await WebSocketEcho.AskAsync(socket, "who?"));
        }
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Buffers_and_limits_of_bodies_leave_it_alone(int version)
    {
        await using var web = await StartAsync("web1");
        await Edge.Control.PutAsync(A.Service(web) with { MaxBodyBytes = 1, Routes = [A.Route(web.Port) with { Rules = new() { Buffer = new() { Memory = 1, MaxResponse = 1 }, MaxBody = 1, Compress = true } }] }, Ct);

        using var socket = await WebSocketEcho.ConnectAsync(Edge, "/ws", version);
        Assert.Equal("hello", await WebSocketEcho.AskAsync(socket, "hello"));
        var big = new string('b', 8 << 20);
        Assert.Equal(big, await WebSocketEcho.AskWholeAsync(socket, big));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task A_visitor_stays_with_his_replica_and_on_his_side_of_a_split(int version)
    {
        await using var stable = await StartAsync("stable");
        await using var canary = await StartAsync("canary", stable);
        await Edge.Control.PutAsync(A.Service(stable, canary) with { Split = new() { Targets = ["canary"], Header = "X-User", Allow = ["ann"], Share = 0 } }, Ct);
        foreach (var (user, side) in new[] { ("ann", "canary"), ("bob", "stable"), ("ann", "canary") })
        {
            using var socket = await WebSocketEcho.ConnectAsync(Edge, "/ws", version, o => o.SetRequestHeader("X-User", user));
            Assert.Equal(side, await WebSocketEcho.AskAsync(socket, "who?"));
        }

        await Edge.Control.PutAsync(A.Service(stable, canary) with { Routes = [A.Route(stable.Port) with { Rules = new() { StickyCookie = "place" } }] }, Ct);
        using var first = await Edge.Http.GetAsync(new Uri("/", UriKind.Relative), Ct);
        var (cookie, place) = (first.Headers.GetValues("Set-Cookie").Single().Split(';')[0], await first.Content.ReadAsStringAsync(Ct));
        for (var i = 0; i < 4; i++)
        {
            using var socket = await WebSocketEcho.ConnectAsync(Edge, "/ws", version, o => o.SetRequestHeader("Cookie", cookie));
            Assert.Equal(place, await WebSocketEcho.AskAsync(socket, "who?"));
        }
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task KP_048_It_gets_the_drain_time_and_others_on_the_connection_live_on(int version)
    {
        await using var old = await StartAsync("old");
        await using var next = await StartAsync("next");
        await Edge.Control.PutAsync(A.Service(old), Ct);
        using var socket = await WebSocketEcho.ConnectAsync(Edge, "/ws", version);
        Assert.Equal("before", await WebSocketEcho.AskAsync(socket, "before"));

        var put = Edge.Control.PutAsync(A.Service(next) with { DrainFor = TimeSpan.FromSeconds(1) }, Ct);
        await Eventually.TrueAsync(async () => await Edge.GetAsync("/") == "next");
        Assert.Equal("inside", await WebSocketEcho.AskAsync(socket, "inside"));

        Assert.Equal(1, (await put).Cut);
        await Assert.ThrowsAnyAsync<Exception>(() => WebSocketEcho.AskAsync(socket, "after"));
        Assert.Equal("drain", (await Edge.LoggedAsync("/ws"))["cut"]!.GetValue<string>());
        using var fresh = await WebSocketEcho.ConnectAsync(Edge, "/ws", version);
        Assert.Equal("next", await WebSocketEcho.AskAsync(fresh, "who?"));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Maintenance_and_pauses_end_none_that_is_open_and_meet_new_ones(int version)
    {
        await using var web = await StartAsync("web1");
        await Edge.Control.PutAsync(A.Service(web), Ct);
        using var open = await WebSocketEcho.ConnectAsync(Edge, "/ws", version);

        await Edge.Control.MaintenanceAsync();
        Assert.Equal("still", await WebSocketEcho.AskAsync(open, "still"));
        await Assert.ThrowsAsync<WebSocketException>(() => WebSocketEcho.ConnectAsync(Edge, "/ws", version));

        await Edge.Control.PauseAsync(TimeSpan.FromSeconds(20));
        var held = WebSocketEcho.ConnectAsync(Edge, "/ws", version);
        await Task.Delay(300, Ct);
        Assert.False(held.IsCompleted);
        await Edge.Control.ResumeAsync();
        using var late = await held;
        Assert.Equal("late", await WebSocketEcho.AskAsync(late, "late"));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Pings_keep_a_quiet_one_open_and_silence_on_both_sides_ends_it(int version)
    {
        await using var web = await StartAsync("web1");
        await Edge.Control.PutAsync(A.Service(web), Ct);
        using var quiet = await WebSocketEcho.ConnectAsync(Edge, "/ws", version, o => o.KeepAliveInterval = TimeSpan.FromMilliseconds(500));
        using var silent = await WebSocketEcho.ConnectAsync(Edge, "/ws", version, o => o.KeepAliveInterval = TimeSpan.Zero);
        var ended = silent.ReceiveAsync(new byte[10], Ct);

        await Assert.ThrowsAnyAsync<Exception>(() => ended.WaitAsync(TimeSpan.FromSeconds(15), Ct));
        Assert.False(ended.IsCanceled);
        Assert.Equal("awake", await WebSocketEcho.AskAsync(quiet, "awake"));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Protocols_are_agreed_on_and_a_service_that_breaks_off_is_noticed(int version)
    {
        await using var web = await Backend.StartAsync("web1");
        web.On("/chat", async http =>
        {
            using var socket = await http.WebSockets.AcceptWebSocketAsync(http.WebSockets.WebSocketRequestedProtocols[1]);
            await socket.SendAsync(Encoding.ASCII.GetBytes(http.Request.Headers.Origin.ToString()), WebSocketMessageType.Text, endOfMessage: true, http.RequestAborted);
            await socket.ReceiveAsync(new byte[10], http.RequestAborted);
            http.Abort();
        });
        await Edge.Control.PutAsync(A.Service(web), Ct);

        using var socket = await WebSocketEcho.ConnectAsync(Edge, "/chat", version, o =>
        {
            o.AddSubProtocol("one");
            o.AddSubProtocol("two");
            o.SetRequestHeader("Origin", "https://shop.test");
        });
        Assert.Equal("two", socket.SubProtocol);
        var buffer = new byte[100];
        var got = await socket.ReceiveAsync(buffer, Ct);
        Assert.Equal("https://shop.test", Encoding.ASCII.GetString(buffer, 0, got.Count));
        await socket.SendAsync(buffer.AsMemory(0, 1), WebSocketMessageType.Binary, endOfMessage: true, Ct);
        await Assert.ThrowsAsync<WebSocketException>(() => socket.ReceiveAsync(buffer, Ct).WaitAsync(TimeSpan.FromSeconds(10), Ct));
    }

    [Fact]
    public async Task Over_HTTP_2_a_hundred_share_a_connection_with_requests_and_no_service_sees_another_protocol()
    {
        await using var web = await StartAsync("web1");
        await Edge.Control.PutAsync(A.Service(web), Ct);
        using var http = Edge.NewClient(HttpVersion.Version20);
        var sockets = await Task.WhenAll(Enumerable.Range(0, 50).Select(async _ =>
        {
            var socket = new ClientWebSocket();
            socket.Options.HttpVersion = HttpVersion.Version20;
            socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
            await socket.ConnectAsync(new Uri($"ws://{A.Host}/ws"), http, Ct);
            return socket;
        }));
        var said = await Task.WhenAll(sockets.Select((s, i) => WebSocketEcho.AskAsync(s, $"{i}")));
        Assert.Equal([.. Enumerable.Range(0, 50).Select(i => $"{i}")], said);
        Assert.Equal("web1", await http.GetStringAsync(new Uri("/", UriKind.Relative), Ct));

        using var other = new HttpRequestMessage(HttpMethod.Connect, "/ws") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        other.Headers.Protocol = "connect-udp";
        var hits = web.Hits;
        using var answer = await http.SendAsync(other, Ct);
        Assert.True((int)answer.StatusCode >= 400, $"{answer.StatusCode}");
        Array.ForEach(sockets, s => s.Dispose());
        Assert.InRange(web.Hits - hits, 0, 1);
    }

    /// <summary>Says its id to who asks, and else what it hears.</summary>
    private static async Task<Backend> StartAsync(string id, Backend? beside = null)
    {
        var web = await Backend.StartAsync(id, beside);
        return web.On("/ws", http => WebSocketEcho.ServeAsync(http, heard => heard == "who?" ? id : null));
    }
}
