using System.Formats.Tar;
using System.IO.Compression;
using Wherry.Client;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Server.Environments;
using Wherry.Server.Projects;
using Wherry.Server.Sources;
using Wherry.Server.Store;
using Wherry.Server.Tests.Git;

namespace Wherry.Server.Tests.Sources;

public sealed class UploadTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task DK_045_An_uploaded_folder_becomes_a_tree_as_often_as_it_is_asked_for()
    {
        await using var host = await GitHost.StartAsync();
        using var client = WherryClient.OverHttp(host.Address, host.DeployToken);
        var upload = await client.UploadAsync("hello", "production", FolderAsync(host), Ct);
        var environment = await host.EnvironmentAsync();

        for (var i = 0; i < 2; i++)
        {
            await using var tree = await host.Get<SourceStore>().FromUploadAsync(environment, upload.Id, SourcePath.Root, Ct);
            Assert.Equal("FROM scratch\n", await File.ReadAllTextAsync(Path.Combine(tree.Root, "Dockerfile"), Ct));
            Assert.Equal("upload", tree.Describe);
        }

        await using var inner = await host.Get<SourceStore>().FromUploadAsync(environment, upload.Id, SourcePath.Parse("src"), Ct);
        Assert.True(File.Exists(Path.Combine(inner.Root, "main.c")));
        Assert.Equal(21, upload.Bytes);
    }

    [Fact]
    public async Task DK_045_A_compressed_upload_is_taken_too()
    {
        await using var host = await GitHost.StartAsync();
        using var client = WherryClient.OverSocket(host.Options.Socket);

        var upload = await client.UploadAsync("hello", "production", async (stream, ct) =>
        {
            await using var gzip = new GZipStream(stream, CompressionLevel.Fastest, leaveOpen: true);
            await FolderAsync(host)(gzip, ct);
        }, Ct);

        await using var tree = await host.Get<SourceStore>().FromUploadAsync(await host.EnvironmentAsync(), upload.Id, SourcePath.Root, Ct);
        Assert.True(File.Exists(Path.Combine(tree.Root, "Dockerfile")));
    }

    [Fact]
    public async Task An_upload_larger_than_the_ordinary_request_limit_is_streamed()
    {
        await using var host = await GitHost.StartAsync();
        using var client = WherryClient.OverHttp(host.Address, host.DeployToken);

        var upload = await client.UploadAsync("hello", "production", Big(40 << 20), Ct);

        Assert.Equal(40 << 20, upload.Bytes);
    }

    [Fact]
    public async Task An_upload_larger_than_its_limit_is_refused_and_leaves_nothing()
    {
        await using var host = await GitHost.StartAsync(new GitHost { Limits = new SourceOptions { MaxBytes = ByteSize.Of(1 << 20) } });
        using var client = WherryClient.OverHttp(host.Address, host.DeployToken);

        var e = await Assert.ThrowsAsync<ApiException>(() => client.UploadAsync("hello", "production", Big(2 << 20), Ct));

        Assert.Contains(e.Problem.Code, new[] { "request/too-large", "source/too-large" });
        Assert.Empty(Directory.EnumerateFiles(host.Options.Builds, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Another_environment_cannot_deploy_the_upload()
    {
        await using var host = await GitHost.StartAsync();
        var project = await host.Get<ProjectStore>().GetAsync(TeamId.Default, ProjectName.Parse("hello"), Ct);
        await host.Get<EnvironmentStore>().CreateAsync(TeamId.Default, project.Id, EnvironmentName.Parse("staging"), "staging", Ct);
        using var client = WherryClient.OverHttp(host.Address, host.DeployToken);
        var upload = await client.UploadAsync("hello", "production", FolderAsync(host), Ct);
        var staging = await host.EnvironmentAsync("staging");

        await MissingAsync(host, staging, upload.Id);
        await MissingAsync(host, staging with { Id = (await host.EnvironmentAsync()).Id, Team = new TeamId(2) }, upload.Id);
    }

    [Theory]
    [InlineData("up_000000000000000000000000")]
    [InlineData("../uploads")]
    [InlineData("up_/../..")]
    [InlineData("")]
    public async Task An_upload_that_does_not_exist_is_not_found(string id)
    {
        await using var host = await GitHost.StartAsync();

        await MissingAsync(host, await host.EnvironmentAsync(), id);
    }

    [Fact]
    public async Task An_upload_expires_but_not_while_it_is_in_use_and_not_by_a_restart()
    {
        var time = new ManualTime();
        await using var host = await GitHost.StartAsync(new GitHost { Time = time });
        using var client = WherryClient.OverSocket(host.Options.Socket);
        var upload = await client.UploadAsync("hello", "production", FolderAsync(host), Ct);
        await host.StopServerAsync();
        await host.StartServerAsync();
        var environment = await host.EnvironmentAsync();

        await using (var tree = await host.Get<SourceStore>().FromUploadAsync(environment, upload.Id, SourcePath.Root, Ct))
        {
            time.Pass(TimeSpan.FromMinutes(61));
            await host.Get<Uploads>().RemoveExpiredAsync(Ct);
            Assert.True(File.Exists(Path.Combine(tree.Root, "Dockerfile")));
            await MissingAsync(host, environment, upload.Id);
        }

        await host.Get<Uploads>().RemoveExpiredAsync(Ct);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(host.Options.Builds, "uploads")));
    }

    [Fact]
    public async Task A_token_that_may_only_read_cannot_upload()
    {
        await using var host = await GitHost.StartAsync();
        using var client = WherryClient.OverHttp(host.Address, host.ReadToken);

        Assert.Equal(403, (await Assert.ThrowsAsync<ApiException>(() => client.UploadAsync("hello", "production", FolderAsync(host), Ct))).Status);
    }

    [Fact]
    public async Task Trees_that_were_left_behind_are_removed_after_a_day()
    {
        var time = new ManualTime();
        await using var host = await GitHost.StartAsync(new GitHost { Time = time });
        var left = host.Get<TreeFolders>().Next();
        Directory.CreateDirectory(left);
        Directory.CreateDirectory(Path.Combine(host.Options.Builds, "somebody-elses"));

        host.Get<TreeFolders>().RemoveLeftovers();
        Assert.True(Directory.Exists(left));
        time.Pass(TimeSpan.FromHours(25));
        host.Get<TreeFolders>().RemoveLeftovers();

        Assert.False(Directory.Exists(left));
        Assert.True(Directory.Exists(Path.Combine(host.Options.Builds, "somebody-elses")));
    }

    private static async Task MissingAsync(GitHost host, EnvironmentRef environment, string id)
    {
        var e = await Assert.ThrowsAsync<ProblemException>(() => host.Get<SourceStore>().FromUploadAsync(environment, id, SourcePath.Root, Ct));
        Assert.Equal("source/upload-not-found", e.Problem.Code);
    }

    private static Func<Stream, CancellationToken, Task> FolderAsync(GitHost host)
    {
        var folder = host.NewFolder("upload");
        Directory.CreateDirectory(Path.Combine(folder, "src"));
        File.WriteAllText(Path.Combine(folder, "Dockerfile"), "FROM scratch\n");
        File.WriteAllText(Path.Combine(folder, "src", "main.c"), "int main");
        return (stream, ct) => TarFile.CreateFromDirectoryAsync(folder, stream, includeBaseDirectory: false, ct);
    }

    private static Func<Stream, CancellationToken, Task> Big(int bytes) => async (stream, ct) =>
    {
        await using var writer = new TarWriter(stream, TarEntryFormat.Pax, leaveOpen: true);
        await writer.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, "big") { DataStream = new MemoryStream(new byte[bytes]) }, ct);
    };
}
