using Wherry.Client;
using Wherry.Core.Model;
using Wherry.Docker;
using Wherry.Server.Disk;
using Wherry.Server.Tests.Deployments;
using Wherry.Server.Tests.Rig;
using Microsoft.Extensions.DependencyInjection;

namespace Wherry.Server.Tests.Disk;

public sealed class DiskCleanUpTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Only_what_is_ours_and_cannot_be_gone_back_to_is_removed_and_a_dry_run_removes_nothing()
    {
        await using var wherry = await SmallWherry.StartAsync();
        using var engine = new Engine(EngineEndpoint.Local);
        var project = await wherry.ProjectAsync();
        Assert.Null((await wherry.DeployAsync(project, Tree("one"))).Problem);
        Assert.Null((await wherry.DeployAsync(project, Tree("two"))).Problem);
        var home = HomeId.Open(wherry.Options.Keys).Value;
        var labels = new Dictionary<string, string?> { [Labels.Home] = home };
        var kept = (await engine.Images.ListAsync(labels, Ct)).Select(i => i.Id).Order().ToList();
        Assert.Equal(2, kept.Count);
        var left = await BuildAsync(engine, new Dictionary<string, string> { [Labels.Home] = home, [Labels.Project] = project });
        var theirs = await BuildAsync(engine, new Dictionary<string, string> { [Labels.Home] = "ffffffff", ["mark"] = project });
        var named = await BuildAsync(engine, new Dictionary<string, string> { [Labels.Home] = home, ["mark"] = "named" });
        await engine.Images.TagAsync(named, $"somebody/{project}", "mine", Ct);
        var push = Directory.CreateDirectory(Path.Combine(wherry.Options.Repositories, $"{project}.git", "objects", "incoming-abc")).FullName;
        await File.WriteAllTextAsync(Path.Combine(push, "pack"), "left", Ct);
        File.SetLastWriteTimeUtc(Path.Combine(push, "pack"), DateTime.UtcNow.AddDays(-3));
        Directory.SetLastWriteTimeUtc(push, DateTime.UtcNow.AddDays(-3));
        var present = Directory.CreateDirectory(Path.Combine(wherry.Options.Repositories, $"{project}.git", "objects", "incoming-now")).FullName;
        try
        {
            var dry = await wherry.Client.CleanDiskAsync(dryRun: true, buildCache: false, Ct);
            Assert.Equal(["image", "push"], dry.Removed.Select(r => r.What).Order());
            Assert.NotNull(await engine.Images.FindAsync(left, Ct));
            Assert.True(Directory.Exists(push));

            var done = await wherry.Client.CleanDiskAsync(dryRun: false, buildCache: false, Ct);

            Assert.Equal(dry.Removed.Select(r => r.Name).Order(), done.Removed.Select(r => r.Name).Order());
            Assert.Null(await engine.Images.FindAsync(left, Ct));
            Assert.NotNull(await engine.Images.FindAsync(theirs, Ct));
            Assert.NotNull(await engine.Images.FindAsync(named, Ct));
            Assert.Equal((false, true), (Directory.Exists(push), Directory.Exists(present)));
            Assert.Null((await wherry.EndAsync(await wherry.Client.RollbackAsync(project, "production", new RollbackRequest(), Ct))).Problem);
        }
        finally
        {
            await engine.Images.RemoveAsync(theirs, force: true, Ct);
            await engine.Images.RemoveAsync(named, force: true, Ct);
        }
    }

    [Fact]
    public async Task A_disk_over_its_budget_is_told_once_and_when_it_has_room_again()
    {
        await using var wherry = await SmallWherry.StartAsync(o => o with { Disk = new DiskOptions { BudgetPercent = 50, Every = TimeSpan.FromHours(1) } }, homeBytes: 40 << 20);
        var watch = wherry.Services.GetRequiredService<DiskWatch>();
        var filler = Path.Combine(wherry.Options.Home, "filler");
        await File.WriteAllBytesAsync(filler, new byte[26 << 20], Ct);

        await watch.LookAsync(Ct);
        await watch.LookAsync(Ct);
        var report = await wherry.Client.DiskAsync(Ct);
        Assert.Equal("warning", Assert.Single(report.Disks, d => d.MountedAt == wherry.Options.Home).State);
        File.Delete(filler);
        await watch.LookAsync(Ct);

        await using var connection = await wherry.Services.GetRequiredService<Server.Store.Database>().Dialect.ConnectAsync(Ct);
        var kinds = await Dapper.SqlMapper.QueryAsync<string>(connection, "SELECT kind FROM event WHERE about = @at ORDER BY id", new { at = wherry.Options.Home });
        Assert.Equal(["disk/low", "disk/ok"], kinds);
    }

    private static Dictionary<string, string> Tree(string mark) => new() { ["Dockerfile"] = $"FROM {LiveWherry.Image("v1")}\nENV MARK={mark}\n" };

    private static async Task<ImageReference> BuildAsync(Engine engine, Dictionary<string, string> labels)
    {
        var folder = Directory.CreateTempSubdirectory("wherry-build-").FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "Dockerfile"), "FROM busybox:latest\n", Ct);
            return ImageReference.Parse(await engine.Builds.BuildAsync(BuildRequest.Of(BuildContext.Open(folder, SourcePath.Root)) with { Labels = labels }, null, Ct));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
