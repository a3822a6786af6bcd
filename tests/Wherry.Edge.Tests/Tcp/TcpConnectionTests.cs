using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Tcp;

/// <summary>What single connections to a TCP route can ask for.</summary>
public sealed class TcpConnectionTests : OnAnEdge
{
    private readonly int _port = Backend.FreePort();

    [Fact]
    public async Task Who_has_said_all_still_hears_the_answer()
    {
        await using var db = TcpReplica.Start("db1");
        await Edge.Control.PutAsync(TcpReplica.Service(_port, db), Ct);
        using var visitor = await TcpVisitor.ConnectAsync(_port);

        await visitor.SendAsync("12345");
        visitor.SayNoMore();

        Assert.Equal("db1\n123455 bytes", await visitor.RestAsync());
    }

    [Fact]
    public async Task A_hundred_megabytes_go_both_ways_and_the_memory_stays_flat()
    {
        await using var db = TcpReplica.Start("db1", serve: async (stream, ct) =>
        {
            var buffer = new byte[64 << 10];
            long total = 0;
            for (int read; (read = await stream.ReadAsync(buffer, ct)) > 0; total += read)
            {
                await stream.WriteAsync(buffer.AsMemory(0, read), ct);
            }
        });
        await Edge.Control.PutAsync(TcpReplica.Service(_port, db), Ct);
        using var client = new TcpClient("127.0.0.1", _port);
        var stream = client.GetStream();
        var chunk = new byte[64 << 10];
        Random.Shared.NextBytes(chunk);
        const int Chunks = 1600;

        var sending = Task.Run(
            async () =>
            {
                for (var i = 0; i < Chunks; i++)
                {
                    await stream.WriteAsync(chunk, Ct);
                }

                client.Client.Shutdown(SocketShutdown.Send);
            },
            Ct);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var back = new byte[64 << 10];
        long most = 0;
        for (var i = 0; i < Chunks; i++)
        {
            await stream.ReadExactlyAsync(back, Ct);
            Assert.Equal(chunk, back);
            most = i % 200 == 0 ? Math.Max(most, GC.GetTotalMemory(forceFullCollection: true)) : most;
        }

        await sending;
        Assert.Equal(0, await stream.ReadAsync(back, Ct));
        Assert.InRange(most - before, long.MinValue, 20 << 20);
    }

    [Fact]
    public async Task A_connection_on_which_nobody_speaks_is_closed_and_one_that_speaks_is_not()
    {
        await using var db = TcpReplica.Start("db1");
        await Edge.Control.PutAsync(TcpReplica.Service(_port, db) with { Tcp = [new(_port, db.Port) { SilentFor = TimeSpan.FromMilliseconds(600) }] }, Ct);
        var (silent, _) = await TcpVisitor.GreetedAsync(_port);
        var (talks, _) = await TcpVisitor.GreetedAsync(_port);
        using var both = silent;
        using var and = talks;

        var watch = Stopwatch.StartNew();
        var ended = silent.RestAsync();
        while (watch.ElapsedMilliseconds < 1500)
        {
            Assert.Equal("hm", await talks.EchoAsync("hm"));
            await Task.Delay(50, Ct);
        }

        Assert.Null(await ended);
        Assert.Contains("wherry_edge_tcp_connections_total{service=\"shop.production.web\",end=\"silent\"} 1", await Edge.Control.MetricsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_connection_more_than_the_limit_is_closed_at_once_until_another_ends()
    {
        await using var db = TcpReplica.Start("db1");
        await Edge.Control.PutAsync(TcpReplica.Service(_port, db) with { Tcp = [new(_port, db.Port) { MaxConnections = 2 }] }, Ct);
        var (one, _) = await TcpVisitor.GreetedAsync(_port);
        var (two, _) = await TcpVisitor.GreetedAsync(_port);
        using var stays = two;

        Assert.True(await TcpVisitor.IsRefusedAsync(_port));

        one.Dispose();
        await Eventually.TrueAsync(async () => !await TcpVisitor.IsRefusedAsync(_port));
        Assert.Equal("x", await two.EchoAsync("x"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task The_service_is_told_whose_connection_it_is_where_it_wants_to_know(int version)
    {
        await using var db = TcpReplica.Start("db1");
        await Edge.Control.PutAsync(TcpReplica.Service(_port, db) with { Tcp = [new(_port, db.Port) { SendProxy = version }] }, Ct);
        using var visitor = await TcpVisitor.ConnectAsync(_port);
        await visitor.SendAsync("hello");
        visitor.SayNoMore();

        var seen = (await visitor.RestAsync())!["db1\n".Length..];

        if (version == 1)
        {
            Assert.StartsWith($"PROXY TCP4 127.0.0.1 127.0.0.1 {visitor.From.Port} {_port}\r\nhello", seen, StringComparison.Ordinal);
            return;
        }

        byte[] wanted = [.. "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c"u8, 127, 0, 0, 1, 127, 0, 0, 1, (byte)(visitor.From.Port >> 8), (byte)visitor.From.Port, (byte)(_port >> 8), (byte)_port];
        Assert.StartsWith(Encoding.Latin1.GetString(wanted) + "hello", seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_is_taken_by_a_service_a_program_or_the_edge_itself_is_refused_and_nothing_changes()
    {
        await using var db = TcpReplica.Start("db1");
        await Edge.Control.PutAsync("shop.production.db", TcpReplica.Service(_port, db), Ct);
        using var thief = new TcpListener(IPAddress.Loopback, 0);
        thief.Start();
        var state = await File.ReadAllTextAsync(Path.Combine(Edge.Home, "state.json"), Ct);

        var byService = await EdgeControl.ProblemOfAsync(() => Edge.Control.PutAsync(TcpReplica.Service(_port, db), Ct));
        var byProgram = await EdgeControl.ProblemOfAsync(() => Edge.Control.PutAsync(TcpReplica.Service(((IPEndPoint)thief.LocalEndpoint).Port, db), Ct));
        var asked = await EdgeControl.ProblemOfAsync(() => Edge.Control.GateAsync(TcpReplica.Service(((IPEndPoint)thief.LocalEndpoint).Port, db)));

        Assert.Equal(("route/port-taken", "edge/port-taken", "edge/port-taken"), (byService.Code, byProgram.Code, asked.Code));
        Assert.Contains("shop.production.db", byService.Message, StringComparison.Ordinal);
        Assert.Equal(state, await File.ReadAllTextAsync(Path.Combine(Edge.Home, "state.json"), Ct));
        Assert.Equal("db1", await TcpVisitor.AskAsync(_port));
    }

    [Fact]
    public async Task The_address_of_a_port_can_be_said_and_changed()
    {
        await using var db = TcpReplica.Start("db1");
        await Edge.Control.PutAsync(TcpReplica.Service(_port, db) with { Tcp = [new(_port, db.Port) { Address = "127.0.0.9" }] }, Ct);
        await Assert.ThrowsAsync<SocketException>(() => TcpVisitor.ConnectAsync(_port));

        await Edge.Control.PutAsync(TcpReplica.Service(_port, db), Ct);
        Assert.Equal("db1", await TcpVisitor.AskAsync(_port));
    }

    [Fact]
    public async Task A_thousand_idle_connections_live_take_little_memory_and_end_with_their_target()
    {
        await using var db = TcpReplica.Start("db1");
        await using var fresh = TcpReplica.Start("db2", db);
        await Edge.Control.PutAsync(TcpReplica.Service(_port, db), Ct);
        await TcpVisitor.AskAsync(_port);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var idle = await Task.WhenAll(Enumerable.Range(0, 1000).Select(async _ => (await TcpVisitor.GreetedAsync(_port)).Visitor));
        var each = (GC.GetTotalMemory(forceFullCollection: true) - before) / idle.Length;

        Assert.Contains("wherry_edge_tcp_connections{service=\"shop.production.web\"} 1000", await Edge.Control.MetricsAsync(), StringComparison.Ordinal);
        TestContext.Current.TestOutputHelper!.WriteLine($"{each} bytes each, the client's and the target's end included");
        Assert.InRange(each, 0, 160_000); // the target of this test has 64 KB for each

        var report = await Edge.Control.PutAsync(TcpReplica.Service(_port, fresh) with { DrainFor = TimeSpan.FromMilliseconds(200) }, Ct);
        Assert.Equal(1000, report.Cut);
        Assert.All(await Task.WhenAll(idle.Select(v => v.RestAsync())), Assert.Null);
        await Eventually.TrueAsync(async () => (await Edge.Control.MetricsAsync()).Contains("wherry_edge_tcp_connections{service=\"shop.production.web\"} 0", StringComparison.Ordinal));
        Array.ForEach(idle, v => v.Dispose());
    }
}
