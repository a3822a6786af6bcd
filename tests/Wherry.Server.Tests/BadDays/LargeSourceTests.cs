using System.Formats.Tar;
using System.Security.Cryptography;
using Wherry.Client;
using Wherry.Server.Tests.Deployments;
using Wherry.Server.Tests.Rig;

namespace Wherry.Server.Tests.BadDays;

/// <summary>Sources of a size that nobody planned for.</summary>
public sealed class LargeSourceTests(LiveWherry wherry)
{
    [Fact]
    public async Task A_push_of_a_gigabyte_is_deployed()
    {
        var project = await wherry.ProjectAsync();
        var folder = await wherry.FolderAsync(project);
        await using (var file = File.Create(Path.Combine(folder.Path, "video.bin")))
        {
            for (var mb = 0; mb < 1024; mb++)
            {
                await file.WriteAsync(RandomNumberGenerator.GetBytes(1 << 20)); // random, so that nothing packs it smaller
            }
        }

        await File.WriteAllTextAsync(Path.Combine(folder.Path, "compose.yaml"), ComposeText.Of(ComposeText.Web($"{project}.localhost")));
        await folder.GitAsync("-c", "core.compression=0", "add", ".");
        await folder.GitAsync("-c", "core.compression=0", "commit", "--quiet", "-m", "large");

        var push = await folder.TryGitAsync("-c", "core.compression=0", "-c", "pack.window=0", "push", "wherry", "main");

        Assert.True(push.ExitCode == 0, push.Text);
        Assert.Equal("v1", (await wherry.GetAsync($"{project}.localhost")).Body);
    }

    [Fact]
    public async Task A_tar_that_says_it_holds_more_than_is_allowed_is_refused_and_leaves_nothing()
    {
        await using var small = await SmallWherry.StartAsync();
        var project = await small.ProjectAsync();

        var e = await Assert.ThrowsAsync<ApiException>(() => small.Client.UploadAsync(project, "production", async (stream, ct) =>
        {
            await using var tar = new TarWriter(stream, leaveOpen: true);
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, "zeros") { DataStream = new Zeros(64L << 30) }, ct);
        }, TestContext.Current.CancellationToken));

        Assert.Contains(e.Problem.Code, new[] { "source/too-large", "server/unreachable" }); // the line may be cut before its answer is read
        Assert.Empty(Directory.EnumerateFiles(small.Options.Builds, "*", SearchOption.AllDirectories));
    }

    /// <summary>As many zeros as it is asked for.</summary>
    private sealed class Zeros(long length) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => length;

        public override long Position { get; set; }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = (int)Math.Min(count, length - Position);
            buffer.AsSpan(offset, read).Clear();
            Position += read;
            return read;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
