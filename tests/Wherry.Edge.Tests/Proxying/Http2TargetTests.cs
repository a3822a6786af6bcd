using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using Wherry.Core.Model;
using Wherry.Core.Routing;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Proxying;

/// <summary>Services that speak HTTP/2 without TLS, gRPC above all.</summary>
public sealed class Http2TargetTests : OnAnEdge
{
    [Fact]
    public async Task Every_kind_of_gRPC_call_works_as_without_an_edge_between()
    {
        using var replica = await GrpcPeer.StartAsync("g1");
        await Edge.Control.PutAsync(Grpc(replica), Ct);

        Assert.Equal("all well\n", await GrpcPeer.RunAsync("call", $"{Edge.Address}", A.Host));
    }

    [Fact]
    public async Task KP_010_A_gRPC_service_is_replaced_under_load_and_no_call_fails()
    {
        using var old = await GrpcPeer.StartAsync("g1");
        using var fresh = await GrpcPeer.StartAsync("g2", old);
        await Edge.Control.PutAsync(Grpc(old), Ct);
        var calls = GrpcPeer.RunAsync("load", $"{Edge.Address}", A.Host, "3");
        await Eventually.TrueAsync(async () => (await Edge.Control.GetAsync()).Traffic.Requests > 50);

        await Edge.Control.PutAsync(Grpc(fresh), Ct);

        Assert.StartsWith("g1\ng2\n", await calls, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Visitors_of_either_version_reach_a_service_that_speaks_HTTP_2_alone_and_it_is_probed_so(int version)
    {
        await using var web = await Backend.StartHttp2Async("web1");
        web.Otherwise = async http => await http.Response.WriteAsync($"{http.Request.Protocol} {http.Request.Host} {await new StreamReader(http.Request.Body).ReadToEndAsync(Ct)}");
        await Edge.Control.PutAsync(H2c(web), Ct);
        using var client = Edge.NewClient(new Version(version, version == 1 ? 1 : 0));

        using var answer = await client.PostAsync(new Uri("/", UriKind.Relative), new StringContent("said"), Ct);

        Assert.Equal($"HTTP/2 {A.Host} said", await answer.Content.ReadAsStringAsync(Ct));
        await Edge.Control.GateAsync(H2c(web));
    }

    [Fact]
    public async Task A_target_that_speaks_HTTP_1_alone_is_not_let_in_where_HTTP_2_was_said()
    {
        await using var web = await Backend.StartAsync("web1");
        var service = H2c(web);

        var problem = await EdgeControl.ProblemOfAsync(() => Edge.Control.PutAsync(service with { Probe = service.Probe with { Deadline = TimeSpan.FromMilliseconds(300) } }, Ct));

        Assert.Equal("health/deadline", problem.Code);
    }

    [Fact]
    public async Task Two_ports_of_a_service_may_speak_different_versions()
    {
        await using var web = await Backend.StartAsync("web1");
        using var grpc = await GrpcPeer.StartAsync("g1");
        await Edge.Control.PutAsync("shop.production.web", A.Service(web), Ct);
        await Edge.Control.PutAsync("shop.production.api", Grpc(grpc) with { Routes = [new(HostName.Parse(A.Host), PathPrefix.Parse("/wherry.Test"), grpc.Port, Protocol: RouteProtocol.H2c)] }, Ct);

        Assert.Equal("web1", await Edge.GetAsync("/"));
        Assert.Equal("all well\n", await GrpcPeer.RunAsync("call", $"{Edge.Address}", A.Host));
    }

    [Fact]
    public async Task A_dead_target_gives_502_and_another_one_takes_over()
    {
        await using var one = await Backend.StartHttp2Async("web1");
        await Edge.Control.PutAsync(H2c(one) with { Targets = [one.Target, new("dead", "127.200.0.77")], Probe = A.Probe with { Interval = TimeSpan.FromMinutes(1) } }, Ct).ContinueWith(_ => { }, Ct);
        await Edge.Control.PutAsync(H2c(one), Ct);
        await one.StopAsync();

        Assert.Equal(502, await Edge.StatusAsync("/"));
    }

    [Fact]
    public async Task A_WebSocket_of_a_visitor_reaches_it()
    {
        await using var web = await Backend.StartHttp2Async("web1");
        web.On("/ws", WebSocketEcho.ServeAsync);
        await Edge.Control.PutAsync(H2c(web), Ct);

        using var socket = await WebSocketEcho.ConnectAsync(Edge, "/ws");

        Assert.Equal("hello", await WebSocketEcho.AskAsync(socket, "hello"));
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Ct);
    }

    private static EdgeService H2c(Backend web) => A.Service(web) with { Routes = [A.Route(web.Port) with { Protocol = RouteProtocol.H2c }] };

    private static EdgeService Grpc(GrpcPeer peer) => new()
    {
        Routes = [A.Route(peer.Port) with { Protocol = RouteProtocol.H2c }],
        Targets = [peer.Target],
        Probe = A.Probe with { Path = null },
        DrainFor = TimeSpan.FromSeconds(5),
    };
}
