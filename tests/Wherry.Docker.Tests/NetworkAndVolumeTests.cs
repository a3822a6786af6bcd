using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Docker.Tests.Fixture;

namespace Wherry.Docker.Tests;

public sealed class NetworkAndVolumeTests(DockerHost host)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private EngineNetworks Networks => host.Engine.Networks;

    private EngineVolumes Volumes => host.Engine.Volumes;

    [Fact]
    public async Task A_network_is_made_found_listed_and_removed()
    {
        var wanted = new NetworkCreate { Name = host.Name("n"), Internal = true, Labels = host.Labels, Options = new Dictionary<string, string> { ["com.docker.network.bridge.enable_icc"] = "true" } };
        var id = await Networks.CreateAsync(wanted, Stop);

        var found = (await Networks.FindAsync(wanted.Name, Stop))!;
        Assert.Equal((id, wanted.Name, "bridge", true), (found.Id, found.Name, found.Driver, found.Internal));
        Assert.Equal(host.Session, found.Labels[DockerHost.Label]);
        Assert.NotNull(found.Subnet);
        Assert.Contains(await Networks.ListAsync(new Dictionary<string, string?> { [DockerHost.Label] = host.Session }, Stop), n => n.Id == id);

        await Networks.RemoveAsync(wanted.Name, Stop);
        await Networks.RemoveAsync(wanted.Name, Stop);
        Assert.Null(await Networks.FindAsync(wanted.Name, Stop));
    }

    [Fact]
    public async Task Ensuring_a_network_many_times_at_once_makes_one()
    {
        var wanted = new NetworkCreate { Name = host.Name("n"), Labels = host.Labels };

        var ids = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Networks.EnsureAsync(wanted, Stop)));

        Assert.Single(ids.Distinct());
        Assert.Single(await Networks.ListAsync(new Dictionary<string, string?> { [DockerHost.Label] = host.Session }, Stop), n => n.Name == wanted.Name);
        var e = await Assert.ThrowsAsync<ProblemException>(() => Networks.CreateAsync(wanted, Stop));
        Assert.Equal("docker/conflict", e.Problem.Code);
        await Networks.RemoveAsync(wanted.Name, Stop);
    }

    [Fact]
    public async Task Containers_are_put_into_a_network_and_taken_out_while_they_run()
    {
        var network = host.Name("n");
        await Networks.CreateAsync(new() { Name = network, Subnet = $"10.{Random.Shared.Next(100, 250)}.{Random.Shared.Next(250)}.0/24", Labels = host.Labels }, Stop);
        var subnet = (await Networks.FindAsync(network, Stop))!.Subnet!;
        var address = $"{subnet[..subnet.LastIndexOf('.')]}.77";
        var id = await host.RunAsync(Stop, "sleep", "60");

        await Networks.ConnectAsync(id, new(network, ["late"], address), Stop);
        var info = (await host.Engine.Containers.FindAsync(id, Stop))!;
        Assert.Equal(address, info.Networks[network].IpAddress);
        Assert.Contains("late", info.Networks[network].Aliases);
        Assert.True((await Networks.FindAsync(network, Stop))!.Has(info.Name));

        var inUse = await Assert.ThrowsAsync<ProblemException>(() => Networks.RemoveAsync(network, Stop));
        Assert.Contains("active endpoints", inUse.Problem.Message, StringComparison.Ordinal);

        await Networks.DisconnectAsync(network, id, Stop);
        await Networks.DisconnectAsync(network, id, Stop);
        Assert.DoesNotContain(network, (await host.Engine.Containers.FindAsync(id, Stop))!.Networks.Keys);
        await Networks.RemoveAsync(network, Stop);
        await Networks.DisconnectAsync(network, id, Stop);
        await host.Engine.Containers.RemoveAsync(id, TimeSpan.Zero, removeAnonymousVolumes: true, Stop);
    }

    [Fact]
    public async Task A_container_that_does_not_run_is_taken_out_of_its_network_too()
    {
        var network = host.Name("n");
        await Networks.CreateAsync(new() { Name = network, Labels = host.Labels }, Stop);
        var id = await host.Engine.Containers.CreateAsync(host.Spec("true") with { Networks = [new(network, [])] }, Stop);

        await Networks.DisconnectAsync(network, id, Stop);

        Assert.DoesNotContain(network, (await host.Engine.Containers.FindAsync(id, Stop))!.Networks.Keys);
        await Networks.RemoveAsync(network, Stop);
    }

    [Fact]
    public async Task A_volume_keeps_its_data_between_containers()
    {
        var name = host.Name("v");
        var volume = await Volumes.CreateAsync(new() { Name = name, Labels = host.Labels }, Stop);
        Assert.Equal((name, "local", host.Session), (volume.Name, volume.Driver, volume.Labels[DockerHost.Label]));
        Mount[] mounts = [new(MountKind.Volume, name, "/data", ReadOnly: false)];
        var writer = await host.RunAsync(host.Spec("sh", "-c", "echo kept > /data/note") with { Mounts = mounts }, Stop);
        await host.Engine.Containers.WaitAsync(writer, Stop);

        var again = await Volumes.CreateAsync(new() { Name = name }, Stop);
        Assert.Equal(volume.Mountpoint, again.Mountpoint);
        var reader = await host.RunAsync(host.Spec("cat", "/data/note") with { Mounts = mounts }, Stop);
        await host.Engine.Containers.WaitAsync(reader, Stop);
        Assert.Equal("kept", (await host.Engine.Containers.LogsAsync(reader, new(), Stop).SingleAsync(Stop)).Text);

        var inUse = await Assert.ThrowsAsync<ProblemException>(() => Volumes.RemoveAsync(name, Stop));
        Assert.Equal("docker/conflict", inUse.Problem.Code);
        await host.Engine.Containers.RemoveAsync(writer, TimeSpan.Zero, removeAnonymousVolumes: true, Stop);
        await host.Engine.Containers.RemoveAsync(reader, TimeSpan.Zero, removeAnonymousVolumes: true, Stop);
        await Volumes.RemoveAsync(name, Stop);
        await Volumes.RemoveAsync(name, Stop);
        Assert.Null(await Volumes.FindAsync(name, Stop));
        Assert.DoesNotContain(await Volumes.ListAsync(new Dictionary<string, string?> { [DockerHost.Label] = host.Session }, Stop), v => v.Name == name);
    }
}
