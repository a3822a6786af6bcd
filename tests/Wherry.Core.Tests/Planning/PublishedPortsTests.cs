using Wherry.Core.Model;
using Wherry.Core.Planning;

namespace Wherry.Core.Tests.Planning;

/// <summary>UC-01. A published port is the edge's where it can be, so that its service overlaps with its successor.</summary>
public sealed class PublishedPortsTests
{
    private static readonly PublishedPort Port = new("127.0.0.1", 5432, 5433, "tcp");

    [Fact]
    public void A_published_tcp_port_is_the_edges_and_its_service_rolls()
    {
        var spec = Led(A.Worker("db") with { Ports = [Port] });

        Assert.Empty(spec.Ports);
        Assert.Equal([new TcpRoute(5432, 5433) { Address = "127.0.0.1" }], spec.Tcp);
        Assert.Equal(DeployStrategy.Rolling, UpdateOrder.Of(spec));
    }

    [Fact]
    public void What_the_edge_cannot_take_stays_the_engines()
    {
        IReadOnlyList<PublishedPort> ports = [Port with { Protocol = "udp" }, Port with { HostPort = null }, Port with { Mode = PublishMode.Host }];

        var spec = Led(A.Worker("game") with { Ports = ports });

        Assert.Equal(ports, spec.Ports);
        Assert.Null(spec.Tcp);
    }

    [Fact]
    public void A_port_that_the_file_gives_the_edge_itself_is_kept_as_it_is()
    {
        var own = new TcpRoute(5432, 5432) { MaxConnections = 7 };

        Assert.Equal([own], Led(A.Worker("db") with { Ports = [Port], Tcp = [own] }).Tcp);
    }

    [Fact]
    public void Who_publishes_the_port_of_the_web_gets_every_host_that_is_nobodys()
    {
        var spec = Led(A.Worker("web") with { Ports = [new(null, 80, 3000, "tcp"), new(null, 8443, 3001, "tcp")] });

        Assert.Equal([new Route(null, PathPrefix.Root, 3000)], spec.Routes);
        Assert.Equal([new TcpRoute(8443, 3001)], spec.Tcp);
    }

    [Fact]
    public void Who_has_a_route_already_is_reached_by_that()
    {
        var route = new Route(HostName.Parse("shop.test"), PathPrefix.Root, 3000);

        var spec = Led(A.Worker("web") with { Ports = [new(null, 80, 3000, "tcp")], Routes = [route] });

        Assert.Equal([route], spec.Routes);
        Assert.Null(spec.Tcp);
        Assert.Empty(spec.Ports);
    }

    [Fact]
    public void A_port_of_one_address_is_not_the_webs()
    {
        var spec = Led(A.Worker("web") with { Ports = [new("127.0.0.1", 80, 3000, "tcp")] });

        Assert.Empty(spec.Routes);
        Assert.Equal([new TcpRoute(80, 3000) { Address = "127.0.0.1" }], spec.Tcp);
    }

    [Fact]
    public void Who_writes_to_a_folder_of_the_server_or_has_a_device_still_never_runs_twice()
    {
        var bind = new Mount(MountKind.Bind, "/srv/pg", "/data", false);
        var asked = new DeploySpec { Strategy = DeployStrategy.Rolling };

        Assert.Equal(DeployStrategy.Recreate, UpdateOrder.Of(Led(A.Worker("db") with { Ports = [Port], Mounts = [bind] })));
        Assert.Equal(DeployStrategy.Recreate, UpdateOrder.Of(Led(A.Worker("db") with { Ports = [Port], Sharing = new() { Devices = [new("/dev/ttyUSB0", "/dev/ttyUSB0", "rwm")] } })));
        Assert.Equal(DeployStrategy.Rolling, UpdateOrder.Of(Led(A.Worker("db") with { Ports = [Port], Mounts = [bind with { ReadOnly = true }] })));
        Assert.Equal(DeployStrategy.Rolling, UpdateOrder.Of(Led(A.Worker("db") with { Ports = [Port], Mounts = [bind], Deploy = asked })));
    }

    [Fact]
    public void Whom_the_edge_does_not_reach_keeps_his_ports()
    {
        var spec = A.Worker("game") with { Ports = [Port] };

        Assert.Equal(spec.Ports, ByEdge(spec).Ports);
    }

    private static ServiceSpec Led(ServiceSpec spec) => ByEdge(spec with { Networks = new Dictionary<string, NetworkAttachment> { ["default"] = new([]) } });

    private static ServiceSpec ByEdge(ServiceSpec spec) =>
        PublishedPorts.ByEdge(new ProjectModel { Services = new Dictionary<ServiceName, ServiceSpec> { [spec.Name] = spec } }, [80]).Services[spec.Name];
}
