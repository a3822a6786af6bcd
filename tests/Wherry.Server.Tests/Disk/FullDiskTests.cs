using Wherry.Client;
using Wherry.Docker.Tests.Fixture;
using Wherry.Server.Tests.Deployments;
using Wherry.Server.Tests.Rig;

namespace Wherry.Server.Tests.Disk;

/// <summary>RG-22. With a full disk deployments are refused, what serves goes on, and nothing is broken afterwards.</summary>
public sealed class FullDiskTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RG_22_With_a_full_state_folder_deployments_are_refused_what_serves_goes_on_and_space_alone_mends_it()
    {
        await using var wherry = await SmallWherry.StartAsync(homeBytes: 48 << 20);
        var project = await wherry.ProjectAsync();
        Assert.Null((await wherry.DeployAsync(project, new DeployRequest { Image = LiveWherry.Image("v1") })).Problem);
        Assert.Equal("v1", await wherry.GetAsync($"{project}.localhost"));

        Fill(wherry.Options.Home, leave: 1 << 20);
        var low = await wherry.DeployAsync(project, new DeployRequest { Image = LiveWherry.Image("v2") });
        Assert.Equal("server/disk-low", low.Problem!.Code);
        Assert.Contains(wherry.Options.Home, low.Problem.Message, StringComparison.Ordinal);
        Assert.Contains("server/disk-low", (await wherry.Client.PlanAsync(project, "production", new DeployRequest { Image = LiveWherry.Image("v2") }, Ct)).Refusals.Select(r => r.Code));

        Fill(wherry.Options.Home, leave: 0);
        var refused = await RefusedAsync(wherry, project);
        Assert.True(refused is "server/disk-full" or "server/disk-low" or "store/disk-full", refused);
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal("v1", await wherry.GetAsync($"{project}.localhost"));
        }

        Assert.True((await wherry.Client.StatusAsync(Ct)).EdgeAnswers);
        Assert.Equal("problem", Assert.Single(await wherry.Client.DoctorAsync(Ct), c => c.Name == "disk" && c.Finding.Contains(wherry.Options.Home, StringComparison.Ordinal)).State);
        Assert.NotEmpty((await wherry.Client.DiskAsync(Ct)).Uses);
        await foreach (var line in wherry.Client.DeploymentLogAsync(low.Id, new LogQuery(), Ct))
        {
            Assert.NotNull(line.Text);
        }

        foreach (var filler in Directory.GetFiles(wherry.Options.Home, "filler-*"))
        {
            File.Delete(filler);
        }

        await LiveWherry.UntilAsync(async () => await TryDeployAsync(wherry, project, "v2"), 300);
        Assert.Equal("v2", await wherry.GetAsync($"{project}.localhost"));
        Assert.Equal("ok", Assert.Single(await wherry.Client.DoctorAsync(Ct), c => c.Name == "store").State);
    }

    [Fact]
    public async Task RG_22_A_build_that_fills_the_engines_disk_fails_naming_it_and_what_runs_goes_on()
    {
        await using var engine = await PrivateEngine.StartAsync(diskBytes: 160 << 20);
        await engine.LoadAsync("busybox:latest");
        var running = await engine.Client.Containers.CreateAsync(new Docker.ContainerSpec { Name = "serves", Image = "busybox:latest", Command = ["busybox", "sh", "-c", "while true; do echo line; sleep 0.1; done"] }, Ct);
        await engine.Client.Containers.StartAsync(running, Ct);
        await using var wherry = await SmallWherry.StartAsync(o => o with { Engine = engine.Host, BuildLimits = new() { ControlGroup = engine.BuildGroup } });
        var project = await wherry.ProjectAsync();

        var failed = await wherry.DeployAsync(project, new Dictionary<string, string> { ["Dockerfile"] = "FROM busybox:latest\nRUN dd if=/dev/zero of=/big bs=1M count=400\n" });

        Assert.Equal("docker/disk-full", failed.Problem!.Code);
        Assert.Contains(engine.Data, failed.Problem.Message, StringComparison.Ordinal);
        Assert.True((await engine.Client.Containers.FindAsync(running, Ct))!.IsRunning);

        Fill(engine.Data, leave: 0);
        await Task.Delay(TimeSpan.FromSeconds(1), Ct); // its log cannot be written any more
        var refused = await wherry.DeployAsync(project, new DeployRequest { Image = "busybox:latest" });
        Assert.Equal("server/disk-low", refused.Problem!.Code);
        Assert.Contains(engine.Data, refused.Problem.Message, StringComparison.Ordinal);
        Assert.True((await engine.Client.Containers.FindAsync(running, Ct))!.IsRunning);
        File.Delete(Path.Combine(engine.Data, "filler-0"));
        foreach (var filler in Directory.GetFiles(engine.Data, "filler-*"))
        {
            File.Delete(filler);
        }

        var small = await wherry.DeployAsync(project, new Dictionary<string, string> { ["compose.yaml"] = "services:\n  job:\n    build: .\n    command: [busybox, sleep, \"600\"]\n", ["Dockerfile"] = "FROM busybox:latest\nRUN echo ok > /ok\n" });
        Assert.Null(small.Problem);
    }

    [Fact]
    public async Task RG_22_A_pull_that_fills_the_engines_disk_fails_naming_it_leaves_nothing_and_what_runs_goes_on()
    {
        await using var registry = new Registry(withPassword: false);
        await registry.StartAsync(Ct);
        var image = $"{registry.Address}/shop/big:v1";
        await PushAsync(image, megabytes: 300);
        await using var engine = await PrivateEngine.StartAsync(diskBytes: 160 << 20);
        await engine.LoadAsync("busybox:latest");
        await using var wherry = await SmallWherry.StartAsync(o => o with { Engine = engine.Host });
        var project = await wherry.ProjectAsync();
        Assert.Null((await wherry.DeployAsync(project, Worker("busybox:latest"))).Problem);
        var running = Assert.Single(await engine.Client.Containers.ListAsync(new Dictionary<string, string?>(), true, Ct)).Id;
        var free = new DriveInfo(engine.Data).AvailableFreeSpace;

        var failed = await wherry.DeployAsync(project, Worker(image));

        Assert.Equal("docker/disk-full", failed.Problem!.Code);
        Assert.Contains(image, failed.Problem.Message, StringComparison.Ordinal);
        Assert.Equal(running, Assert.Single(await engine.Client.Containers.ListAsync(new Dictionary<string, string?>(), false, Ct)).Id);
        await LiveWherry.UntilAsync(() => Task.FromResult(new DriveInfo(engine.Data).AvailableFreeSpace > free - (8 << 20)));
        Assert.Null((await wherry.DeployAsync(project, Worker("busybox:latest", "900"))).Problem);
    }

    private static Dictionary<string, string> Worker(string image, string sleep = "600") => new() { ["compose.yaml"] = $"services:\n  job:\n    image: {image}\n    command: [busybox, sleep, \"{sleep}\"]\n" };

    /// <summary>An image of one layer of zeros: small on its way, large where it is unpacked.</summary>
    private static async Task PushAsync(string image, int megabytes)
    {
        var folder = Directory.CreateTempSubdirectory("wherry-layer-").FullName;
        try
        {
            await using (var zeros = new FileStream(Path.Combine(folder, "zeros"), FileMode.CreateNew))
            {
                zeros.SetLength((long)megabytes << 20);
            }

            await Tool.RunAsync("tar", "-cf", Path.Combine(folder, "layer.tar"), "-C", folder, "zeros");
            await Tool.RunAsync("docker", "import", Path.Combine(folder, "layer.tar"), image);
            await Tool.RunAsync("docker", "push", "--quiet", image);
            await Tool.RunAsync("docker", "rmi", image);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Fill(string folder, long leave)
    {
        var number = Directory.GetFiles(folder, "filler-*").Length;
        using var file = new FileStream(Path.Combine(folder, $"filler-{number}"), FileMode.Create);
        var block = new byte[64 << 10];
        try
        {
            while (new DriveInfo(folder).AvailableFreeSpace > leave)
            {
                file.Write(block);
                file.Flush();
            }
        }
        catch (IOException)
        {
            // Full, as was wanted.
        }
    }

    private static async Task<string> RefusedAsync(SmallWherry wherry, string project)
    {
        try
        {
            return (await wherry.DeployAsync(project, new DeployRequest { Image = LiveWherry.Image("v2") })).Problem?.Code ?? "not refused";
        }
        catch (ApiException e)
        {
            return e.Problem.Code;
        }
    }

    private static async Task<bool> TryDeployAsync(SmallWherry wherry, string project, string version)
    {
        try
        {
            return (await wherry.DeployAsync(project, new DeployRequest { Image = LiveWherry.Image(version) })).Outcome == DeploymentOutcome.Succeeded;
        }
        catch (ApiException)
        {
            return false;
        }
    }
}
