using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Wherry.Core.Model;
using Wherry.Server.Git;

namespace Wherry.Server.Tests.Git;

public sealed class FetchTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_pushed_can_be_cloned_with_a_token_that_may_read()
    {
        await using var host = await GitHost.StartAsync();
        var folder = await host.FolderAsync();
        await folder.Write("a", "1").CommitAsync("one");
        await folder.PushAsync();
        var elsewhere = new GitFolder(host.NewFolder("elsewhere"));

        await elsewhere.GitAsync("clone", "--quiet", host.Url(token: host.ReadToken), "copy");
        await folder.Write("a", "2").CommitAsync("two");
        await folder.PushAsync();
        await elsewhere.GitAsync("-C", "copy", "pull", "--quiet");

        Assert.Equal("2", await File.ReadAllTextAsync(Path.Combine(elsewhere.Path, "copy", "a"), Ct));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    [InlineData("2")]
    public async Task Every_version_of_the_protocol_is_spoken(string version)
    {
        await using var host = await GitHost.StartAsync();
        var folder = await host.FolderAsync();
        await folder.Write("a", "1").CommitAsync();

        await folder.GitAsync("-c", $"protocol.version={version}", "push", "--quiet", "wherry", "main");
        await folder.GitAsync("-c", $"protocol.version={version}", "clone", "--quiet", host.Url(), "copy");

        Assert.True(File.Exists(Path.Combine(folder.Path, "copy", "a")));
    }

    [Fact]
    public async Task The_first_branch_that_is_pushed_is_what_a_clone_checks_out()
    {
        await using var host = await GitHost.StartAsync();
        var folder = await host.FolderAsync();
        await folder.Write("a", "1").CommitAsync();
        await folder.PushAsync("main:refs/heads/master");

        await folder.GitAsync("clone", "--quiet", host.Url(), "copy");

        Assert.Equal("master", await folder.GitAsync("-C", "copy", "branch", "--show-current"));
    }

    [Fact]
    public async Task A_compressed_request_is_understood()
    {
        await using var host = await GitHost.StartAsync();
        var folder = await host.FolderAsync();
        var commit = await folder.Write("a", "1").CommitAsync();
        await folder.PushAsync();
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionMode.Compress, leaveOpen: true))
        {
            await gzip.WriteAsync("0014command=ls-refs\n0000"u8.ToArray(), Ct);
        }

        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(host.Address, "/git/hello.git/git-upload-pack")) { Content = new ByteArrayContent(packed.ToArray()) };
        request.Content.Headers.ContentEncoding.Add("gzip");
        request.Headers.Add("Git-Protocol", "version=2");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", host.ReadToken);
        using var response = await http.SendAsync(request, Ct);

        Assert.Contains($"{commit} refs/heads/main", await response.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_that_may_only_read_cannot_push()
    {
        await using var host = await GitHost.StartAsync();
        var folder = await host.FolderAsync(token: host.ReadToken);
        await folder.Write("a", "1").CommitAsync();

        var push = await folder.PushAsync();

        Assert.NotEqual(0, push.ExitCode);
        Assert.Contains("(token/scope)", push.Text, StringComparison.Ordinal);
        Assert.Empty(host.Deployments.All);
    }

    [Fact]
    public async Task Nobody_pushes_by_going_past_the_advertisement()
    {
        await using var host = await GitHost.StartAsync();
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(host.Address, "/git/hello.git/git-receive-pack")) { Content = new ByteArrayContent("0000"u8.ToArray()) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", host.ReadToken);

        using var response = await http.SendAsync(request, Ct);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Theory]
    [InlineData("wherry_wrong")]
    [InlineData("")]
    public async Task Without_a_token_that_works_nothing_is_fetched_or_pushed(string token)
    {
        await using var host = await GitHost.StartAsync();
        var folder = await host.FolderAsync(token: token);
        await folder.Write("a", "1").CommitAsync();

        Assert.NotEqual(0, (await folder.TryGitAsync("ls-remote", "wherry")).ExitCode);
        Assert.NotEqual(0, (await folder.PushAsync()).ExitCode);
        Assert.Empty(host.Deployments.All);
    }

    [Fact]
    public async Task A_push_to_a_project_that_does_not_exist_says_how_to_make_it()
    {
        await using var host = await GitHost.StartAsync();
        var folder = await host.FolderAsync(project: "shop");
        await folder.Write("a", "1").CommitAsync();

        var push = await folder.PushAsync();

        Assert.NotEqual(0, push.ExitCode);
        Assert.Contains("remote: There is no project shop.", push.Text, StringComparison.Ordinal);
        Assert.Contains("remote: (project/not-found)", push.Text, StringComparison.Ordinal);
        Assert.False(Directory.Exists(host.Repository("shop")));
    }

    [Theory]
    [InlineData("/git/--upload-pack=touch%20pwned.git/info/refs?service=git-upload-pack")]
    [InlineData("/git/..%2f..%2fetc.git/info/refs?service=git-upload-pack")]
    [InlineData("/git/hello.git/info/refs?service=git-upload-archive")]
    [InlineData("/git/hello.git/info/refs?service=git-upload-pack;touch%20pwned")]
    [InlineData("/git/hello.git/info/refs")]
    public async Task Only_names_of_projects_and_the_two_services_reach_git(string address)
    {
        await using var host = await GitHost.StartAsync();
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"x:{host.DeployToken}")));

        using var response = await http.GetAsync(new Uri(host.Address + address[1..]), Ct);

        Assert.InRange((int)response.StatusCode, 400, 499);
        Assert.Empty(Directory.EnumerateFileSystemEntries(host.Options.Home, "*pwned*", SearchOption.AllDirectories));
        Assert.Empty(Directory.EnumerateFileSystemEntries(host.Options.Repositories));
    }

    [Fact]
    public async Task A_removed_project_leaves_no_repository()
    {
        await using var host = await GitHost.StartAsync();
        var folder = await host.FolderAsync();
        await folder.Write("a", "1").CommitAsync();
        await folder.PushAsync();
        Assert.True(Directory.Exists(host.Repository()));

        host.Get<GitRepositories>().Remove(ProjectName.Parse("hello"));
        host.Get<GitRepositories>().Remove(ProjectName.Parse("hello"));

        Assert.False(Directory.Exists(host.Repository()));
    }

    [Fact]
    public async Task Git_is_there_and_new_enough()
    {
        await using var host = await GitHost.StartAsync();

        Assert.True(await host.Get<GitProgram>().VersionAsync(Ct) >= new Version(2, 32));
    }
}
