using System.Text;
using Wherry.Core.Problems;

namespace Wherry.Compose.Tests.Sources;

public sealed class DirectoryFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("wherry-source-").FullName;

    private string Root => Path.Combine(_folder, "root");

    public DirectoryFilesTests()
    {
        Directory.CreateDirectory(Path.Combine(Root, "sub", "deep"));
        File.WriteAllText(Path.Combine(Root, "a.txt"), "a");
        File.WriteAllText(Path.Combine(Root, "sub", "b.txt"), "b");
        File.WriteAllText(Path.Combine(_folder, "secret"), "outside");
        Directory.CreateDirectory(Path.Combine(_folder, "root-2"));
        File.WriteAllText(Path.Combine(_folder, "root-2", "secret"), "outside");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("a.txt", "a")]
    [InlineData("./a.txt", "a")]
    [InlineData("sub//b.txt", "b")]
    [InlineData("gone.txt", null)]
    [InlineData("sub", null)]
    [InlineData("a.txt/b", null)]
    public void A_file_inside_is_read_and_a_missing_one_is_null(string path, string? text)
    {
        Assert.Equal(text, Files().ReadText(path));
        Assert.Equal(text, Files().ReadBytes(path) is { } bytes ? Encoding.UTF8.GetString(bytes) : null);
    }

    [Theory]
    [InlineData("../secret")]
    [InlineData("sub/../../secret")]
    [InlineData("/etc/passwd")]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("a\0b")]
    [InlineData("-x")]
    public void A_path_that_leaves_is_refused(string path) => AssertLeaves(path);

    [Theory]
    [InlineData("link", "../secret", "link")]
    [InlineData("link", "/etc/passwd", "link")]
    [InlineData("link", "..", "link/secret")]
    [InlineData("link", "/", "link/etc/passwd")]
    [InlineData("link", "../root-2", "link/secret")]
    [InlineData("sub/deep/link", "../../../secret", "sub/deep/link")]
    [InlineData("link", "link", "link")]
    [InlineData("link", "../gone", "link")]
    public void A_link_that_leaves_is_refused(string link, string target, string path)
    {
        File.CreateSymbolicLink(Path.Combine(Root, link), target);

        AssertLeaves(path);
    }

    [Fact]
    public void A_link_to_a_link_that_leaves_is_refused()
    {
        File.CreateSymbolicLink(Path.Combine(Root, "one"), "sub/two");
        File.CreateSymbolicLink(Path.Combine(Root, "sub", "two"), "../../secret");

        AssertLeaves("one");
    }

    [Theory]
    [InlineData("sub/b.txt")]
    [InlineData("./sub/deep/../b.txt")]
    [InlineData("../root/sub/b.txt")]
    [InlineData("ROOT/sub/b.txt")]
    public void A_link_that_stays_inside_is_followed(string target)
    {
        File.CreateSymbolicLink(Path.Combine(Root, "link"), target.Replace("ROOT", Root, StringComparison.Ordinal));

        Assert.Equal("b", Files().ReadText("link"));
    }

    [Fact]
    public void The_root_itself_may_be_a_link()
    {
        var alias = Path.Combine(_folder, "alias");
        Directory.CreateSymbolicLink(alias, Root);
        File.CreateSymbolicLink(Path.Combine(Root, "link"), Path.Combine(Root, "a.txt"));

        Assert.Equal("a", new DirectoryFiles(alias).ReadText("link"));
    }

    [Fact]
    public void A_large_file_is_refused()
    {
        File.WriteAllBytes(Path.Combine(Root, "large"), new byte[(1 << 20) + 1]);
        File.WriteAllBytes(Path.Combine(Root, "fits"), new byte[1 << 20]);

        Assert.Equal("source/file", Assert.Throws<ProblemException>(() => Files().ReadBytes("large")).Problem.Code);
        Assert.Equal(1 << 20, Files().ReadBytes("fits")?.Length);
    }

    [Fact]
    public void A_Compose_file_is_read_from_a_folder()
    {
        File.WriteAllText(Path.Combine(Root, "compose.yml"), "services: { web: { image: x, env_file: sub/b.env } }");
        File.WriteAllText(Path.Combine(Root, "sub", "b.env"), "A=$B");
        File.WriteAllText(Path.Combine(Root, ".env"), "B=dotenv");
        var name = Assert.Single(ComposeFiles.Find(Files(), A.Vars()));

        var result = ComposeReader.Read(new() { Text = Files().ReadText(name)!, FileName = name, Files = Files() });

        Assert.Equal("dotenv", A.Service(result.Model, "web").Environment["A"]);
    }

    [Fact]
    public void Files_below_a_folder_are_found_in_order_and_links_out_of_it_are_not_followed()
    {
        var folder = Directory.CreateDirectory(Path.Combine(Root, "tree", "b")).FullName;
        Directory.CreateDirectory(Path.Combine(Root, "tree", ".git"));
        File.WriteAllText(Path.Combine(Root, "tree", ".git", "HEAD"), "x");
        File.WriteAllText(Path.Combine(folder, "one"), "1");
        File.WriteAllText(Path.Combine(Root, "tree", "a"), "2");
        Directory.CreateSymbolicLink(Path.Combine(Root, "tree", "c"), "/etc");

        Assert.Equal(["tree/a", "tree/b/one", "tree/c"], Files().FilesBelow("./tree", 10));
        Assert.Equal(["tree/a"], Files().FilesBelow("tree", 1));
        Assert.Empty(Files().FilesBelow("gone", 10));
        Assert.Equal("source/path", Assert.Throws<ProblemException>(() => Files().FilesBelow("tree/c", 10)).Problem.Code);
        AssertLeaves("tree/c");
    }

    private DirectoryFiles Files() => new(Root);

    private void AssertLeaves(string path) =>
        Assert.Equal("source/path", Assert.Throws<ProblemException>(() => Files().ReadBytes(path)).Problem.Code);
}
