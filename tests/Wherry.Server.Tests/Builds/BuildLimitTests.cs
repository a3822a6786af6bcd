using Wherry.Core.Model;
using Wherry.Server.Builds;
using Wherry.Server.Tests.Rig;

namespace Wherry.Server.Tests.Builds;

/// <summary>Builds take no more than they may, on an engine of their own.</summary>
public sealed class BuildLimitTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_build_that_wants_more_memory_than_builds_may_use_is_killed_and_nothing_else()
    {
        await using var engine = await PrivateEngine.StartAsync();
        await engine.LoadAsync("busybox:latest");
        var neighbour = await engine.Client.Containers.CreateAsync(new Docker.ContainerSpec { Name = "neighbour", Image = "busybox:latest", Command = ["busybox", "sleep", "600"] }, Ct);
        await engine.Client.Containers.StartAsync(neighbour, Ct);
        await using var wherry = await SmallWherry.StartAsync(o => o with { Engine = engine.Host, BuildLimits = new BuildLimits { Memory = ByteSize.Parse("64m"), Cpus = 0.5, ControlGroup = engine.BuildGroup } });
        var project = await wherry.ProjectAsync();

        var failed = await wherry.DeployAsync(project, new Dictionary<string, string> { ["Dockerfile"] = "FROM busybox:latest\nRUN cat /proc/self/cgroup; tail /dev/zero\n" });

        Assert.Equal("build/out-of-memory", failed.Problem!.Code);
        Assert.Contains("64 MB", failed.Problem.Message, StringComparison.Ordinal);
        Assert.True((await engine.Client.Containers.FindAsync(neighbour, Ct))!.IsRunning);
        Assert.Empty((await wherry.Client.StatusAsync(Ct)).Environments.Single().Services);

        var small = await wherry.DeployAsync(project, new Dictionary<string, string> { ["compose.yaml"] = "services:\n  job:\n    build: .\n    command: [busybox, sleep, \"600\"]\n", ["Dockerfile"] = "FROM busybox:latest\nRUN echo ok > /ok\n" });
        Assert.Null(small.Problem);
    }

    [Fact]
    public async Task A_build_that_takes_too_long_is_stopped_and_its_processes_with_it()
    {
        await using var engine = await PrivateEngine.StartAsync();
        await engine.LoadAsync("busybox:latest");
        await using var wherry = await SmallWherry.StartAsync(o => o with { Engine = engine.Host, BuildLimits = new BuildLimits { Timeout = TimeSpan.FromSeconds(15), ControlGroup = engine.BuildGroup } });
        var project = await wherry.ProjectAsync();

        var failed = await wherry.DeployAsync(project, new Dictionary<string, string> { ["Dockerfile"] = "FROM busybox:latest\nRUN sleep 4711\n" });

        Assert.Equal("build/timeout", failed.Problem!.Code);
        await Deployments.LiveWherry.UntilAsync(() => Task.FromResult(!CommandLines().Any(c => c.Contains("sleep\0004711", StringComparison.Ordinal))));
    }

    [Fact]
    public void The_limits_are_written_for_all_steps_and_taken_off_again()
    {
        var root = Directory.CreateTempSubdirectory("wherry-groups-");
        try
        {
            // A second kind of kernel, in files: one tree, and with the systemd driver a group per step.
            File.WriteAllText(Path.Combine(root.FullName, "cgroup.controllers"), "cpu memory");
            var step = Directory.CreateDirectory(Path.Combine(root.FullName, "system.slice", "system.slice:docker:osh60k53lspy0g0cjo94ur00h")).FullName;
            var other = Directory.CreateDirectory(Path.Combine(root.FullName, "system.slice", "docker-4feab3fcdd20.scope")).FullName;
            foreach (var (folder, file) in from f in new[] { step, other } from n in new[] { "cpu.max", "cpu.weight", "memory.max" } select (f, n))
            {
                File.WriteAllText(Path.Combine(folder, file), "as it was");
            }

            File.WriteAllText(Path.Combine(step, "memory.events"), "low 0\noom 2\noom_kill 1\n");
            var group = new BuildControlGroup(root.FullName, "docker/buildkit");

            Assert.True(group.Limit(1.5, ByteSize.Parse("2g")));
            Assert.Equal(("150000 100000", "2147483648"), (File.ReadAllText(Path.Combine(step, "cpu.max")), File.ReadAllText(Path.Combine(step, "memory.max"))));
            Assert.Equal(1, group.MemoryFailures());
            group.Lift();
            Assert.Equal(("max 100000", "max"), (File.ReadAllText(Path.Combine(step, "cpu.max")), File.ReadAllText(Path.Combine(step, "memory.max"))));
            Assert.Equal("as it was", File.ReadAllText(Path.Combine(other, "memory.max")));
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData(1, 0.75)]
    [InlineData(2, 1.5)]
    [InlineData(8, 7)]
    public void By_default_builds_leave_a_core_or_a_quarter_free(int all, double cpus) => Assert.Equal(cpus, new BuildLimits().CpusOf(all));

    private static IEnumerable<string> CommandLines()
    {
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(d => char.IsAsciiDigit(Path.GetFileName(d)[0])))
        {
            string line;
            try
            {
                line = File.ReadAllText(Path.Combine(process, "cmdline"));
            }
            catch (IOException)
            {
                continue;
            }

            yield return line;
        }
    }
}
