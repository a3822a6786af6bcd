using Wherry.Core.Model;

namespace Wherry.Compose.Tests.Reading;

/// <summary>What a service has in common with the server or with other services.</summary>
public sealed class SharingTests
{
    [Fact]
    public void DC_09_Modes_of_the_network_are_read()
    {
        Assert.Equal(new Namespace(NamespaceMode.Host), A.Web("network_mode: host").Sharing!.Network);
        Assert.Equal(new Namespace(NamespaceMode.None), A.Web("network_mode: none").Sharing!.Network);
        Assert.Equal(new Namespace(NamespaceMode.Bridge), A.Web("network_mode: bridge").Sharing!.Network);
        Assert.Equal(new Namespace(NamespaceMode.Container, Container: "vpn"), A.Web("network_mode: container:vpn").Sharing!.Network);
        Assert.Empty(A.Web("network_mode: none").Networks);
    }

    [Fact]
    public void DC_09_DC_10_DC_12_A_shared_namespace_and_shared_volumes_are_dependencies()
    {
        var model = A.Model("""
            services:
              box: { image: x, network_mode: service:vpn, ipc: service:memory, pid: service:vpn, volumes_from: ["data:ro", "container:old"] }
              vpn: { image: x }
              memory: { image: x }
              data: { image: x, volumes: [/data] }
            """);

        var box = A.Service(model, "box");
        Assert.Equal(["vpn", "memory", "data"], box.DependsOn.Select(d => d.Service.Value));
        Assert.Equal(["vpn", "memory", "data"], box.Sharing!.Providers().Select(p => p.Value));
        Assert.Equal([new(ServiceName.Parse("data"), null, true), new VolumesFrom(null, "old", false)], box.Sharing.VolumesFrom);
        Assert.Equal(NamespaceMode.Shareable, A.Service(model, "memory").Sharing!.Ipc!.Mode);
        Assert.Null(A.Service(model, "vpn").Sharing);
    }

    [Fact]
    public void Devices_are_read_short_long_and_by_name()
    {
        var sharing = A.Web("""
            privileged: true
            devices:
              - /dev/fuse
              - /dev/sda:/dev/xvda:r
              - { source: /dev/net/tun, permissions: rw }
              - nvidia.com/gpu=all
            """).Sharing!;

        Assert.True(sharing.Privileged);
        Assert.Equal([new("/dev/fuse", "/dev/fuse", "rwm"), new("/dev/sda", "/dev/xvda", "r"), new Device("/dev/net/tun", "/dev/net/tun", "rw")], sharing.Devices);
        var named = Assert.Single(sharing.DeviceRequests!);
        Assert.Equal("cdi", named.Driver);
        Assert.Equal(["nvidia.com/gpu=all"], named.Ids);
    }

    [Theory]
    [InlineData("gpus: all", -1, "gpu", "")]
    [InlineData("gpus: [{ count: 2, capabilities: [compute] }]", 2, "gpu compute", "")]
    [InlineData("gpus: [{ device_ids: ['0', '3'] }]", 0, "gpu", "0 3")]
    [InlineData("deploy: { resources: { reservations: { devices: [{ driver: nvidia, count: all, capabilities: [gpu] }] } } }", -1, "gpu", "")]
    public void GPUs_are_asked_for_in_three_ways(string body, int count, string capabilities, string ids)
    {
        var request = Assert.Single(A.Web(body).Sharing!.DeviceRequests!);

        Assert.Equal((count, capabilities, ids), (request.Count, string.Join(' ', request.Capabilities), string.Join(' ', request.Ids)));
    }

    [Fact]
    public void Ports_of_a_service_in_the_servers_network_have_no_effect()
    {
        var read = A.Read(A.WebFile("network_mode: host\nports: ['80:80']"));

        Assert.Empty(A.Service(read.Model, "web").Ports);
        Assert.Equal("compose/no-effect", Assert.Single(read.Warnings).Code);
    }

    [Theory]
    [InlineData("network_mode: overlay", "is not one of none, host, bridge")]
    [InlineData("network_mode: 'service:'", "is not one of")]
    [InlineData("network_mode: service:gone", "there is no service \"gone\"")]
    [InlineData("network_mode: service:web", "depends on itself")]
    [InlineData("network_mode: host\nnetworks: [default]", "not both")]
    [InlineData("network_mode: none\nports: ['80:80']", "no network of its own")]
    [InlineData("network_mode: container:vpn\nhostname: x", "those of the other container")]
    [InlineData("network_mode: host\nscale: 2", "2 replicas cannot share one network")]
    [InlineData("network_mode: host\nexpose: [80]\nx-wherry: { routes: [a.test] }", "the edge does not reach")]
    [InlineData("network_mode: none\nx-wherry: { health: { path: /up, port: 80 } }", "the edge does not reach")]
    [InlineData("pid: private", "is not one of host")]
    [InlineData("ipc: shared", "is not one of private, shareable")]
    [InlineData("volumes_from: ['a:b:c']", "does not say whose volumes")]
    [InlineData("devices: [sda]", "is not a device")]
    [InlineData("gpus: some", "is not one of all")]
    [InlineData("gpus: [{ count: 1, device_ids: ['0'] }]", "has count and device_ids")]
    [InlineData("deploy: { resources: { reservations: { devices: [{ count: 1 }] } } }", "needs capabilities")]
    public void What_cannot_be_shared_is_told_where_it_stands(string body, string words)
    {
        var problem = A.WebProblem(body);

        Assert.Contains(words, problem.Message, StringComparison.Ordinal);
        Assert.StartsWith("compose.yaml:", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("vpn: { image: x, scale: 2 }", "network_mode: service:vpn", "has 2 replicas")]
    [InlineData("vpn: { image: x, ipc: host }", "ipc: service:vpn", "which nobody can join")]
    [InlineData("vpn: { image: x, network_mode: none }", "links: [\"vpn:tunnel\"]", "on no network of its own")]
    public void The_other_service_must_be_fit_for_it(string other, string body, string words) =>
        Assert.Contains(words, A.Problem($"services:\n  web:\n    image: x\n    {body}\n  {other}\n").Message, StringComparison.Ordinal);
}
