using Wherry.Core.Model;
using Wherry.Docker;

namespace Wherry.Server.Tests.Rig;

/// <summary>What the other tests take for granted of their own engine.</summary>
public class PrivateEngineTests
{
    [Fact]
    public async Task Containers_of_a_private_engine_come_back_after_a_power_cut_as_their_restart_policy_says()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var engine = await PrivateEngine.StartAsync();
        await engine.LoadAsync("busybox:latest");
        var kept = await StartAsync("kept", RestartCondition.Always);
        var left = await StartAsync("left", RestartCondition.No);

        await engine.CutPowerAsync();
        await engine.UpAsync();

        Assert.Equal(ContainerState.Running, (await engine.Client.Containers.FindAsync(kept, ct))!.State);
        Assert.Equal(ContainerState.Exited, (await engine.Client.Containers.FindAsync(left, ct))!.State);

        async Task<string> StartAsync(string name, RestartCondition restart)
        {
            var id = await engine.Client.Containers.CreateAsync(new ContainerSpec { Name = name, Image = "busybox:latest", Command = ["busybox", "sleep", "600"], Restart = new RestartPolicy(restart) }, ct);
            await engine.Client.Containers.StartAsync(id, ct);
            return id;
        }
    }

    [Fact]
    public async Task A_private_engine_with_a_small_disk_has_no_more_than_that()
    {
        await using var engine = await PrivateEngine.StartAsync(diskBytes: 64 << 20);

        Assert.InRange(new DriveInfo(engine.Data).TotalSize, 1, 64 << 20);
    }

    [Fact]
    public async Task A_private_engine_leaves_the_machines_own_bridge_alone()
    {
        var before = await Tool.TryAsync("ip", "-oneline", "link", "show", "docker0");

        await using (var engine = await PrivateEngine.StartAsync())
        {
            await engine.DownAsync();
            await engine.UpAsync();
            Assert.Equal(before.Code, (await Tool.TryAsync("ip", "-oneline", "link", "show", "docker0")).Code);
        }

        Assert.Equal(before.Code, (await Tool.TryAsync("ip", "-oneline", "link", "show", "docker0")).Code);
    }
}
