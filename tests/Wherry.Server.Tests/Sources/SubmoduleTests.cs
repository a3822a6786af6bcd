using Wherry.Core.Model;
using Wherry.Server.Projects;
using Wherry.Server.Sources;
using Wherry.Server.Store;
using Wherry.Server.Tests.Git;

namespace Wherry.Server.Tests.Sources;

public sealed class SubmoduleTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task DK_040_Submodules_are_fetched_also_nested_and_by_relative_addresses()
    {
        await using var host = await GitHost.StartAsync();
        foreach (var name in new[] { "outer", "middle", "inner" })
        {
            await host.Get<ProjectStore>().CreateAsync(TeamId.Default, ProjectName.Parse(name), Ct);
        }

        var inner = await host.FolderAsync("i", "inner");
        await inner.Write("leaf", "leaf").CommitAsync();
        await inner.PushAsync();
        var middle = await host.FolderAsync("m", "middle");
        await AddSubmoduleAsync(middle, "lib/inner", "../inner.git", await inner.GitAsync("rev-parse", "HEAD"));
        await middle.PushAsync("main:refs/heads/stored");
        var outer = await host.FolderAsync("o", "outer");
        await AddSubmoduleAsync(outer, "vendor/middle", host.Url("middle"), await middle.GitAsync("rev-parse", "HEAD"));
        await outer.PushAsync("main:refs/heads/stored");

        await using var tree = await host.Get<SourceStore>().FromRemoteAsync(new GitSource(GitUrl.Parse(host.Url("outer")), GitRef.Parse("stored"), SourcePath.Root), Ct);

        Assert.Equal("leaf", await File.ReadAllTextAsync(Path.Combine(tree.Root, "vendor/middle/lib/inner/leaf"), Ct));
        Assert.True(File.Exists(Path.Combine(tree.Root, ".gitmodules")));
    }

    [Fact]
    public async Task A_repository_may_be_a_submodule_of_itself()
    {
        await using var host = await GitHost.StartAsync();
        var folder = await host.FolderAsync();
        await folder.Write("a", "1").CommitAsync();
        await AddSubmoduleAsync(folder, "before", host.Url(), await folder.GitAsync("rev-parse", "HEAD"));
        await folder.PushAsync("main:refs/heads/stored");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        limit.CancelAfter(TimeSpan.FromMinutes(1));

        await using var tree = await host.Get<SourceStore>().FromRemoteAsync(new GitSource(GitUrl.Parse(host.Url()), GitRef.Parse("stored"), SourcePath.Root), limit.Token);

        Assert.Equal("1", await File.ReadAllTextAsync(Path.Combine(tree.Root, "before", "a"), Ct));
    }

    private static async Task AddSubmoduleAsync(GitFolder folder, string path, string url, string hash)
    {
        await folder.Write(".gitmodules", $"[submodule \"{path}\"]\n\tpath = {path}\n\turl = {url}\n").CommitAsync();
        await folder.GitAsync("update-index", "--add", "--cacheinfo", $"160000,{hash},{path}");
        await folder.GitAsync("commit", "--quiet", "-m", "a submodule");
    }
}
