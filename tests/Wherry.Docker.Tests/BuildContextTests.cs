using System.Formats.Tar;
using System.Net.Sockets;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Docker.Tests.Fixture;

namespace Wherry.Docker.Tests;

public sealed class BuildContextTests : IDisposable
{
    private readonly SourceFolder _source = new SourceFolder().With("Dockerfile", "FROM scratch\n");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _source.Dispose();

    [Fact]
    public async Task Entries_come_in_order_with_folders_first_and_nothing_of_this_machine_in_them()
    {
        _source.With("b/two", "2").With("b/one", "1").With("a", "0").WithLink("c", "b/one");
        File.SetUnixFileMode(_source.At("a"), UnixFileMode.UserRead | UnixFileMode.UserExecute);

        var entries = await EntriesAsync(BuildContext.Open(_source.Path, SourcePath.Root));

        Assert.Equal(["Dockerfile", "a", "b/", "b/one", "b/two", "c"], entries.Select(e => e.Name));
        Assert.All(entries, e => Assert.Equal((0, 0, DateTimeOffset.UnixEpoch), (e.Uid, e.Gid, e.ModificationTime)));
        Assert.Equal(["644", "755", "755", "644", "644", "644"], entries.Select(e => Convert.ToString((int)e.Mode, 8)));
        Assert.Equal((TarEntryType.SymbolicLink, "b/one"), (entries[5].EntryType, entries[5].LinkName));
    }

    [Fact]
    public async Task The_same_tree_gives_the_same_bytes_and_the_same_digest_whenever_it_was_written()
    {
        _source.With("src/main", "code").WithLink("link", "src/main");
        using var copy = new SourceFolder().With("src/main", "code").With("Dockerfile", "FROM scratch\n").WithLink("link", "src/main");
        File.SetLastWriteTimeUtc(copy.At("src/main"), new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        File.SetUnixFileMode(copy.At("src/main"), UnixFileMode.UserRead | UnixFileMode.UserWrite);

        var (one, two) = (BuildContext.Open(_source.Path, SourcePath.Root), BuildContext.Open(copy.Path, SourcePath.Root));

        Assert.Equal(await BytesAsync(one), await BytesAsync(two));
        Assert.Equal(await one.DigestAsync(Stop), await two.DigestAsync(Stop));
    }

    [Theory]
    [InlineData("content")]
    [InlineData("name")]
    [InlineData("execute bit")]
    [InlineData("kind")]
    [InlineData("link target")]
    [InlineData("empty folder")]
    [InlineData("dockerfile")]
    public async Task Anything_that_changes_the_image_changes_the_digest(string change)
    {
        _source.With("file", "text").With("other", "text").WithLink("link", "file").With("Dockerfile.web", "FROM scratch\n");
        var before = await BuildContext.Open(_source.Path, SourcePath.Root).DigestAsync(Stop);
        switch (change)
        {
            case "content":
                _source.With("file", "texT");
                break;
            case "name":
                File.Move(_source.At("file"), _source.At("fil"));
                break;
            case "execute bit":
                File.SetUnixFileMode(_source.At("file"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
                break;
            case "kind":
                File.Delete(_source.At("file"));
                _source.WithLink("file", "text");
                break;
            case "link target":
                File.Delete(_source.At("link"));
                _source.WithLink("link", "other");
                break;
            case "empty folder":
                Directory.CreateDirectory(_source.At("empty"));
                break;
        }

        var after = await BuildContext.Open(_source.Path, SourcePath.Root, change == "dockerfile" ? "Dockerfile.web" : "Dockerfile").DigestAsync(Stop);

        Assert.NotEqual(before, after);
    }

    [Fact]
    public async Task What_is_ignored_changes_no_digest()
    {
        _source.With(".dockerignore", "log\n").With("log/a", "1").With("kept", "x");
        var before = await BuildContext.Open(_source.Path, SourcePath.Root).DigestAsync(Stop);
        _source.With("log/a", "2").With("log/b", "3");

        Assert.Equal(before, await BuildContext.Open(_source.Path, SourcePath.Root).DigestAsync(Stop));
    }

    [Fact]
    public async Task Dockerfile_and_dockerignore_are_sent_although_they_are_ignored_and_exceptions_bring_their_folders()
    {
        _source.With(".dockerignore", "*\n!src/**/keep\n").With("src/a/keep", "1").With("src/a/drop", "1").With("src/b/drop", "1").With("other", "1");

        var entries = await EntriesAsync(BuildContext.Open(_source.Path, SourcePath.Root));

        Assert.Equal([".dockerignore", "Dockerfile", "src/", "src/a/", "src/a/keep"], entries.Select(e => e.Name));
    }

    [Fact]
    public async Task The_dockerfiles_own_ignore_file_wins()
    {
        _source.With(".dockerignore", "general").With("web.Dockerfile", "FROM scratch").With("web.Dockerfile.dockerignore", "special").With("general", "1").With("special", "1");

        var names = (await EntriesAsync(BuildContext.Open(_source.Path, SourcePath.Root, "web.Dockerfile"))).Select(e => e.Name).ToArray();

        Assert.Contains("general", names);
        Assert.DoesNotContain("special", names);
    }

    [Fact]
    public async Task A_folder_of_the_tree_is_a_context_with_a_dockerfile_from_elsewhere_in_it()
    {
        _source.With("services/web/index", "hi").With("docker/web.Dockerfile", "FROM scratch\nCOPY index /\n");

        var context = BuildContext.Open(_source.Path, SourcePath.Parse("services/web"), "../../docker/web.Dockerfile");
        var entries = await EntriesAsync(context);

        Assert.Equal(["index", context.Dockerfile], entries.Select(e => e.Name));
        Assert.StartsWith(".dockerfile.", context.Dockerfile, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("link")]
    [InlineData("link/below")]
    [InlineData("inner/link")]
    public void A_context_that_leaves_the_tree_through_a_symlink_is_refused(string context)
    {
        using var outside = new SourceFolder().With("below/Dockerfile", "FROM scratch").With("Dockerfile", "FROM scratch");
        Directory.CreateDirectory(_source.At("inner"));
        _source.WithLink("link", outside.Path).WithLink("inner/link", Path.GetRelativePath(_source.At("inner"), outside.Path));

        var e = Assert.Throws<ProblemException>(() => BuildContext.Open(_source.Path, SourcePath.Parse(context)));

        Assert.Equal("build/context-escape", e.Problem.Code);
    }

    [Theory]
    [InlineData("../../../../../../../../etc/hostname")]
    [InlineData("/etc/hostname")]
    [InlineData("Dockerfile.link")]
    public void A_dockerfile_outside_the_tree_is_refused(string dockerfile)
    {
        _source.WithLink("Dockerfile.link", "/etc/hostname");

        Assert.Equal("build/context-escape", Assert.Throws<ProblemException>(() => BuildContext.Open(_source.Path, SourcePath.Root, dockerfile)).Problem.Code);
    }

    [Fact]
    public void An_ignore_file_outside_the_tree_is_refused()
    {
        _source.WithLink(".dockerignore", "/etc/hostname");

        Assert.Equal("build/context-escape", Assert.Throws<ProblemException>(() => BuildContext.Open(_source.Path, SourcePath.Root)).Problem.Code);
    }

    [Fact]
    public async Task A_symlink_in_the_context_is_sent_as_it_is_and_never_followed()
    {
        _source.WithLink("passwd", "/etc/passwd").WithLink("loop", "loop").WithLink("up", "..");

        var entries = await EntriesAsync(BuildContext.Open(_source.Path, SourcePath.Root));

        Assert.Equal([("Dockerfile", ""), ("loop", "loop"), ("passwd", "/etc/passwd"), ("up", "..")], entries.Select(e => (e.Name, e.LinkName)));
    }

    [Fact]
    public void What_is_missing_is_named()
    {
        Assert.Equal("build/context-missing", Assert.Throws<ProblemException>(() => BuildContext.Open(_source.Path, SourcePath.Parse("no/such"))).Problem.Code);
        Assert.Equal("build/context-missing", Assert.Throws<ProblemException>(() => BuildContext.Open(_source.Path, SourcePath.Parse("Dockerfile"))).Problem.Code);
        var e = Assert.Throws<ProblemException>(() => BuildContext.Open(_source.Path, SourcePath.Root, "nope/Dockerfile"));
        Assert.Equal("build/dockerfile-missing", e.Problem.Code);
        Assert.Contains("nope/Dockerfile", e.Problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_socket_is_refused_unless_it_is_ignored()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(_source.At("app.sock")));

        var e = await Assert.ThrowsAsync<ProblemException>(() => EntriesAsync(BuildContext.Open(_source.Path, SourcePath.Root)));
        Assert.Equal("build/context-read", e.Problem.Code);
        Assert.Contains("app.sock", e.Problem.Message, StringComparison.Ordinal);

        _source.With(".dockerignore", "*.sock");
        Assert.Equal([".dockerignore", "Dockerfile"], (await EntriesAsync(BuildContext.Open(_source.Path, SourcePath.Root))).Select(x => x.Name));
    }

    [Fact]
    public async Task Long_and_foreign_names_survive()
    {
        var name = string.Join('/', Enumerable.Repeat(new string('x', 100), 4)) + "/ünïcode ⚓ file";
        _source.With(name, "1");

        Assert.Contains(await EntriesAsync(BuildContext.Open(_source.Path, SourcePath.Root)), e => e.Name == name);
    }

    private static async Task<byte[]> BytesAsync(BuildContext context)
    {
        using var bytes = new MemoryStream();
        await context.WriteAsync(bytes, Stop);
        return bytes.ToArray();
    }

    private static async Task<List<TarEntry>> EntriesAsync(BuildContext context)
    {
        await using var reader = new TarReader(new MemoryStream(await BytesAsync(context)));
        List<TarEntry> entries = [];
        while (await reader.GetNextEntryAsync(copyData: true, Stop) is { } entry)
        {
            entries.Add(entry);
        }

        return entries;
    }
}
