using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Docker.Tests.Fixture;

namespace Wherry.Docker.Tests;

/// <summary>Containers that have something in common with each other or with the host.</summary>
public sealed class ContainerSharingTests(DockerHost host)
{
    private static readonly ServiceName Owner = ServiceName.Parse("owner");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private EngineContainers Containers => host.Engine.Containers;

    [Fact]
    public async Task DC_09_DC_10_A_container_joins_the_namespaces_of_another_one()
    {
        var network = host.Name("n");
        await host.Engine.Networks.CreateAsync(new() { Name = network, Labels = host.Labels }, Stop);
        var owner = await host.RunAsync(
            host.Spec("sh", "-c", "echo shared > /dev/shm/word; httpd -f -p 8080 -h /tmp") with { Naming = new("owner-host"), Networks = [new(network, ["owner"])], Sharing = new() { Ipc = new(NamespaceMode.Shareable) } }, Stop);
        await host.UntilAsync(owner, c => c.IsRunning, Stop);

        var lines = await LinesAsync(
            Joined("hostname; cat /dev/shm/word; grep -q httpd /proc/*/cmdline && echo sees the other; echo x | nc 127.0.0.1 8080 | head -n 1"),
            new()
            {
                Network = new(NamespaceMode.Service, Owner),
                Ipc = new(NamespaceMode.Service, Owner),
                Pid = new(NamespaceMode.Service, Owner),
            },
            owner);

        Assert.Contains("owner-host", lines);
        Assert.Contains("shared", lines);
        Assert.Contains("sees the other", lines);
        Assert.Contains(lines, l => l.StartsWith("HTTP/1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task DC_12_The_volumes_of_another_container_are_mounted_too()
    {
        var owner = await host.RunAsync(host.Spec("sh", "-c", "echo kept > /data/file; sleep 60") with { Mounts = [new(MountKind.Volume, null, "/data", ReadOnly: false)] }, Stop);
        await host.UntilAsync(owner, c => c.IsRunning, Stop);
        await Task.Delay(300, Stop);

        var lines = await LinesAsync(Joined("cat /data/file; touch /data/x || echo read-only"), new() { VolumesFrom = [new(Owner, null, ReadOnly: true)] }, owner);

        Assert.Contains("kept", lines);
        Assert.Contains("read-only", lines);
    }

    [Fact]
    public async Task DC_09_The_hosts_network_and_none_are_taken()
    {
        Assert.Contains(Environment.MachineName, await LinesAsync(Joined("hostname"), new() { Network = new(NamespaceMode.Host) }));
        Assert.Equal(["lo"], await LinesAsync(Joined("ls /sys/class/net"), new() { Network = new(NamespaceMode.None) }));
        Assert.Contains("eth0", await LinesAsync(Joined("ls /sys/class/net"), new() { Network = new(NamespaceMode.Bridge) }));
    }

    [Fact]
    public async Task Privileges_and_devices_reach_the_container()
    {
        // An engine that runs in a container itself has no rights to give: it is asked what it would start with.
        var privileged = await Containers.CreateAsync(Joined("true") with { Sharing = new() { Privileged = true } }, Stop);
        Assert.True((await Containers.FindAsync(privileged, Stop))!.Host!.Privileged);
        var lines = await LinesAsync(Joined("ls /dev/own; echo gone > /dev/own && echo written"), new() { Devices = [new("/dev/null", "/dev/own", "rw")] });
        Assert.Equal(["/dev/own", "written"], lines);
    }

    [Fact]
    public async Task A_device_that_the_server_lacks_is_named()
    {
        var missing = await Assert.ThrowsAsync<ProblemException>(() => host.RunAsync(Joined("true") with { Sharing = new() { Devices = [new("/dev/no-such-device", "/dev/x", "rwm")] } }, Stop));
        var gpu = await Assert.ThrowsAsync<ProblemException>(() => host.RunAsync(
            Joined("true") with { Sharing = new() { DeviceRequests = [new(null, -1, [], ["gpu"], new Dictionary<string, string>())] } }, Stop));

        Assert.Equal(("docker/device-missing", "docker/device-missing"), (missing.Problem.Code, gpu.Problem.Code));
        Assert.Contains("/dev/no-such-device", missing.Problem.Message, StringComparison.Ordinal);
    }

    private ContainerSpec Joined(string script) => host.Spec("sh", "-c", $"exec 2>&1; {script}");

    private async Task<List<string>> LinesAsync(ContainerSpec spec, Sharing sharing, string? owner = null)
    {
        var id = await host.RunAsync(spec with { Sharing = sharing, Providers = owner is null ? new Dictionary<ServiceName, string>() : new() { [Owner] = owner } }, Stop);
        await Containers.WaitAsync(id, Stop);
        return await Containers.LogsAsync(id, new(), Stop).Select(l => l.Text).ToListAsync(Stop);
    }
}
