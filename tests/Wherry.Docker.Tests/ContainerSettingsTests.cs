using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Docker.Tests.Fixture;

namespace Wherry.Docker.Tests;

/// <summary>What differs from a plain container is seen from inside it.</summary>
public sealed class ContainerSettingsTests(DockerHost host)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private EngineContainers Containers => host.Engine.Containers;

    [Fact]
    public async Task DC_08_Names_and_resolver_are_the_containers_own()
    {
        var network = host.Name("n");
        await host.Engine.Networks.CreateAsync(new() { Name = network, Labels = host.Labels }, Stop);
        var lines = await LinesAsync(Script("hostname; cat /etc/hosts; cat /etc/resolv.conf; cat /sys/class/net/eth0/address") with
        {
            Naming = new("boat", "harbour.test", ["9.9.9.9"], ["harbour.test"], ["timeout:3"], "02:42:ac:11:00:77"),
            Networks = [new(network, [])],
        });

        Assert.Contains("boat", lines);
        Assert.Contains(lines, l => l.Contains("boat.harbour.test", StringComparison.Ordinal));
        Assert.Contains("search harbour.test", lines);
        Assert.Contains(lines, l => l.StartsWith("options", StringComparison.Ordinal) && l.Contains("timeout:3", StringComparison.Ordinal));
        Assert.Contains("02:42:ac:11:00:77", lines);
    }

    [Fact]
    public async Task Isolation_reaches_the_process()
    {
        var lines = await LinesAsync(Script("touch /x || echo cannot write; id; cat /proc/sys/net/core/somaxconn; grep -E 'NoNewPrivs|Seccomp:' /proc/self/status; cat /proc/kcore | head -c 1 | wc -c; hostname; echo more > /dev/kmsg || echo no device") with
        {
            User = "65534",
            Isolation = new()
            {
                ReadOnly = true,
                SecurityOpt = ["no-new-privileges:true", "seccomp=unconfined"],
                GroupAdd = ["1234"],
                Sysctls = new Dictionary<string, string> { ["net.core.somaxconn"] = "1023" },
                DeviceCgroupRules = ["c 1:11 r"],
                Cgroup = "private",
            },
        });

        Assert.Contains("cannot write", lines);
        Assert.Contains(lines, l => l.Contains("1234", StringComparison.Ordinal));
        Assert.Contains("1023", lines);
        Assert.Contains("NoNewPrivs:\t1", lines);
        Assert.Contains("Seccomp:\t0", lines);
    }

    [Fact]
    public async Task The_hosts_names_can_be_shared()
    {
        var lines = await LinesAsync(Script("hostname") with { Isolation = new() { Uts = "host", UsernsMode = "host" } });

        Assert.Contains(Environment.MachineName, lines);
    }

    [Fact]
    public async Task Masked_paths_are_shown_when_asked_for()
    {
        var lines = await LinesAsync(Script("grep -c ' /proc/kcore ' /proc/mounts") with { Isolation = new() { SecurityOpt = ["systempaths=unconfined"] } });

        Assert.Equal(["0"], lines);
    }

    [Fact]
    public async Task Tuning_reaches_the_kernel()
    {
        var id = await host.RunAsync(
            host.Spec("sleep", "60") with
            {
                Resources = new(Memory: ByteSize.Parse("64m")),
                Tuning = new() { CpuShares = 512, CpuPeriod = 50_000, CpuQuota = 25_000, Cpuset = "0", MemorySwap = 96 << 20, OomScoreAdj = 321 },
            },
            Stop);

        var made = (await Containers.FindAsync(id, Stop))!;

        Assert.Equal((512L, 50_000L, 25_000L, "0"), (made.Host!.CpuShares, made.Host.CpuPeriod, made.Host.CpuQuota, made.Host.CpusetCpus));
        Assert.Equal(321, made.Host.OomScoreAdj);
        Assert.Contains("321", (await host.Engine.Exec.RunAsync(id, ["cat", "/proc/1/oom_score_adj"], Stop)).Stdout, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bounds_of_block_devices_are_taken_by_the_engine()
    {
        var id = await Containers.CreateAsync(
            host.Spec("true") with
            {
                Tuning = new()
                {
                    MemorySwappiness = 10,
                    CpuRealtimePeriod = 1_000_000,
                    BlockIo = new(300, [new("/dev/sda", 400)], [new("/dev/sda", 1 << 20)], [new("/dev/sda", 2 << 20)], [new("/dev/sda", 30)], [new("/dev/sda", 40)]),
                },
            },
            Stop);

        // What the machine's kernel lacks the engine leaves out with a warning; none of it may break the creation.
        Assert.NotNull(await Containers.FindAsync(id, Stop));
    }

    [Fact]
    public async Task Logging_goes_where_it_is_told()
    {
        var local = await host.RunAsync(host.Spec("echo", "kept") with { Logs = new("local", new Dictionary<string, string> { ["max-size"] = "1m" }) }, Stop);
        var none = await host.RunAsync(host.Spec("echo", "lost") with { Logs = new("none", new Dictionary<string, string>()) }, Stop);
        await Containers.WaitAsync(local, Stop);
        await Containers.WaitAsync(none, Stop);

        Assert.Equal("kept", (await Containers.LogsAsync(local, new(), Stop).SingleAsync(Stop)).Text);
        var info = (await Containers.FindAsync(local, Stop))!;
        Assert.Equal(("local", "1m"), (info.Host!.LogConfig!.Type, info.Host.LogConfig.Config["max-size"]));
        Assert.Equal("docker/logs-not-kept", (await Assert.ThrowsAsync<ProblemException>(() => Containers.LogsAsync(none, new(), Stop).ToListAsync(Stop).AsTask())).Problem.Code);
    }

    [Fact]
    public async Task Mounts_have_their_options()
    {
        var volume = host.Name("v");
        await host.Engine.Volumes.CreateAsync(new() { Name = volume, Labels = host.Labels }, Stop);
        var lines = await LinesAsync(Script("stat -c '%a %u' /ram; stat -c %a /words; ls -A /bin2 | wc -l; grep ' /words ' /proc/mounts; grep ' /shared ' /proc/self/mountinfo") with
        {
            Mounts =
            [
                new(MountKind.Volume, volume, "/bin2", ReadOnly: false, Options: new() { NoCopy = true }),
                new(MountKind.Bind, "/sys", "/shared", ReadOnly: true, Options: new() { Propagation = "private" }),
                new(MountKind.Tmpfs, null, "/ram", ReadOnly: false, ByteSize.Parse("1m"), Options: new() { Mode = 0x1C0 }),
                new(MountKind.Tmpfs, null, "/words", ReadOnly: false, ByteSize.Parse("2m"), Options: new() { Tmpfs = ["mode=711", "uid=1000", "exec"] }),
            ],
        });

        Assert.Contains("700 0", lines);
        Assert.Contains("711", lines);
        Assert.Contains("0", lines);
        Assert.Contains(lines, l => l.Contains("size=2048k", StringComparison.Ordinal) && l.Contains("uid=1000", StringComparison.Ordinal) && !l.Contains("noexec", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.Contains(" /shared ", StringComparison.Ordinal) && !l.Contains("master:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_bind_that_must_exist_is_not_made()
    {
        var folder = Path.Combine(Path.GetTempPath(), host.Name("gone"));
        var e = await Assert.ThrowsAsync<ProblemException>(() => Containers.CreateAsync(
            host.Spec("true") with { Mounts = [new(MountKind.Bind, folder, "/b", ReadOnly: false, Options: new() { MustExist = true })] }, Stop));

        Assert.Equal("docker/refused", e.Problem.Code);
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public async Task A_terminal_and_an_open_input_are_there()
    {
        var id = await host.RunAsync(host.Spec("sh", "-c", "test -t 1 && echo terminal; cat") with { Tty = true, OpenStdin = true }, Stop);

        await host.UntilAsync(id, c => c.IsRunning, Stop);
        Assert.Equal("terminal", (await Containers.LogsAsync(id, new() { Follow = true }, Stop).FirstAsync(Stop)).Text.Trim());
        Assert.True((await Containers.FindAsync(id, Stop))!.IsRunning);
    }

    [Fact]
    public async Task An_image_of_another_platform_is_a_clear_problem()
    {
        var e = await Assert.ThrowsAsync<ProblemException>(() => Containers.CreateAsync(host.Spec("true") with { Platform = Platform.Parse("linux/s390x") }, Stop));

        Assert.Equal("image/wrong-platform", e.Problem.Code);
        Assert.NotEmpty(await Containers.CreateAsync(host.Spec("true") with { Platform = Platform.Parse("linux/amd64") }, Stop));
    }

    [Fact]
    public void An_older_engine_is_told_by_the_setting_that_it_lacks()
    {
        var spec = new ServiceSpec
        {
            Name = ServiceName.Parse("web"),
            Mounts = [new(MountKind.Volume, "data", "/data", ReadOnly: false, Options: new() { Subpath = "a" })],
            Healthcheck = new([], null, null, null, null, TimeSpan.FromSeconds(1)),
        };
        EngineVersion Speaking(string api) => new("", api, "1.24", api, "linux", "amd64", "");

        var problem = EngineAbilities.Missing(spec, Speaking("1.44"))!;
        Assert.Equal("docker/setting-too-new", problem.Code);
        Assert.Contains("volume.subpath", problem.Message, StringComparison.Ordinal);
        Assert.Contains("1.45", problem.Message, StringComparison.Ordinal);
        Assert.Null(EngineAbilities.Missing(spec, Speaking("1.45")));
        Assert.Contains("start_interval", EngineAbilities.LeftOut(spec, Speaking("1.43"))!, StringComparison.Ordinal);
        Assert.Null(EngineAbilities.LeftOut(spec, Speaking("1.44")));
    }

    private ContainerSpec Script(string script) => host.Spec("sh", "-c", $"exec 2>&1; {script}");

    private async Task<List<string>> LinesAsync(ContainerSpec spec)
    {
        var id = await host.RunAsync(spec, Stop);
        await Containers.WaitAsync(id, Stop);
        return await Containers.LogsAsync(id, new(), Stop).Select(l => l.Text).ToListAsync(Stop);
    }
}
