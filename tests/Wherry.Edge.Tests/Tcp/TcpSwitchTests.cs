using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Wherry.Core.Routing;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Tcp;

/// <summary>Gate, switch, drain and hold of TCP routes: as for HTTP.</summary>
public sealed class TcpSwitchTests : OnAnEdge
{
    private readonly int _port = Backend.FreePort();

    [Fact]
    public async Task A_port_leads_to_the_service_byte_for_byte()
    {
        await using var db = TcpReplica.Start("db1");
        await Edge.Control.PutAsync(TcpReplica.Service(_port, db), Ct);
        var (visitor, replica) = await TcpVisitor.GreetedAsync(_port);
        using var closes = visitor;

        Assert.Equal("db1", replica);
        Assert.Equal("\0\u00ff PING", await visitor.EchoAsync("\0\u00ff PING"));
    }

    [Fact]
    public async Task Replicas_take_turns_and_a_dead_one_is_left_out_at_once()
    {
        await using var one = TcpReplica.Start("db1");
        var two = TcpReplica.Start("db2", one);
        await Edge.Control.PutAsync(TcpReplica.Service(_port, one, two), Ct);

        Assert.Equal(["db1", "db2"], (await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => TcpVisitor.AskAsync(_port)))).Distinct().Order());
        await two.DisposeAsync();
        Assert.All(await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => TcpVisitor.AskAsync(_port))), replica => Assert.Equal("db1", replica));
    }

    [Fact]
    public async Task KP_010_New_connections_go_to_the_new_targets_and_old_ones_live_on_until_they_end()
    {
        await using var old = TcpReplica.Start("db1");
        await using var fresh = TcpReplica.Start("db2", old);
        await Edge.Control.PutAsync(TcpReplica.Service(_port, old), Ct);
        var (visitor, _) = await TcpVisitor.GreetedAsync(_port);

        var switching = Edge.Control.PutAsync(TcpReplica.Service(_port, fresh), Ct);
        await Eventually.TrueAsync(async () => await TcpVisitor.AskAsync(_port) == "db2");

        Assert.Equal("still here", await visitor.EchoAsync("still here"));
        Assert.False(switching.IsCompleted);
        visitor.Dispose();
        var report = await switching;
        Assert.Equal((1, 0), (report.Drained, report.Cut));
    }

    [Fact]
    public async Task KP_047_Connections_past_the_drain_time_are_cut_and_the_drain_returns_on_time()
    {
        await using var old = TcpReplica.Start("db1");
        await using var fresh = TcpReplica.Start("db2", old);
        await Edge.Control.PutAsync(TcpReplica.Service(_port, old), Ct);
        var (visitor, _) = await TcpVisitor.GreetedAsync(_port);
        using var closes = visitor;

        var watch = Stopwatch.StartNew();
        var report = await Edge.Control.PutAsync(TcpReplica.Service(_port, fresh) with { DrainFor = TimeSpan.FromMilliseconds(300) }, Ct);

        Assert.Equal((0, 1), (report.Drained, report.Cut));
        Assert.InRange(watch.ElapsedMilliseconds, 290, 3000);
        Assert.Null(await visitor.RestAsync());
        Assert.Equal("db2", await TcpVisitor.AskAsync(_port));
    }

    [Fact]
    public async Task KP_028_A_target_that_never_takes_a_connection_gets_none_and_the_old_one_goes_on()
    {
        await using var old = TcpReplica.Start("db1");
        await Edge.Control.PutAsync(TcpReplica.Service(_port, old), Ct);
        var dead = TcpReplica.Service(_port, old) with { Targets = [new("db2", "127.200.0.9")] };

        var problem = await EdgeControl.ProblemOfAsync(() => Edge.Control.PutAsync(dead with { Probe = dead.Probe with { Deadline = TimeSpan.FromMilliseconds(200) } }, Ct));

        Assert.Equal("health/deadline", problem.Code);
        Assert.Equal("db1", await TcpVisitor.AskAsync(_port));
    }

    [Fact]
    public async Task KP_027_A_first_deployment_that_never_gets_healthy_opens_no_port()
    {
        var dead = new EdgeService { Routes = [], Tcp = [new(_port, 1)], Targets = [new("db1", "127.200.0.9")], Probe = A.Probe with { Path = null, Deadline = TimeSpan.FromMilliseconds(200) } };

        Assert.Equal("health/deadline", (await EdgeControl.ProblemOfAsync(() => Edge.Control.PutAsync(dead, Ct))).Code);
        await Assert.ThrowsAsync<SocketException>(() => TcpVisitor.ConnectAsync(_port));
    }

    [Fact]
    public async Task KP_040_Pause_holds_new_connections_and_resume_lets_all_of_them_go_on()
    {
        await using var db = TcpReplica.Start("db1");
        await Edge.Control.PutAsync(TcpReplica.Service(_port, db), Ct);
        await Edge.Control.PauseAsync(TimeSpan.FromSeconds(10));

        var held = Enumerable.Range(0, 20).Select(_ => TcpVisitor.AskAsync(_port)).ToArray();
        await Task.Delay(200, Ct);
        Assert.DoesNotContain(held, h => h.IsCompleted);

        await Edge.Control.ResumeAsync();
        Assert.All(await Task.WhenAll(held), replica => Assert.Equal("db1", replica));
    }

    [Fact]
    public async Task A_held_client_that_leaves_is_let_go_and_one_that_has_said_all_waits_on()
    {
        await using var db = TcpReplica.Start("db1");
        await Edge.Control.PutAsync(TcpReplica.Service(_port, db), Ct);
        await Edge.Control.PauseAsync(TimeSpan.FromSeconds(30));
        using var waits = await TcpVisitor.ConnectAsync(_port);
        await waits.SendAsync("hello\n");
        waits.SayNoMore();
        var leaves = await TcpVisitor.ConnectAsync(_port);
        await Eventually.TrueAsync(() => OpenAsync(2));

        leaves.Dispose();
        await Eventually.TrueAsync(() => OpenAsync(1));
        await Task.Delay(1500, Ct);
        Assert.True(await OpenAsync(1));
        await Edge.Control.ResumeAsync();
        Assert.StartsWith("db1\n", await waits.RestAsync(), StringComparison.Ordinal);

        async Task<bool> OpenAsync(int count) => (await Edge.Control.MetricsAsync()).Contains($"wherry_edge_tcp_connections{{service=\"{A.Key}\"}} {count}\n", StringComparison.Ordinal);
    }

    [Fact]
    public async Task KP_041_A_connection_held_longer_than_the_limit_is_closed_and_so_is_one_in_maintenance()
    {
        await using var db = TcpReplica.Start("db1");
        await Edge.Control.PutAsync(TcpReplica.Service(_port, db), Ct);
        await Edge.Control.PauseAsync(TimeSpan.FromMilliseconds(200));
        Assert.True(await TcpVisitor.IsRefusedAsync(_port));

        await Edge.Control.MaintenanceAsync();
        Assert.True(await TcpVisitor.IsRefusedAsync(_port));
        await Edge.Control.ResumeAsync();
        Assert.Equal("db1", await TcpVisitor.AskAsync(_port));
    }

    [Fact]
    public async Task Those_on_the_list_get_through_to_a_closed_port_and_it_opens_at_its_time()
    {
        await using var db = TcpReplica.Start("db1");
        await Edge.Control.PutAsync(TcpReplica.Service(_port, db), Ct);
        await Edge.Control.MaintenanceAsync(new MaintenanceRequest(null, Allow: ["127.0.0.0/8"]));
        Assert.Equal("db1", await TcpVisitor.AskAsync(_port));

        await Edge.Control.MaintenanceAsync(new MaintenanceRequest(null, ["192.0.2.1"], DateTimeOffset.UtcNow + TimeSpan.FromSeconds(1)));
        Assert.True(await TcpVisitor.IsRefusedAsync(_port));
        await Task.Delay(1100, Ct);
        Assert.Equal("db1", await TcpVisitor.AskAsync(_port));

        await Edge.Control.PauseAsync(new PauseRequest(TimeSpan.FromSeconds(10), Until: DateTimeOffset.UtcNow + TimeSpan.FromSeconds(1)));
        Assert.Equal("db1", await TcpVisitor.AskAsync(_port));
    }

    [Fact]
    public async Task KP_004_A_service_that_is_removed_or_loses_its_port_is_knocked_at_in_vain()
    {
        await using var db = TcpReplica.Start("db1");
        await using var web = await Backend.StartAsync("web1");
        await Edge.Control.PutAsync(TcpReplica.Service(_port, db), Ct);
        await Edge.Control.DeleteAsync();
        await Assert.ThrowsAsync<SocketException>(() => TcpVisitor.ConnectAsync(_port));

        await Edge.Control.PutAsync(A.Service(web) with { Tcp = [new(_port, web.Port)] }, Ct);
        using var http = await TcpVisitor.ConnectAsync(_port);
        await http.SendAsync("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        Assert.EndsWith("web1", (await http.RestAsync())!.TrimEnd('0', '\r', '\n'), StringComparison.Ordinal);
        await Edge.Control.PutAsync(A.Service(web), Ct);
        await Assert.ThrowsAsync<SocketException>(() => TcpVisitor.ConnectAsync(_port));
        Assert.Equal("web1", await Edge.GetAsync("/"));
    }

    [Fact]
    public async Task A_service_takes_a_port_over_from_another_in_the_moment_of_its_switch()
    {
        await using var old = TcpReplica.Start("db1");
        await using var fresh = TcpReplica.Start("db2", old);
        await Edge.Control.PutAsync("shop.production.db", TcpReplica.Service(_port, old), Ct);

        await Edge.Control.PutAsync("shop.production.store", TcpReplica.Service(_port, fresh) with { TakesFrom = ["shop.production.db"] }, Ct);

        Assert.Equal("db2", await TcpVisitor.AskAsync(_port));
        Assert.Equal("edge/unknown-service", (await EdgeControl.ProblemOfAsync(() => Edge.Control.GetAsync("shop.production.db"))).Code);
    }

    [Fact]
    public async Task Ports_survive_a_restart_and_one_that_is_taken_meanwhile_stops_nothing_else()
    {
        await using var db = TcpReplica.Start("db1");
        await using var web = await Backend.StartAsync("web1");
        var other = Backend.FreePort();
        await Edge.Control.PutAsync("shop.production.db", TcpReplica.Service(_port, db) with { Tcp = [new(_port, db.Port), new(other, db.Port)] }, Ct);
        await Edge.Control.PutAsync(A.Service(web), Ct);
        await Edge.Control.PauseAsync(TimeSpan.FromSeconds(10), "shop.production.db");
        await Edge.StopAsync();
        var thief = new TcpListener(IPAddress.Loopback, _port);
        thief.Start();
        await Edge.StartAgainAsync();

        Assert.Equal("web1", await Edge.GetAsync("/"));
        var held = TcpVisitor.AskAsync(other);
        await Task.Delay(100, Ct);
        Assert.False(held.IsCompleted);
        await Edge.Control.ResumeAsync("shop.production.db");
        Assert.Equal("db1", await held);
        Assert.Contains($"wherry_edge_tcp_listening{{address=\"127.0.0.1:{_port}\"}} 0", await Edge.Control.MetricsAsync(), StringComparison.Ordinal);

        thief.Stop();
        await Eventually.TrueAsync(async () => (await Edge.Control.MetricsAsync()).Contains($"wherry_edge_tcp_listening{{address=\"127.0.0.1:{_port}\"}} 1", StringComparison.Ordinal));
        Assert.Equal("db1", await TcpVisitor.AskAsync(_port));
    }
}
