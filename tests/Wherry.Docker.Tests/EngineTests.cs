using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Docker.Tests.Fixture;

namespace Wherry.Docker.Tests;

public sealed class EngineTests(DockerHost host)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_engine_tells_its_version_and_its_machine()
    {
        var version = await host.Engine.VersionAsync(Stop);
        var info = await host.Engine.InfoAsync(Stop);

        Assert.True(Version.Parse(version.UsedApi) >= new Version(1, 41));
        Assert.Equal((version.Version, "linux"), (info.Version, info.Os));
        Assert.Equal(System.Environment.ProcessorCount, info.Cpus);
        Assert.True(info.Memory.Bytes > 0);
        Assert.StartsWith("/", info.DataRoot, StringComparison.Ordinal);
        Assert.Contains(info.CgroupVersion, (string[])["1", "2"]);
        Assert.NotEmpty(info.StorageDriver);
    }

    [Fact]
    public async Task Disk_use_counts_a_volumes_data()
    {
        var name = host.Name("v");
        await host.Engine.Volumes.CreateAsync(new() { Name = name, Labels = host.Labels }, Stop);
        var id = await host.RunAsync(host.Spec("dd", "if=/dev/zero", "of=/data/five", "bs=1024", "count=5120") with { Mounts = [new(MountKind.Volume, name, "/data", false)] }, Stop);
        await host.Engine.Containers.WaitAsync(id, Stop);

        var use = await host.Engine.DiskUseAsync(Stop);

        var volume = use.ByVolume.Single(v => v.Name == name);
        Assert.InRange(volume.Size.Bytes, 5 << 20, 6 << 20);
        Assert.Equal(1, volume.Containers);
        Assert.True(use.Volumes.Bytes >= volume.Size.Bytes);
        Assert.True(use.Images.Bytes > 1_000_000);
        Assert.True(use.Total.Bytes >= use.Images.Bytes + use.Volumes.Bytes);
    }

    [Fact]
    public async Task Events_of_what_is_asked_for_arrive_in_order_and_no_others()
    {
        var colour = host.Name("colour");
        var filter = new EventFilter { Types = ["container"], Labels = new Dictionary<string, string?> { ["colour"] = colour }, Actions = ["create", "start", "die", "destroy"] };
        var since = DateTimeOffset.UtcNow.AddSeconds(-1);
        var events = host.Engine.EventsAsync(since, filter, Stop).Take(4).ToListAsync(Stop).AsTask();
        var other = await host.RunAsync(Stop, "true");

        var id = await host.RunAsync(host.Spec("sh", "-c", "exit 4") with { Labels = new Dictionary<string, string>(host.Labels) { ["colour"] = colour } }, Stop);
        await host.Engine.Containers.WaitAsync(id, Stop);
        await host.Engine.Containers.RemoveAsync(id, TimeSpan.Zero, removeAnonymousVolumes: true, Stop);
        var seen = await events;

        Assert.Equal(["create", "start", "die", "destroy"], seen.Select(e => e.Action));
        Assert.All(seen, e => Assert.Equal(("container", id), (e.Type, e.Id)));
        Assert.Equal("4", seen[2].Attributes["exitCode"]);
        Assert.Equal(seen.Select(e => e.At).Order(), seen.Select(e => e.At));
        Assert.InRange(seen[0].At, since, DateTimeOffset.UtcNow.AddSeconds(1));
        await host.Engine.Containers.RemoveAsync(other, TimeSpan.Zero, removeAnonymousVolumes: true, Stop);

        // What was missed can be asked for again, from the last event seen.
        var again = await host.Engine.EventsAsync(seen[2].At, filter, Stop).Take(2).ToListAsync(Stop);
        Assert.Equal(["die", "destroy"], again.Select(e => e.Action));
    }

    [Fact]
    public async Task Waiting_for_events_ends_when_cancelled()
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        cancel.CancelAfter(TimeSpan.FromMilliseconds(300));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await host.Engine.EventsAsync(null, new() { Labels = new Dictionary<string, string?> { ["nobody"] = "has this" } }, cancel.Token).ToListAsync(cancel.Token));
    }

    [Fact]
    public async Task Statistics_follow_a_busy_container_until_it_stops()
    {
        var id = await host.RunAsync(host.Spec("sh", "-c", "while :; do :; done") with { Resources = new(Cpus: 0.5, Memory: ByteSize.Parse("64m")) }, Stop);
        List<ContainerStats> samples = [];

        await foreach (var sample in host.Engine.Containers.StatsAsync(id, follow: true, Stop))
        {
            samples.Add(sample);
            if (samples.Count == 3)
            {
                await host.Engine.Containers.StopAsync(id, TimeSpan.Zero, Stop);
            }
        }

        Assert.True(samples.Count >= 3);
        // Half a core is the limit; a shared machine may give less.
        Assert.InRange(samples[2].CpuPercent!.Value, 5, 70);
        Assert.InRange(samples[2].CpuPercentSince(samples[0]), 5, 70);
        Assert.Equal(64L << 20, samples[2].MemoryLimitBytes);
        Assert.InRange(samples[2].MemoryBytes, 1, 64L << 20);
        Assert.True(samples[2].Pids >= 1);
        Assert.Empty(await host.Engine.Containers.StatsAsync(id, follow: false, Stop).ToListAsync(Stop));
    }

    [Fact]
    public async Task One_sample_is_one_sample_at_once()
    {
        var id = await host.RunAsync(Stop, "sleep", "60");

        var sample = await host.Engine.Containers.StatsAsync(id, follow: false, Stop).SingleAsync(Stop);

        Assert.Null(sample.CpuPercent);
        Assert.True(sample.MemoryBytes > 0);
        await host.Engine.Containers.RemoveAsync(id, TimeSpan.Zero, removeAnonymousVolumes: true, Stop);
    }

    [Fact]
    public async Task An_engine_that_is_not_there_is_unreachable_and_says_so()
    {
        using var engine = new Engine(EngineEndpoint.Parse("unix:///run/wherry-no-such.sock"));

        Assert.False(await engine.AnswersAsync(Stop));
        var e = await Assert.ThrowsAsync<ProblemException>(() => engine.InfoAsync(Stop));
        Assert.Equal("docker/unreachable", e.Problem.Code);
        Assert.Contains("unix:///run/wherry-no-such.sock", e.Problem.Message, StringComparison.Ordinal);
        Assert.Equal("docker/unreachable", (await Assert.ThrowsAsync<ProblemException>(() => engine.Exec.RunAsync("x", ["true"], Stop))).Problem.Code);
    }

    [Theory]
    [InlineData("unix:///var/run/docker.sock", "unix:///var/run/docker.sock")]
    [InlineData("tcp://10.0.0.1", "tcp://10.0.0.1:2375")]
    [InlineData("tcp://10.0.0.1:1234", "tcp://10.0.0.1:1234")]
    [InlineData("tcp://[::1]:1234/", "tcp://[::1]:1234")]
    public void An_address_reads_as_docker_writes_it(string text, string shown) => Assert.Equal(shown, EngineEndpoint.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("docker.sock")]
    [InlineData("unix://")]
    [InlineData("unix://host/path")]
    [InlineData("ssh://host")]
    [InlineData("http://host")]
    [InlineData("tcp://user@host")]
    [InlineData("tcp://host/path")]
    public void What_is_no_address_is_refused(string text) =>
        Assert.Equal("docker/endpoint", Assert.Throws<ProblemException>(() => EngineEndpoint.Parse(text)).Problem.Code);

    [Fact]
    public void With_certificates_the_port_is_the_tls_one() => Assert.Equal("tcp://host:2376", EngineEndpoint.Parse("tcp://host", TlsFiles.In("/certs")).ToString());
}
