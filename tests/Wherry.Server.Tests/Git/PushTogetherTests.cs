using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Server.Environments;
using Wherry.Server.Projects;
using Wherry.Server.Store;

namespace Wherry.Server.Tests.Git;

/// <summary>Pushes that meet each other, and pushers and servers that leave.</summary>
public sealed class PushTogetherTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(60);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_second_push_to_the_same_branch_is_refused_while_the_first_is_deployed()
    {
        await using var host = await GitHost.StartAsync();
        var (began, go) = Hold(host);
        var folder = await host.FolderAsync();
        var first = await folder.Write("a", "1").CommitAsync();
        var pushing = folder.PushAsync();
        await began.Task.WaitAsync(Long, Ct);
        await folder.Write("a", "2").CommitAsync();

        var second = await folder.PushAsync();
        go.SetResult();

        Assert.NotEqual(0, second.ExitCode);
        Assert.Contains("remote: (push/busy)", second.Text, StringComparison.Ordinal);
        Assert.Equal(0, (await pushing).ExitCode);
        Assert.Equal(first, await folder.RemoteAsync("refs/heads/main"));
        Assert.Single(host.Deployments.All);

        Assert.Equal(0, (await folder.PushAsync()).ExitCode);
        Assert.Equal(2, host.Deployments.All.Count);
    }

    [Fact]
    public async Task Pushes_to_different_branches_of_a_project_run_side_by_side()
    {
        await using var host = await GitHost.StartAsync();
        var project = await host.Get<ProjectStore>().GetAsync(TeamId.Default, ProjectName.Parse("hello"), Ct);
        await host.Get<EnvironmentStore>().CreateAsync(TeamId.Default, project.Id, EnvironmentName.Parse("staging"), "next", Ct);
        var folder = await host.FolderAsync();
        await folder.Write("a", "0").CommitAsync();
        Assert.Equal(0, (await folder.PushAsync("main")).ExitCode); // Git itself lets no two first pushes end in the same moment: both make HEAD
        using var both = new CountdownEvent(2);
        host.Deployments.Work = async (_, _) =>
        {
            both.Signal();
            await Task.Run(() => both.Wait(Long, Ct), Ct); // ends only when both deployments have begun
            return both.IsSet ? null : new Problem("test/alone", "The other one did not begin.", "");
        };
        await folder.Write("a", "1").CommitAsync();

        var pushes = await Task.WhenAll(folder.PushAsync("main"), folder.PushAsync("main:refs/heads/next"));

        Assert.All(pushes, p => Assert.True(p.ExitCode == 0, p.Text));
    }

    [Fact]
    public async Task A_push_that_was_overtaken_deploys_nothing()
    {
        await using var host = await GitHost.StartAsync();
        var slow = await host.FolderAsync("slow");
        await slow.Write("a", "slow").CommitAsync();
        var wait = Path.Combine(slow.Path, ".git", "hooks", "pre-push");
        Directory.CreateDirectory(Path.GetDirectoryName(wait)!);
        // Git has asked for the refs by now, and sends only when the hook ends.
        await File.WriteAllTextAsync(wait, "#!/bin/sh\n: > waiting\nwhile [ ! -e go ]; do sleep 0.1; done\n", Ct);
        File.SetUnixFileMode(wait, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var pushing = slow.PushAsync();
        await UntilAsync(() => File.Exists(Path.Combine(slow.Path, "waiting")));
        var fast = await host.FolderAsync("fast");
        var commit = await fast.Write("a", "fast").CommitAsync();
        Assert.Equal(0, (await fast.PushAsync()).ExitCode);

        slow.Write("go", "");
        var overtaken = await pushing;

        Assert.NotEqual(0, overtaken.ExitCode);
        Assert.Contains("remote: (push/stale)", overtaken.Text, StringComparison.Ordinal);
        Assert.Single(host.Deployments.All);
        Assert.Equal(commit, await fast.RemoteAsync("refs/heads/main"));
    }

    [Fact]
    public async Task When_the_pusher_leaves_the_deployment_goes_on_and_the_branch_stays()
    {
        await using var host = await GitHost.StartAsync();
        var (began, go) = Hold(host);
        var folder = await host.FolderAsync();
        await folder.Write("a", "1").CommitAsync();
        using (var push = folder.Start("push", "wherry", "main"))
        {
            await began.Task.WaitAsync(Long, Ct);
            push.Kill(entireProcessTree: true);
            await push.WaitForExitAsync(Ct);
        }

        // Git has let go of the push when its quarantine is gone.
        await UntilAsync(() => !Directory.EnumerateDirectories(Path.Combine(host.Repository(), "objects"), "tmp_objdir*").Any());
        Assert.Empty(host.Deployments.Ended);
        go.SetResult();
        await UntilAsync(() => host.Deployments.Ended.Contains("hello/production"));

        Assert.Equal("", await folder.RemoteAsync("refs/heads/main"));
        Assert.Equal(0, (await folder.PushAsync()).ExitCode);
    }

    [Fact]
    public async Task When_the_server_stops_the_push_ends_and_says_so()
    {
        await using var host = await GitHost.StartAsync();
        var (began, go) = Hold(host);
        var folder = await host.FolderAsync();
        await folder.Write("a", "1").CommitAsync();
        var pushing = folder.PushAsync();
        await began.Task.WaitAsync(Long, Ct);

        await host.StopServerAsync();
        var push = await pushing;
        go.SetResult();

        Assert.NotEqual(0, push.ExitCode);
        Assert.Contains("remote: Wherry restarts.", push.Text, StringComparison.Ordinal);
    }

    /// <summary>Makes the first deployment wait.</summary>
    private static (TaskCompletionSource Began, TaskCompletionSource Go) Hold(GitHost host)
    {
        var began = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        host.Deployments.Work = async (_, say) =>
        {
            await say("holding");
            began.TrySetResult();
            await go.Task.WaitAsync(Long, Ct);
            return null;
        };
        return (began, go);
    }

    private static async Task UntilAsync(Func<bool> claim)
    {
        using var limit = new CancellationTokenSource(Long);
        while (!claim())
        {
            await Task.Delay(50, limit.Token);
        }
    }
}
