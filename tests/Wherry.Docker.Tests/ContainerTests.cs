using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Docker.Tests.Fixture;

namespace Wherry.Docker.Tests;

public sealed class ContainerTests(DockerHost host)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private EngineContainers Containers => host.Engine.Containers;

    [Fact]
    public async Task A_container_goes_through_its_whole_life()
    {
        var spec = host.Spec("sh", "-c", "trap 'exit 7' TERM; while :; do sleep 0.05; done");
        var id = await Containers.CreateAsync(spec, Stop);
        Assert.Equal(ContainerState.Created, (await Containers.FindAsync(id, Stop))!.State);

        await Containers.StartAsync(id, Stop);
        await Containers.StartAsync(id, Stop);
        var running = (await Containers.FindAsync(spec.Name, Stop))!;
        Assert.Equal((ContainerState.Running, id, spec.Name, spec.Image), (running.State, running.Id, running.Name, running.ImageName));
        Assert.True(running.HostPid > 0);
        Assert.NotNull(running.StartedAt);
        Assert.Null(running.FinishedAt);

        await Containers.PauseAsync(id, Stop);
        Assert.Equal(ContainerState.Paused, (await Containers.FindAsync(id, Stop))!.State);
        await Containers.UnpauseAsync(id, Stop);

        await Containers.StopAsync(id, TimeSpan.FromSeconds(5), Stop);
        await Containers.StopAsync(id, TimeSpan.FromSeconds(5), Stop);
        var exited = (await Containers.FindAsync(id, Stop))!;
        Assert.Equal((ContainerState.Exited, 7), (exited.State, exited.ExitCode));
        Assert.Equal(7, await Containers.WaitAsync(id, Stop));

        await Containers.RestartAsync(id, TimeSpan.Zero, Stop);
        Assert.True((await Containers.FindAsync(id, Stop))!.IsRunning);

        await Containers.RemoveAsync(id, TimeSpan.FromSeconds(5), removeAnonymousVolumes: true, Stop);
        Assert.Null(await Containers.FindAsync(id, Stop));
        await Containers.RemoveAsync(id, TimeSpan.FromSeconds(5), removeAnonymousVolumes: true, Stop);
    }

    [Fact]
    public async Task Everything_in_a_spec_reaches_the_container()
    {
        var volume = host.Name("v");
        await host.Engine.Volumes.CreateAsync(new() { Name = volume, Labels = host.Labels }, Stop);
        var folder = Directory.CreateTempSubdirectory("wherry-test-").FullName;
        File.SetUnixFileMode(folder, File.GetUnixFileMode("/usr"));
        await File.WriteAllTextAsync(Path.Combine(folder, "greeting"), "from the host", Stop);
        var spec = host.Spec("-c", """
            env | grep -E '^(A|EMPTY)='; id -u; pwd; hostname; cat /bound/greeting; echo; cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null
            touch /bound/x 2>&1 || echo read-only; echo kept > /data/file; grep '/ram ' /proc/mounts | tr ' ,' '\n\n' | grep size; grep ' /dev/shm ' /proc/mounts | tr ' ,' '\n\n' | grep size; grep -i 'open files' /proc/self/limits; cat /etc/hosts | grep db.test; grep CapEff /proc/self/status
            """) with
        {
            Entrypoint = ["sh"],
            Environment = new Dictionary<string, string> { ["A"] = "b=c d", ["EMPTY"] = "" },
            User = "65534",
            WorkingDir = "/tmp",
            Naming = new("boat"),
            Mounts =
            [
                new(MountKind.Volume, volume, "/data", ReadOnly: false),
                new(MountKind.Bind, folder, "/bound", ReadOnly: true),
                new(MountKind.Tmpfs, null, "/ram", ReadOnly: false, ByteSize.Parse("1m")),
            ],
            Resources = new(Cpus: 0.5, Memory: ByteSize.Parse("64m"), Pids: 50, MemoryReservation: ByteSize.Parse("32m")),
            Ulimits = [new("nofile", 1234, 2345)],
            ShmSize = ByteSize.Parse("2m"),
            ExtraHosts = ["db.test:10.9.8.7"],
            CapDrop = ["ALL"],
            CapAdd = ["NET_BIND_SERVICE"],
            Init = true,
            StopSignal = "SIGINT",
            Expose = [new(8080, "tcp")],
            Logs = Logging.Rotated(ByteSize.Parse("1m"), 2),
        };
        var id = await host.RunAsync(spec, Stop);
        Assert.Equal(0, await Containers.WaitAsync(id, Stop));

        var lines = await Containers.LogsAsync(id, new(), Stop).Select(l => l.Text).ToListAsync(Stop);

        Assert.Contains("A=b=c d", lines);
        Assert.Contains("EMPTY=", lines);
        Assert.Contains("65534", lines);
        Assert.Contains("/tmp", lines);
        Assert.Contains("boat", lines);
        Assert.Contains("from the host", lines);
        Assert.Contains("67108864", lines);
        Assert.Contains(lines, l => l.Contains("Read-only file system", StringComparison.Ordinal));
        Assert.Contains("size=1024k", lines);
        Assert.Contains("size=2048k", lines);
        Assert.Contains(lines, l => l.Contains("1234", StringComparison.Ordinal) && l.Contains("2345", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.StartsWith("10.9.8.7", StringComparison.Ordinal));
        var info = (await Containers.FindAsync(id, Stop))!;
        Assert.Contains(new ExposedPort(8080, "tcp"), info.ExposedPorts);
        Assert.Equal([volume], info.Volumes);
        Assert.Equal(host.Session, info.Labels[DockerHost.Label]);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_missing_bind_source_is_created_as_a_folder()
    {
        var folder = Path.Combine(Path.GetTempPath(), host.Name("bind"));
        var id = await host.RunAsync(host.Spec("true") with { Mounts = [new(MountKind.Bind, folder, "/b", ReadOnly: false)] }, Stop);

        Assert.True(Directory.Exists(folder));
        await Containers.RemoveAsync(id, TimeSpan.Zero, removeAnonymousVolumes: true, Stop);
        Directory.Delete(folder);
    }

    [Fact]
    public async Task An_empty_entrypoint_removes_the_images_own()
    {
        var id = await host.RunAsync(host.Spec("echo", "plain") with { Entrypoint = [] }, Stop);
        await Containers.WaitAsync(id, Stop);

        Assert.Equal("plain", (await Containers.LogsAsync(id, new(), Stop).SingleAsync(Stop)).Text);
    }

    [Fact]
    public async Task A_container_joins_all_of_its_networks_under_its_aliases_before_it_starts()
    {
        string[] networks = [host.Name("n1"), host.Name("n2")];
        foreach (var network in networks)
        {
            await host.Engine.Networks.CreateAsync(new() { Name = network, Labels = host.Labels }, Stop);
        }

        var id = await Containers.CreateAsync(host.Spec("sleep", "60") with { Networks = [new(networks[0], ["web"]), new(networks[1], ["db", "database"])] }, Stop);
        await Containers.StartAsync(id, Stop);

        var info = (await Containers.FindAsync(id, Stop))!;
        Assert.Equal(networks.Order(), info.Networks.Keys.Order());
        Assert.Contains("web", info.Networks[networks[0]].Aliases);
        Assert.Contains("database", info.Networks[networks[1]].Aliases);
        Assert.All(info.Networks.Values, n => Assert.False(string.IsNullOrEmpty(n.IpAddress)));
        var listed = (await Containers.ListAsync(new Dictionary<string, string?> { [DockerHost.Label] = host.Session }, all: false, Stop)).Single(c => c.Id == id);
        Assert.Equal(info.Networks[networks[0]].IpAddress, listed.Networks[networks[0]]);

        // A neighbour finds it by alias, and only in the network that the alias belongs to.
        var neighbour = await host.RunAsync(host.Spec("sleep", "60") with { Networks = [new(networks[1], [])] }, Stop);
        Assert.Contains(info.Networks[networks[1]].IpAddress!, (await host.Engine.Exec.RunAsync(neighbour, ["nslookup", "db"], Stop)).Stdout, StringComparison.Ordinal);
        Assert.DoesNotContain(info.Networks[networks[0]].IpAddress!, (await host.Engine.Exec.RunAsync(neighbour, ["nslookup", "web"], Stop)).Stdout, StringComparison.Ordinal);
        await RemoveAllAsync(id, neighbour);
        foreach (var network in networks)
        {
            await host.Engine.Networks.RemoveAsync(network, Stop);
        }
    }

    [Fact]
    public async Task A_container_whose_second_network_is_missing_is_not_left_behind()
    {
        var network = host.Name("n");
        await host.Engine.Networks.CreateAsync(new() { Name = network, Labels = host.Labels }, Stop);
        var spec = host.Spec("true") with { Networks = [new(network, []), new("wherry-no-such-network", [])] };

        var e = await Assert.ThrowsAsync<ProblemException>(() => Containers.CreateAsync(spec, Stop));

        Assert.Equal("docker/not-found", e.Problem.Code);
        Assert.Contains("wherry-no-such-network", e.Problem.Message, StringComparison.Ordinal);
        Assert.Null(await Containers.FindAsync(spec.Name, Stop));
        await host.Engine.Networks.RemoveAsync(network, Stop);
    }

    [Fact]
    public async Task A_host_port_that_is_taken_is_named()
    {
        var first = await host.RunAsync(host.Spec("sleep", "60") with { Ports = [new("127.0.0.1", null, 80, "tcp")] }, Stop);
        var bound = Assert.Single((await Containers.FindAsync(first, Stop))!.Ports);
        Assert.Equal(("127.0.0.1", 80, "tcp"), (bound.HostAddress, bound.ContainerPort, bound.Protocol));

        var second = await Containers.CreateAsync(host.Spec("sleep", "60") with { Ports = [new("127.0.0.1", bound.HostPort, 80, "tcp")] }, Stop);
        var e = await Assert.ThrowsAsync<ProblemException>(() => Containers.StartAsync(second, Stop));

        Assert.Equal("docker/port-taken", e.Problem.Code);
        Assert.Contains($"{bound.HostPort}", e.Problem.Message, StringComparison.Ordinal);
        await RemoveAllAsync(first, second);
    }

    [Fact]
    public async Task A_name_that_is_taken_is_a_conflict()
    {
        var spec = host.Spec("true");
        var id = await Containers.CreateAsync(spec, Stop);

        var e = await Assert.ThrowsAsync<ProblemException>(() => Containers.CreateAsync(spec, Stop));

        Assert.Equal("docker/conflict", e.Problem.Code);
        Assert.Contains(spec.Name, e.Problem.Message, StringComparison.Ordinal);
        await RemoveAllAsync(id);
    }

    [Fact]
    public async Task An_image_that_the_engine_lacks_is_named()
    {
        var e = await Assert.ThrowsAsync<ProblemException>(() => Containers.CreateAsync(host.Spec("true") with { Image = "wherry-no-such-image:1" }, Stop));

        Assert.Equal("image/not-found", e.Problem.Code);
        Assert.Contains("wherry-no-such-image:1", e.Problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_that_the_image_lacks_is_named()
    {
        var id = await Containers.CreateAsync(host.Spec("no-such-program"), Stop);

        var e = await Assert.ThrowsAsync<ProblemException>(() => Containers.StartAsync(id, Stop));

        Assert.Equal("docker/command-not-found", e.Problem.Code);
        Assert.Contains("no-such-program", e.Problem.Message, StringComparison.Ordinal);
        await RemoveAllAsync(id);
    }

    [Theory]
    [InlineData("start")]
    [InlineData("wait")]
    [InlineData("kill")]
    [InlineData("logs")]
    [InlineData("exec")]
    [InlineData("attach")]
    [InlineData("archive")]
    public async Task A_container_that_is_missing_is_named(string verb)
    {
        const string id = "wherry-no-such-container";
        Task Act() => verb switch
        {
            "start" => Containers.StartAsync(id, Stop),
            "wait" => Containers.WaitAsync(id, Stop),
            "kill" => Containers.KillAsync(id, "SIGTERM", Stop),
            "logs" => Containers.LogsAsync(id, new(), Stop).ToListAsync(Stop).AsTask(),
            "exec" => host.Engine.Exec.StartAsync(id, new() { Command = ["true"] }, Stop),
            "attach" => Containers.AttachAsync(id, Stop),
            _ => Containers.GetArchiveAsync(id, "/", Stop),
        };

        var e = await Assert.ThrowsAsync<ProblemException>(Act);

        Assert.Equal("docker/not-found", e.Problem.Code);
        Assert.Contains(id, e.Problem.Message, StringComparison.Ordinal);
    }

    private async Task RemoveAllAsync(params string[] ids)
    {
        foreach (var id in ids)
        {
            await Containers.RemoveAsync(id, TimeSpan.Zero, removeAnonymousVolumes: true, Stop);
        }
    }
}
