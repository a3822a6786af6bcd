using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Server.Environments;
using Wherry.Server.Git;
using Wherry.Server.Projects;
using Wherry.Server.Store;

namespace Wherry.Server.Tests.Git;

public sealed class PushTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_push_deploys_the_commit_and_tells_the_address()
    {
        await using var host = await GitHost.StartAsync();
        var folder = await host.FolderAsync();
        folder.Write("Dockerfile", "FROM scratch\n").Write("src/run.sh", "#!/bin/sh\n").Link("latest", "src/run.sh");
        File.SetUnixFileMode(Path.Combine(folder.Path, "src/run.sh"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var commit = await folder.CommitAsync("Say hello");

        var push = await folder.PushAsync();

        Assert.True(push.ExitCode == 0, push.Text);
        Assert.Contains($"remote: {commit[..7]} Say hello", push.Text, StringComparison.Ordinal);
        Assert.Contains("remote: built hello", push.Text, StringComparison.Ordinal);
        Assert.Contains("remote: hello/production is live", push.Text, StringComparison.Ordinal);
        Assert.Contains("http://hello.localhost", push.Text, StringComparison.Ordinal);
        var deployed = Assert.Single(host.Deployments.All);
        Assert.Equal(("hello/production", "ci", $"push {commit[..7]} on main", "Say hello"), (deployed.Environment.ToString(), deployed.Actor, deployed.Describe, deployed.Message));
        Assert.Equal(new Dictionary<string, string> { ["Dockerfile"] = "FROM scratch\n", ["src/run.sh"] = "#!/bin/sh\n", ["latest"] = "-> src/run.sh" }, deployed.Files);
        Assert.Equal(["src/run.sh"], deployed.Executables);
        Assert.Equal(commit, await folder.RemoteAsync("refs/heads/main"));
        Assert.Empty(host.TreesLeft());
    }

    [Fact]
    public async Task A_failed_deployment_fails_the_push_with_its_reason_and_moves_no_ref()
    {
        await using var host = await GitHost.StartAsync();
        var folder = await host.FolderAsync();
        var first = await folder.Write("a", "1").CommitAsync();
        Assert.Equal(0, (await folder.PushAsync()).ExitCode);
        host.Deployments.Work = async (_, say) =>
        {
            await say("waiting for health");
            return new Problem("health/deadline", "web was not healthy after 60 s.", "Look at its log.");
        };
        await folder.Write("a", "2").CommitAsync();

        var push = await folder.PushAsync();

        Assert.NotEqual(0, push.ExitCode);
        Assert.Contains("remote: waiting for health", push.Text, StringComparison.Ordinal);
        Assert.Contains("remote: web was not healthy after 60 s.", push.Text, StringComparison.Ordinal);
        Assert.Contains("remote: → Look at its log.", push.Text, StringComparison.Ordinal);
        Assert.Contains("remote: (health/deadline)", push.Text, StringComparison.Ordinal);
        Assert.Equal(first, await folder.RemoteAsync("refs/heads/main"));
        Assert.Equal(2, host.Deployments.All.Count);
        Assert.Empty(host.TreesLeft());
    }

    [Fact]
    public async Task A_failed_push_can_be_pushed_again()
    {
        await using var host = await GitHost.StartAsync();
        var folder = await host.FolderAsync();
        var commit = await folder.Write("a", "1").CommitAsync();
        var succeed = host.Deployments.Work;
        host.Deployments.Work = (_, _) => Task.FromResult<Problem?>(new Problem("build/failed", "It did not build.", "Mend it."));
        Assert.NotEqual(0, (await folder.PushAsync()).ExitCode);
        Assert.Equal("", await folder.RemoteAsync("refs/heads/main"));
        host.Deployments.Work = succeed;

        Assert.Equal(0, (await folder.PushAsync()).ExitCode);

        Assert.Equal(commit, await folder.RemoteAsync("refs/heads/main"));
    }

    [Fact]
    public async Task Lines_are_seen_while_the_deployment_still_runs()
    {
        await using var host = await GitHost.StartAsync();
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        host.Deployments.Work = async (_, say) =>
        {
            await say("the first line");
            await seen.Task.WaitAsync(TimeSpan.FromSeconds(60), Ct); // the last line is not written before the first was seen
            await say("the last line");
            return null;
        };
        var folder = await host.FolderAsync();
        await folder.Write("a", "1").CommitAsync();

        var push = await folder.WatchGitAsync(
            line =>
            {
                if (line.Contains("the first line", StringComparison.Ordinal))
                {
                    seen.SetResult();
                }
            },
            "push", "wherry", "main");

        Assert.True(push.ExitCode == 0, push.Text);
        Assert.Contains("the last line", push.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DK_036_A_branch_that_no_environment_deploys_from_is_stored_only()
    {
        await using var host = await GitHost.StartAsync();
        var folder = await host.FolderAsync();
        var commit = await folder.Write("a", "1").CommitAsync();

        var push = await folder.PushAsync("main:refs/heads/idea");

        Assert.True(push.ExitCode == 0, push.Text);
        Assert.Contains("stored refs/heads/idea; no environment deploys from it", push.Text, StringComparison.Ordinal);
        Assert.Equal(commit, await folder.RemoteAsync("refs/heads/idea"));
        Assert.Empty(host.Deployments.All);
    }

    [Fact]
    public async Task DK_037_Each_environment_deploys_from_its_own_branch_and_several_may_share_one()
    {
        await using var host = await GitHost.StartAsync();
        var project = await host.Get<ProjectStore>().GetAsync(TeamId.Default, ProjectName.Parse("hello"), Ct);
        await host.Get<EnvironmentStore>().CreateAsync(TeamId.Default, project.Id, EnvironmentName.Parse("staging"), "next", Ct);
        await host.Get<EnvironmentStore>().CreateAsync(TeamId.Default, project.Id, EnvironmentName.Parse("demo"), "next", Ct);
        var folder = await host.FolderAsync();
        await folder.Write("a", "1").CommitAsync();

        Assert.Equal(0, (await folder.PushAsync("main:refs/heads/next")).ExitCode);

        Assert.Equal(["hello/demo", "hello/staging"], host.Deployments.All.Select(d => d.Environment.ToString()).Order());
    }

    [Theory]
    [InlineData("Fix a typo [skip ci]")]
    [InlineData("Fix a typo\n\nNothing to see. [Skip Deploy]")]
    [InlineData("[ci skip] Fix a typo")]
    [InlineData("Fix a typo [no ci]")]
    public async Task DP_02_A_commit_that_says_so_is_stored_and_not_deployed(string message)
    {
        await using var host = await GitHost.StartAsync();
        var folder = await host.FolderAsync();
        var commit = await folder.Write("a", "1").CommitAsync(message);

        var push = await folder.PushAsync();

        Assert.True(push.ExitCode == 0, push.Text);
        Assert.Contains("not deployed, because the commit says [", push.Text, StringComparison.Ordinal);
        Assert.Equal(commit, await folder.RemoteAsync("refs/heads/main"));
        Assert.Empty(host.Deployments.All);
    }

    [Fact]
    public void DP_02_Words_without_brackets_do_not_skip() => Assert.Null(SkipWords.Find("Teach the parser to skip ci files"));

    [Fact]
    public async Task A_tag_is_stored_a_forced_push_deploys_and_a_deleted_branch_is_gone()
    {
        await using var host = await GitHost.StartAsync();
        var folder = await host.FolderAsync();
        await folder.Write("a", "1").CommitAsync("one");
        await folder.PushAsync();
        await folder.GitAsync("tag", "-a", "v1", "-m", "first");
        await folder.GitAsync("commit", "--quiet", "--amend", "-m", "another one");

        var tag = await folder.PushAsync("v1");
        var plain = await folder.PushAsync();
        var forced = await folder.PushAsync("+main");
        await folder.PushAsync("main:refs/heads/idea");
        var deleted = await folder.PushAsync(":idea");

        Assert.Contains("stored refs/tags/v1", tag.Text, StringComparison.Ordinal);
        Assert.NotEqual(0, plain.ExitCode);
        Assert.True(forced.ExitCode == 0, forced.Text);
        Assert.Equal(["one", "another one"], host.Deployments.All.Select(d => d.Message));
        Assert.Contains("deleted refs/heads/idea", deleted.Text, StringComparison.Ordinal);
        Assert.Equal("", await folder.RemoteAsync("refs/heads/idea"));
    }

    [Fact]
    public async Task Fifty_megabytes_are_pushed_and_deployed()
    {
        await using var host = await GitHost.StartAsync();
        var folder = await host.FolderAsync();
        var bytes = new byte[50 << 20];
        new Random(1).NextBytes(bytes);
        await File.WriteAllBytesAsync(Path.Combine(folder.Path, "big"), bytes, Ct);
        await folder.CommitAsync();

        var push = await folder.PushAsync();

        Assert.True(push.ExitCode == 0, push.Text);
        Assert.Equal($"{50 << 20} bytes", Assert.Single(host.Deployments.All).Files["big"]);
    }

    [Fact]
    public async Task Files_that_an_archive_would_leave_out_are_deployed_too()
    {
        await using var host = await GitHost.StartAsync();
        var folder = await host.FolderAsync();
        await folder.Write(".gitattributes", "compose.yaml export-ignore\ntests export-ignore\nversion export-subst\n")
            .Write("compose.yaml", "services: {}\n").Write("tests/a", "1").Write("version", "$Format:%H$\n").CommitAsync();

        await folder.PushAsync();

        var files = Assert.Single(host.Deployments.All).Files;
        Assert.Equal([".gitattributes", "compose.yaml", "tests/a", "version"], files.Keys.Order());
        Assert.Equal("$Format:%H$\n", files["version"]);
    }
}
