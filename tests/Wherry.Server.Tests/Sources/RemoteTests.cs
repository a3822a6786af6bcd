using System.Net;
using System.Net.Sockets;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Server.Projects;
using Wherry.Server.Sources;
using Wherry.Server.Store;
using Wherry.Server.Tests.Git;

namespace Wherry.Server.Tests.Sources;

/// <summary>Fetching from another server: here from Wherry's own, over HTTP like from any other.</summary>
public sealed class RemoteTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null, "two")]
    [InlineData("main", "two")]
    [InlineData("feature/x", "feature")]
    [InlineData("light", "one")]
    [InlineData("annotated", "one")]
    [InlineData("COMMIT", "one")]
    [InlineData("SHORT", "one")]
    [InlineData("TIP", "feature")]
    public async Task DK_041_Every_kind_of_ref_is_fetched_new_and_again(string? name, string expected)
    {
        await using var host = await GitHost.StartAsync();
        var hashes = await PublishAsync(host);
        var wanted = name is null ? null : GitRef.Parse(name switch { "COMMIT" => hashes.One, "SHORT" => hashes.One[..9], "TIP" => hashes.Feature, _ => name });

        foreach (var _ in new[] { "new", "existing" })
        {
            await using var tree = await host.Get<SourceStore>().FromRemoteAsync(new GitSource(GitUrl.Parse(host.Url()), wanted, SourcePath.Root), Ct);

            Assert.Equal(expected, await File.ReadAllTextAsync(Path.Combine(tree.Root, "a"), Ct));
            Assert.Equal(("Ada", expected), (tree.Author, tree.CommitMessage));
            Assert.StartsWith($"git {tree.Commit![..7]}", tree.Describe, StringComparison.Ordinal);
            Assert.DoesNotContain(host.DeployToken, tree.Describe, StringComparison.Ordinal);
        }

        Assert.Empty(host.TreesLeft());
    }

    [Fact]
    public async Task DK_041_A_branch_that_moved_on_is_fetched_anew_and_so_is_one_that_was_forced_back()
    {
        await using var host = await GitHost.StartAsync();
        var hashes = await PublishAsync(host);
        Assert.Equal("two", await ReadAsync(host, "main"));
        var folder = new GitFolder(hashes.Folder);
        await folder.Write("a", "three").CommitAsync("three");
        await folder.PushAsync();
        Assert.Equal("three", await ReadAsync(host, "main"));

        await folder.PushAsync($"+{hashes.One}:refs/heads/main");

        Assert.Equal("one", await ReadAsync(host, "main"));
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData("abcdef1")]
    [InlineData("0123456789012345678901234567890123456789")]
    public async Task DK_041_A_ref_that_is_not_there_is_a_clear_error(string name)
    {
        await using var host = await GitHost.StartAsync();
        await PublishAsync(host);

        Assert.Equal("source/ref-not-found", (await ProblemAsync(host, host.Url(), name)).Code);
    }

    [Fact]
    public async Task Only_the_folder_that_was_asked_for_is_the_tree()
    {
        await using var host = await GitHost.StartAsync();
        await PublishAsync(host);

        await using (var tree = await host.Get<SourceStore>().FromRemoteAsync(new GitSource(GitUrl.Parse(host.Url()), null, SourcePath.Parse("sub/inner")), Ct))
        {
            Assert.Equal("deep", await File.ReadAllTextAsync(Path.Combine(tree.Root, "b"), Ct));
        }

        Assert.Equal("source/path-not-found", (await ProblemAsync(host, host.Url(), null, "sub/other")).Code);
        Assert.Equal("source/path-not-found", (await ProblemAsync(host, host.Url(), null, "a")).Code);
        Assert.Equal("source/path-not-found", (await ProblemAsync(host, host.Url(), null, "*")).Code);
        Assert.Empty(host.TreesLeft());
    }

    [Fact]
    public async Task A_branch_that_was_pushed_here_is_deployed_by_its_name()
    {
        await using var host = await GitHost.StartAsync();
        var hashes = await PublishAsync(host);
        var sources = host.Get<SourceStore>();
        var hello = ProjectName.Parse("hello");

        await using var branch = await sources.FromRepositoryAsync(hello, GitRef.Parse("feature/x"), SourcePath.Root, Ct);
        await using var commit = await sources.FromRepositoryAsync(hello, GitRef.Parse(hashes.One[..8]), SourcePath.Root, Ct);

        Assert.Equal("feature", await File.ReadAllTextAsync(Path.Combine(branch.Root, "a"), Ct));
        Assert.Equal("one", await File.ReadAllTextAsync(Path.Combine(commit.Root, "a"), Ct));
        await Assert.ThrowsAsync<ProblemException>(() => sources.FromRepositoryAsync(hello, GitRef.Parse("nothing"), SourcePath.Root, Ct));
    }

    [Fact]
    public async Task A_refused_token_is_told_without_showing_it()
    {
        await using var host = await GitHost.StartAsync();
        await PublishAsync(host);

        var problem = await ProblemAsync(host, host.Url(token: "wherry_secret"), "main");

        Assert.Equal("source/denied", problem.Code);
        Assert.DoesNotContain("wherry_secret", problem.Message + problem.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CR_03_Credentials_are_not_kept_on_the_disk()
    {
        await using var host = await GitHost.StartAsync();
        await PublishAsync(host);
        await ReadAsync(host, "main");

        foreach (var file in Directory.EnumerateFiles(Path.Combine(host.Options.Repositories, "remote"), "*", SearchOption.AllDirectories))
        {
            Assert.DoesNotContain(host.DeployToken, await File.ReadAllTextAsync(file, Ct), StringComparison.Ordinal);
            Assert.DoesNotContain("Authorization", await File.ReadAllTextAsync(file, Ct), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_told_so()
    {
        await using var host = await GitHost.StartAsync();
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0)); // bound and not listening: nothing answers, nobody else takes it

        var problem = await ProblemAsync(host, $"http://127.0.0.1:{((IPEndPoint)taken.LocalEndPoint!).Port}/a.git", null);

        Assert.Equal("source/unreachable", problem.Code);
    }

    [Fact]
    public async Task A_server_that_never_answers_is_given_up()
    {
        await using var host = await GitHost.StartAsync(new GitHost { Limits = new SourceOptions { FetchFor = TimeSpan.FromSeconds(2) } });
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();

        var problem = await ProblemAsync(host, $"http://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}/a.git", null);

        Assert.Equal("git/timeout", problem.Code);
    }

    [Fact]
    public async Task A_repository_on_the_servers_disk_is_read_only_when_that_is_allowed()
    {
        await using var host = await GitHost.StartAsync();
        var hashes = await PublishAsync(host);
        Assert.Equal("source/local", (await ProblemAsync(host, $"file://{hashes.Folder}", "main")).Code);

        await using var lenient = await GitHost.StartAsync(new GitHost { Limits = new SourceOptions { AllowLocalRepositories = true } });
        await using var tree = await lenient.Get<SourceStore>().FromRemoteAsync(new GitSource(GitUrl.Parse($"file://{hashes.Folder}"), GitRef.Parse("main"), SourcePath.Root), Ct);
        Assert.Equal("two", await File.ReadAllTextAsync(Path.Combine(tree.Root, "a"), Ct));
    }

    [Fact]
    public async Task A_repository_larger_than_the_limit_is_not_kept_on_fetching()
    {
        await using var big = await GitHost.StartAsync();
        var folder = await big.FolderAsync();
        var bytes = new byte[60 << 20];
        new Random(1).NextBytes(bytes);
        await File.WriteAllBytesAsync(Path.Combine(folder.Path, "big"), bytes, Ct);
        await folder.CommitAsync();
        Assert.Equal(0, (await folder.PushAsync()).ExitCode);
        await using var host = await GitHost.StartAsync(new GitHost { Limits = new SourceOptions { MaxBytes = ByteSize.Of(1 << 20) } });

        Assert.Equal("source/too-large", (await ProblemAsync(host, big.Url(), "main")).Code);
        Assert.Empty(host.TreesLeft());
    }

    [Theory]
    [InlineData("ext::sh -c touch% /tmp/pwned")]
    [InlineData("-uhttp://example.com/a.git")]
    [InlineData("--upload-pack=touch /tmp/pwned")]
    [InlineData("ssh://-oProxyCommand=touch/a.git")]
    [InlineData("http://example.com/a.git\n--upload-pack=x")]
    [InlineData("/etc")]
    [InlineData("fd::3")]
    public void Addresses_that_could_run_something_are_not_addresses(string url) =>
        Assert.Equal("source/url", Assert.Throws<ProblemException>(() => GitUrl.Parse(url)).Problem.Code);

    [Theory]
    [InlineData("-x")]
    [InlineData("--upload-pack=touch")]
    [InlineData("a..b")]
    [InlineData("a b")]
    [InlineData("main:refs/heads/other")]
    [InlineData("+main")]
    [InlineData("main^{/x}")]
    public void Refs_that_are_options_or_expressions_are_not_refs(string name) =>
        Assert.Equal("source/ref", Assert.Throws<ProblemException>(() => GitRef.Parse(name)).Problem.Code);

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

    private static async Task AddSubmoduleAsync(GitFolder folder, string path, string url, string hash)
    {
        await folder.Write(".gitmodules", $"[submodule \"{path}\"]\n\tpath = {path}\n\turl = {url}\n").CommitAsync();
        await folder.GitAsync("update-index", "--add", "--cacheinfo", $"160000,{hash},{path}");
        await folder.GitAsync("commit", "--quiet", "-m", "a submodule");
    }

    /// <summary>A repository with two branches and two tags.</summary>
    private static async Task<(string Folder, string One, string Feature)> PublishAsync(GitHost host)
    {
        var folder = await host.FolderAsync("published");
        var one = await folder.Write("a", "one").Write("sub/inner/b", "deep").CommitAsync("one");
        await folder.GitAsync("tag", "light");
        await folder.GitAsync("tag", "-a", "annotated", "-m", "a tag");
        await folder.Write("a", "two").CommitAsync("two");
        await folder.GitAsync("checkout", "--quiet", "-b", "feature/x");
        var feature = await folder.Write("a", "feature").CommitAsync("feature");
        await folder.GitAsync("checkout", "--quiet", "main");
        await folder.GitAsync("push", "--quiet", "wherry", "main", "feature/x", "light", "annotated");
        return (folder.Path, one, feature);
    }

    private static async Task<string> ReadAsync(GitHost host, string name)
    {
        await using var tree = await host.Get<SourceStore>().FromRemoteAsync(new GitSource(GitUrl.Parse(host.Url()), GitRef.Parse(name), SourcePath.Root), Ct);
        return await File.ReadAllTextAsync(Path.Combine(tree.Root, "a"), Ct);
    }

    private static async Task<Problem> ProblemAsync(GitHost host, string url, string? name, string path = ".") =>
        (await Assert.ThrowsAsync<ProblemException>(() => host.Get<SourceStore>().FromRemoteAsync(
            new GitSource(GitUrl.Parse(url), name is null ? null : GitRef.Parse(name), SourcePath.Parse(path)), Ct))).Problem;
}
