using System.Formats.Tar;
using System.Text;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Server.Sources;

namespace Wherry.Server.Tests.Sources;

public sealed class SafeTarTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("wherry-tar-");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Root => Path.Combine(_folder.FullName, "in", "tree");

    public SafeTarTests()
    {
        _folder.CreateSubdirectory("in");
        File.WriteAllText(Path.Combine(_folder.FullName, "outside"), "untouched");
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Files_folders_links_and_the_executable_bit_arrive()
    {
        var bytes = await ExtractAsync(
            Folder("./"), FileOf("./src/run", "echo", UnixFileMode.UserExecute | UnixFileMode.SetUser | UnixFileMode.OtherWrite), FileOf("a", "1"),
            Link("src/back", "../a"), Link("dangling", "src/nothing"), Hard("b", "a"), Folder("empty"));

        Assert.Equal(6, bytes);
        Assert.Equal("echo", Text("src/run"));
        Assert.Equal(Convert.ToInt32("755", 8), (int)File.GetUnixFileMode(Path.Combine(Root, "src/run")));
        Assert.Equal(Convert.ToInt32("644", 8), (int)File.GetUnixFileMode(Path.Combine(Root, "a")));
        Assert.Equal("../a", new FileInfo(Path.Combine(Root, "src/back")).LinkTarget);
        Assert.Equal("1", Text("src/back"));
        Assert.Equal("1", Text("b"));
        Assert.True(Directory.Exists(Path.Combine(Root, "empty")));
    }

    [Fact]
    public Task DK_047_1_An_absolute_link_is_refused() => RefusedAsync("source/unsafe-path", FileOf("a", "1"), Link("link", "/etc/passwd"));

    [Fact]
    public Task DK_047_2_A_link_that_climbs_out_is_refused() => RefusedAsync("source/unsafe-path", FileOf("src/a", "1"), Link("src/link", "../../outside"));

    [Fact]
    public Task DK_047_3_An_absolute_path_is_refused() => RefusedAsync("source/unsafe-path", FileOf("/tmp/wherry-absolute", "1"));

    [Theory]
    [InlineData("../outside")]
    [InlineData("src/../../outside")]
    [InlineData("..")]
    [InlineData("src/..")]
    public Task DK_047_4_A_path_with_dots_is_refused(string name) => RefusedAsync("source/unsafe-path", FileOf(name, "1"));

    [Theory]
    [InlineData("00010000000")]
    [InlineData("10000000000")]
    [InlineData("77777777777")]
    public async Task A_name_of_many_megabytes_is_refused_before_it_is_read(string size)
    {
        var header = new byte[512];
        Encoding.ASCII.GetBytes("././@LongLink").CopyTo(header, 0);
        Encoding.ASCII.GetBytes($"0000644\00000000\00000000\0{size}\000000000000\0        L").CopyTo(header, 100);
        Encoding.ASCII.GetBytes($"{Convert.ToString(header.Sum(b => b), 8),6}\0 ").CopyTo(header, 148);
        using var tar = new MemoryStream([.. header, .. new byte[1 << 16]]);

        var e = await Assert.ThrowsAsync<ProblemException>(() => new SafeTar(new SourceOptions()).ExtractAsync(tar, Root, Ct));

        Assert.StartsWith("source/", e.Problem.Code, StringComparison.Ordinal);
        Assert.True(tar.Position < 2048);
    }

    [Fact]
    public Task DK_047_5_A_hard_link_to_something_outside_is_refused() => RefusedAsync("source/unsafe-path", FileOf("a", "1"), Hard("b", "../../outside"));

    [Fact]
    public Task Writing_through_a_link_of_the_archive_is_refused() => RefusedAsync("source/unsafe-path", Folder("real"), Link("real/up", "../.."), FileOf("real/up/outside", "overwritten"));

    [Fact]
    public Task Writing_through_a_link_that_stays_inside_is_refused_too() => RefusedAsync("source/unsafe-path", Folder("real"), Link("alias", "real"), FileOf("alias/a", "1"));

    [Fact]
    public Task A_folder_in_the_place_of_a_link_is_refused() => RefusedAsync("source/unsafe-path", Link("up", "."), Folder("up"), FileOf("up/a", "1"));

    [Fact]
    public Task Links_that_climb_out_only_together_are_refused() =>
        RefusedAsync("source/unsafe-path", Folder("p/q/r"), Link("p/q/r/top", "../../.."), Link("sneaky", "p/q/r/top/../outside"));

    [Fact]
    public Task Links_that_climb_out_together_are_refused_in_either_order() =>
        RefusedAsync("source/unsafe-path", Folder("p/q/r"), Link("sneaky", "p/q/r/top/../outside"), Link("p/q/r/top", "../../.."));

    [Fact]
    public async Task A_circle_of_links_leads_nowhere_and_may_stay()
    {
        await ExtractAsync(FileOf("a", "1"), Link("x", "y"), Link("y", "x"));

        Assert.Equal("y", new FileInfo(Path.Combine(Root, "x")).LinkTarget);
    }

    [Fact]
    public Task A_hard_link_to_a_link_is_refused() => RefusedAsync("source/unsafe-path", FileOf("a", "1"), Link("l", "a"), Hard("b", "l"));

    [Fact]
    public async Task A_file_in_the_place_of_a_link_replaces_the_link_and_not_its_target()
    {
        await ExtractAsync(FileOf("a", "1"), Link("b", "a"), FileOf("b", "2"), FileOf("a", "3"));

        Assert.Equal(("3", "2"), (Text("a"), Text("b")));
        Assert.Null(new FileInfo(Path.Combine(Root, "b")).LinkTarget);
    }

    [Theory]
    [InlineData(TarEntryType.CharacterDevice)]
    [InlineData(TarEntryType.BlockDevice)]
    [InlineData(TarEntryType.Fifo)]
    public Task Devices_and_pipes_are_refused(TarEntryType type) => RefusedAsync("source/unsafe-entry", FileOf("a", "1"), new PaxTarEntry(type, "thing"));

    [Fact]
    public async Task DK_048_More_bytes_than_the_limit_are_refused()
    {
        var limits = new SourceOptions { MaxBytes = ByteSize.Of(10) };
        await RefusedAsync("source/too-large", limits, FileOf("a", "123456"), FileOf("b", "12345"));
        await RefusedAsync("source/too-large", limits, FileOf("a", "123456"), Hard("b", "a"));

        Assert.Equal(10, await ExtractAsync(limits, FileOf("a", "12345"), FileOf("b", "12345")));
    }

    [Fact]
    public async Task DK_048_More_files_than_the_limit_are_refused()
    {
        var limits = new SourceOptions { MaxFiles = 2 };
        await RefusedAsync("source/too-large", limits, FileOf("a", ""), Folder("b"), Link("c", "a"));

        await ExtractAsync(limits, FileOf("a", ""), Folder("b"));
    }

    [Fact]
    public async Task DK_045_What_is_not_a_whole_tar_is_refused()
    {
        var whole = (await TarAsync(FileOf("a", new string('x', 5000)))).ToArray();

        await RefusedAsync("source/not-a-tar", new MemoryStream(Encoding.ASCII.GetBytes(new string('z', 2000))));
        await RefusedAsync("source/not-a-tar", new MemoryStream(whole[..2000]));
        await RefusedAsync("source/empty", new MemoryStream());
        await RefusedAsync("source/empty", await TarAsync());
    }

    private async Task RefusedAsync(string code, SourceOptions limits, params TarEntry[] entries)
    {
        var e = await Assert.ThrowsAsync<ProblemException>(() => ExtractAsync(limits, entries));
        Assert.Equal(code, e.Problem.Code);
        NothingRemains();
    }

    private async Task RefusedAsync(string code, params TarEntry[] entries) => await RefusedAsync(code, new SourceOptions(), entries);

    private async Task RefusedAsync(string code, Stream tar)
    {
        var e = await Assert.ThrowsAsync<ProblemException>(() => new SafeTar(new SourceOptions()).ExtractAsync(tar, Root, Ct));
        Assert.Equal(code, e.Problem.Code);
        NothingRemains();
    }

    private void NothingRemains()
    {
        Assert.Equal(["in", "outside"], _folder.EnumerateFileSystemInfos().Select(f => f.Name).Order());
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_folder.FullName, "in")));
        Assert.Equal("untouched", File.ReadAllText(Path.Combine(_folder.FullName, "outside")));
        Assert.False(File.Exists("/tmp/wherry-absolute"));
    }

    private Task<long> ExtractAsync(params TarEntry[] entries) => ExtractAsync(new SourceOptions(), entries);

    private async Task<long> ExtractAsync(SourceOptions limits, params TarEntry[] entries) => await new SafeTar(limits).ExtractAsync(await TarAsync(entries), Root, Ct);

    private string Text(string path) => File.ReadAllText(Path.Combine(Root, path));

    private static async Task<MemoryStream> TarAsync(params TarEntry[] entries)
    {
        var stream = new MemoryStream();
        await using (var writer = new TarWriter(stream, TarEntryFormat.Pax, leaveOpen: true))
        {
            foreach (var entry in entries)
            {
                await writer.WriteEntryAsync(entry, Ct);
            }
        }

        stream.Position = 0;
        return stream;
    }

    private static PaxTarEntry FileOf(string name, string content, UnixFileMode mode = UnixFileMode.UserRead) =>
        new(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content)), Mode = mode };

    private static PaxTarEntry Folder(string name) => new(TarEntryType.Directory, name);

    private static PaxTarEntry Link(string name, string target) => new(TarEntryType.SymbolicLink, name) { LinkName = target };

    private static PaxTarEntry Hard(string name, string target) => new(TarEntryType.HardLink, name) { LinkName = target };
}
