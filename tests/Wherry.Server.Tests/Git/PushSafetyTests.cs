using System.Net;
using System.Net.Sockets;
using Wherry.Client;
using Wherry.Core.Model;
using Wherry.Server.Access;
using Wherry.Server.Git;
using Wherry.Server.Sources;
using Wherry.Server.Store;

namespace Wherry.Server.Tests.Git;

/// <summary>Pushes that want more than they may: refused, nothing executed, nothing changed.</summary>
public sealed class PushSafetyTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("../../../etc/passwd")]
    [InlineData("src/../../escape")]
    public async Task DK_047_A_link_out_of_the_tree_is_refused_and_the_branch_does_not_move(string target)
    {
        await using var host = await GitHost.StartAsync();
        var folder = await host.FolderAsync();
        await folder.Write("src/a", "1").Link("link", target).CommitAsync();

        var push = await folder.PushAsync();

        Assert.NotEqual(0, push.ExitCode);
        Assert.Contains("remote: (source/unsafe-path)", push.Text, StringComparison.Ordinal);
        Assert.Equal("", await folder.RemoteAsync("refs/heads/main"));
        Assert.Empty(host.Deployments.All);
        Assert.Empty(host.TreesLeft());
    }

    [Theory]
    [InlineData("ext::sh -c 'touch PWNED'", "source/url")]
    [InlineData("--upload-pack=touch PWNED", "source/url")]
    [InlineData("-oProxyCommand=touch PWNED", "source/url")]
    [InlineData("file:///etc", "source/local")]
    [InlineData("../other.git", "source/submodule")]
    public async Task A_submodule_whose_address_is_not_one_runs_nothing(string url, string code)
    {
        await using var host = await GitHost.StartAsync();
        var marker = Path.Combine(host.NewFolder("marker"), "pwned");
        var folder = await host.FolderAsync();
        await folder.Write(".gitmodules", $"[submodule \"lib\"]\n\tpath = lib\n\turl = \"{url.Replace("PWNED", marker, StringComparison.Ordinal)}\"\n").CommitAsync();
        await folder.GitAsync("update-index", "--add", "--cacheinfo", $"160000,{await folder.GitAsync("rev-parse", "HEAD")},lib");
        await folder.GitAsync("commit", "--quiet", "-m", "a submodule");

        var push = await folder.PushAsync();

        Assert.NotEqual(0, push.ExitCode);
        // Git's own check of what is pushed knows some of these tricks too.
        Assert.True(push.Text.Contains($"({code})", StringComparison.Ordinal) || push.Text.Contains("gitmodulesUrl", StringComparison.Ordinal), push.Text);
        Assert.False(File.Exists(marker));
        Assert.Empty(host.Deployments.All);
        Assert.Empty(host.TreesLeft());
    }

    [Fact]
    public async Task Hooks_and_settings_of_a_repository_on_the_server_are_not_run()
    {
        await using var host = await GitHost.StartAsync();
        await host.Get<GitRepositories>().EnsureAsync(ProjectName.Parse("hello"), Ct);
        var marker = Path.Combine(host.NewFolder("marker"), "pwned");
        var hook = Path.Combine(Directory.CreateDirectory(Path.Combine(host.Repository(), "hooks")).FullName, "post-receive");
        await File.WriteAllTextAsync(hook, $"#!/bin/sh\ntouch {marker}\n", Ct);
        File.SetUnixFileMode(hook, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var folder = await host.FolderAsync();
        await folder.Write("a", "1").CommitAsync();

        Assert.Equal(0, (await folder.PushAsync()).ExitCode);

        Assert.False(File.Exists(marker));
    }

    [Fact]
    public async Task A_push_larger_than_the_limit_is_refused_and_leaves_nothing()
    {
        await using var host = await GitHost.StartAsync(new GitHost { Limits = new SourceOptions { MaxBytes = ByteSize.Of(1 << 20) } });
        var folder = await host.FolderAsync();
        var bytes = new byte[5 << 20];
        new Random(1).NextBytes(bytes);
        await File.WriteAllBytesAsync(Path.Combine(folder.Path, "big"), bytes, Ct);
        await folder.CommitAsync();

        var push = await folder.PushAsync();

        Assert.NotEqual(0, push.ExitCode);
        Assert.Contains("exceeds maximum allowed size", push.Text, StringComparison.Ordinal);
        Assert.Empty(host.Deployments.All);
        Assert.Empty(Directory.EnumerateDirectories(Path.Combine(host.Repository(), "objects"), "tmp_objdir*"));
    }

    [Fact]
    public async Task DK_048_A_tree_larger_than_the_limit_is_refused_even_when_its_push_was_small()
    {
        await using var host = await GitHost.StartAsync(new GitHost { Limits = new SourceOptions { MaxBytes = ByteSize.Of(1 << 20) } });
        var folder = await host.FolderAsync();
        await File.WriteAllBytesAsync(Path.Combine(folder.Path, "zeros"), new byte[5 << 20], Ct);
        await folder.CommitAsync();

        var push = await folder.PushAsync();

        Assert.NotEqual(0, push.ExitCode);
        Assert.Contains("(source/too-large)", push.Text, StringComparison.Ordinal);
        Assert.Empty(host.TreesLeft());
    }

    [Fact]
    public async Task The_hooks_address_knows_only_pushes_that_run_and_only_their_own_objects()
    {
        await using var host = await GitHost.StartAsync();
        var repository = await host.Get<GitRepositories>().EnsureAsync(ProjectName.Parse("hello"), Ct);
        var other = await host.Get<GitRepositories>().EnsureAsync(ProjectName.Parse("other"), Ct);
        using var push = host.Get<PushRegistry>().Open(new Caller(TeamId.Default, TokenScope.Deploy, "ci"), ProjectName.Parse("hello"), repository, Ct);
        using var http = OverSocket(host);
        var zeros = new string('0', 40);

        async Task<(HttpStatusCode, string)> AskAsync(string id, string quarantine)
        {
            using var body = new StringContent($"{quarantine}\n{zeros} {new string('a', 40)} refs/heads/main\n");
            using var response = await http.PostAsync(new Uri($"http://wherry/git/hooks/{id}"), body, Ct);
            return (response.StatusCode, await response.Content.ReadAsStringAsync(Ct));
        }

        Assert.Equal(HttpStatusCode.NotFound, (await AskAsync("0000", "")).Item1);
        foreach (var elsewhere in new[] { "/etc", Path.Combine(other, "objects"), Path.Combine(repository, "objects", "..", "..", "other.git", "objects"), Path.Combine(other, "objects", "pack") })
        {
            Assert.Contains("push/quarantine", (await AskAsync(push.Id, elsewhere)).Item2, StringComparison.Ordinal);
        }

        Assert.EndsWith("(source/ref-not-found)\nrefused\n", (await AskAsync(push.Id, "")).Item2, StringComparison.Ordinal);
        Assert.Empty(host.Deployments.All);
    }

    [Fact]
    public async Task The_hooks_address_is_not_for_deploy_tokens()
    {
        await using var host = await GitHost.StartAsync();
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new("Bearer", host.DeployToken);

        using var response = await http.PostAsync(new Uri(host.Address, "/git/hooks/0000"), null, Ct);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    private static HttpClient OverSocket(GitHost host) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, ct) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(host.Options.Socket), ct);
            return new NetworkStream(socket, ownsSocket: true);
        },
    });
}
