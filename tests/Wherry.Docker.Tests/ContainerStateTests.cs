using System.Formats.Tar;
using System.Security.Cryptography;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Docker.Tests.Fixture;

namespace Wherry.Docker.Tests;

public sealed class ContainerStateTests(DockerHost host)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private EngineContainers Containers => host.Engine.Containers;

    [Fact]
    public async Task Health_goes_from_starting_to_healthy_to_unhealthy_with_the_checks_words()
    {
        var id = await host.RunAsync(host.Spec("sh", "-c", "touch /tmp/up; sleep 60") with
        {
            Healthcheck = new(["CMD-SHELL", "echo checked; test -f /tmp/up"], TimeSpan.FromMilliseconds(300), TimeSpan.FromSeconds(2), 2, null),
        }, Stop);
        await host.UntilAsync(id, i => i.Health == ContainerHealth.Healthy, Stop);
        Assert.Equal("checked\n", (await Containers.FindAsync(id, Stop))!.LastHealthOutput);

        await host.Engine.Exec.RunAsync(id, ["busybox", "rm", "/tmp/up"], Stop);
        await host.UntilAsync(id, i => i.Health == ContainerHealth.Unhealthy, Stop);
        await Containers.RemoveAsync(id, TimeSpan.Zero, removeAnonymousVolumes: true, Stop);
    }

    [Fact]
    public async Task An_exit_for_lack_of_memory_is_told_apart()
    {
        var id = await host.RunAsync(host.Spec("sh", "-c", "head -c 200000000 /dev/zero | tail") with { Resources = new(Memory: ByteSize.Parse("16m")) }, Stop);
        await Containers.WaitAsync(id, Stop);

        await host.UntilAsync(id, i => i.OomKilled, Stop); // the engine may hear of the exit first
    }

    [Fact]
    public async Task The_engine_restarts_what_fails_as_often_as_it_may()
    {
        var id = await host.RunAsync(host.Spec("false") with { Restart = new(RestartCondition.OnFailure, 2) }, Stop);
        await host.UntilAsync(id, i => i.State == ContainerState.Exited && i.RestartCount == 2, Stop);

        Assert.Equal(1, (await Containers.FindAsync(id, Stop))!.ExitCode);
    }

    [Fact]
    public async Task Limits_and_restart_policy_change_while_it_runs()
    {
        var id = await host.RunAsync(host.Spec("sleep", "60") with { Resources = new(Memory: ByteSize.Parse("32m")) }, Stop);

        await Containers.UpdateAsync(id, new(Cpus: 0.25, Memory: ByteSize.Parse("96m"), Pids: 33), new(RestartCondition.Always), Stop);

        var limits = await host.Engine.Exec.RunAsync(id, ["sh", "-c", "cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/memory.max /sys/fs/cgroup/pids.max 2>/dev/null"], Stop);
        Assert.Equal("100663296\n33\n", limits.Stdout);
        await Containers.RemoveAsync(id, TimeSpan.Zero, removeAnonymousVolumes: true, Stop);
    }

    [Fact]
    public async Task A_signal_reaches_the_process_and_a_stopped_one_refuses_it()
    {
        var id = await host.RunAsync(host.Spec("sh", "-c", "trap 'echo hup; exit 3' HUP; echo ready; while :; do sleep 0.05; done"), Stop);
        await Containers.LogsAsync(id, new() { Follow = true }, Stop).FirstAsync(Stop);

        await Containers.KillAsync(id, "SIGHUP", Stop);

        Assert.Equal(3, await Containers.WaitAsync(id, Stop));
        var e = await Assert.ThrowsAsync<ProblemException>(() => Containers.KillAsync(id, "SIGHUP", Stop));
        Assert.Equal("docker/conflict", e.Problem.Code);
    }

    [Fact]
    public async Task Half_a_second_of_grace_is_not_none()
    {
        var id = await host.RunAsync(host.Spec("sh", "-c", "trap 'exit 5' TERM; echo ready; while :; do sleep 0.05; done"), Stop);
        await Containers.LogsAsync(id, new() { Follow = true }, Stop).FirstAsync(Stop);

        await Containers.StopAsync(id, TimeSpan.FromMilliseconds(500), Stop);

        Assert.Equal(5, (await Containers.FindAsync(id, Stop))!.ExitCode);
    }

    [Fact]
    public async Task A_container_gets_a_new_name()
    {
        var id = await Containers.CreateAsync(host.Spec("true"), Stop);
        var name = host.Name("renamed");

        await Containers.RenameAsync(id, name, Stop);

        Assert.Equal(name, (await Containers.FindAsync(id, Stop))!.Name);
        Assert.Equal(id, (await Containers.FindAsync(name, Stop))!.Id);
    }

    [Fact]
    public async Task Ten_removals_at_once_all_end_with_the_container_gone()
    {
        var id = await host.RunAsync(Stop, "sleep", "60");

        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Containers.RemoveAsync(id, TimeSpan.Zero, removeAnonymousVolumes: true, Stop)));

        Assert.Null(await Containers.FindAsync(id, Stop));
    }

    [Fact]
    public async Task A_paused_container_is_removed_with_grace_too()
    {
        var id = await host.RunAsync(Stop, "sleep", "60");
        await Containers.PauseAsync(id, Stop);

        await Containers.RemoveAsync(id, TimeSpan.FromSeconds(1), removeAnonymousVolumes: true, Stop);

        Assert.Null(await Containers.FindAsync(id, Stop));
    }

    [Fact]
    public async Task Anonymous_volumes_go_with_their_container_and_named_ones_stay()
    {
        var named = host.Name("v");
        await host.Engine.Volumes.CreateAsync(new() { Name = named, Labels = host.Labels }, Stop);
        var id = await Containers.CreateAsync(host.Spec("true") with { Mounts = [new(MountKind.Volume, null, "/anonymous", false), new(MountKind.Volume, named, "/named", false)] }, Stop);
        var anonymous = (await Containers.FindAsync(id, Stop))!.Volumes.Single(v => v != named);

        await Containers.RemoveAsync(id, null, removeAnonymousVolumes: true, Stop);

        Assert.Null(await host.Engine.Volumes.FindAsync(anonymous, Stop));
        Assert.NotNull(await host.Engine.Volumes.FindAsync(named, Stop));
    }

    [Fact]
    public async Task Listing_goes_by_labels_and_by_whether_it_runs()
    {
        var running = host.Spec("sleep", "60") with { Labels = new Dictionary<string, string>(host.Labels) { ["colour"] = "red" } };
        var created = host.Spec("true") with { Labels = new Dictionary<string, string>(host.Labels) { ["colour"] = "blue" } };
        var runningId = await host.RunAsync(running, Stop);
        var createdId = await Containers.CreateAsync(created, Stop);
        Dictionary<string, string?> anyColour = new() { [DockerHost.Label] = host.Session, ["colour"] = null };

        Assert.Equal([createdId, runningId], (await Containers.ListAsync(anyColour, all: true, Stop)).Select(c => c.Id));
        var only = Assert.Single(await Containers.ListAsync(anyColour, all: false, Stop));
        Assert.Equal((runningId, running.Name, ContainerState.Running), (only.Id, only.Name, only.State));
        Assert.StartsWith("Up", only.Status, StringComparison.Ordinal);
        Assert.Equal(createdId, Assert.Single(await Containers.ListAsync(new Dictionary<string, string?>(anyColour) { ["colour"] = "blue" }, all: true, Stop)).Id);
        await Containers.RemoveAsync(runningId, TimeSpan.Zero, removeAnonymousVolumes: true, Stop);
    }

    [Fact]
    public async Task Processes_are_listed()
    {
        var id = await host.RunAsync(Stop, "sleep", "61");

        var processes = await Containers.TopAsync(id, Stop);

        var command = processes.Titles.ToList().IndexOf("CMD");
        Assert.Contains(processes.Rows, r => r[command] == "sleep 61");
        await Containers.RemoveAsync(id, TimeSpan.Zero, removeAnonymousVolumes: true, Stop);
    }

    [Fact]
    public async Task Files_go_in_and_out_byte_for_byte_before_the_start_too()
    {
        var content = RandomNumberGenerator.GetBytes(3_000_000);
        using var sent = new MemoryStream();
        await using (var writer = new TarWriter(sent, TarEntryFormat.Gnu, leaveOpen: true))
        {
            await writer.WriteEntryAsync(new GnuTarEntry(TarEntryType.RegularFile, "secret") { DataStream = new MemoryStream(content), Mode = UnixFileMode.UserRead, Uid = 65534, Gid = 65534 }, Stop);
        }

        sent.Position = 0;
        var id = await Containers.CreateAsync(host.Spec("stat", "-c", "%a %u %g %s", "/data/secret"), Stop);
        await Containers.PutArchiveAsync(id, "/data", sent, Stop);
        await Containers.StartAsync(id, Stop);
        await Containers.WaitAsync(id, Stop);

        Assert.Equal("400 65534 65534 3000000", (await Containers.LogsAsync(id, new(), Stop).SingleAsync(Stop)).Text);
        await using var received = await Containers.GetArchiveAsync(id, "/data/secret", Stop);
        await using var reader = new TarReader(received);
        using var back = new MemoryStream();
        await (await reader.GetNextEntryAsync(cancellationToken: Stop))!.DataStream!.CopyToAsync(back, Stop);
        Assert.Equal(content, back.ToArray());
    }

    [Fact]
    public async Task A_folder_that_is_missing_is_named_although_the_tar_is_large()
    {
        var id = await Containers.CreateAsync(host.Spec("true"), Stop);
        using var tar = new MemoryStream(new byte[64 * 1024 * 1024]);

        var e = await Assert.ThrowsAsync<ProblemException>(() => Containers.PutArchiveAsync(id, "/no/such/folder", tar, Stop));

        Assert.Equal("docker/not-found", e.Problem.Code);
        Assert.Contains("/no/such/folder", e.Problem.Message, StringComparison.Ordinal);
    }
}
