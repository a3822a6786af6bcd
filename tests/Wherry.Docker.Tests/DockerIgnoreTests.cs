using Wherry.Core.Problems;

namespace Wherry.Docker.Tests;

public sealed class DockerIgnoreTests
{
    [Theory]
    [InlineData("node_modules", "node_modules", true)]
    [InlineData("node_modules", "node_modules/left-pad/index.js", true)]
    [InlineData("node_modules", "web/node_modules", false)]
    [InlineData("**/node_modules", "node_modules", true)]
    [InlineData("**/node_modules", "a/b/node_modules/c", true)]
    [InlineData("**/node_modules", "a/my_node_modules", false)]
    [InlineData("*.md", "README.md", true)]
    [InlineData("*.md", "docs/README.md", false)]
    [InlineData("**/*.md", "docs/deep/README.md", true)]
    [InlineData("*/temp*", "a/temporary.txt", true)]
    [InlineData("*/temp*", "a/b/temporary.txt", false)]
    [InlineData("*/*/temp*", "a/b/temporary.txt", true)]
    [InlineData("temp?", "tempa", true)]
    [InlineData("temp?", "temp", false)]
    [InlineData("temp?", "temp/", false)]
    [InlineData("/foo/bar", "foo/bar", true)]
    [InlineData("foo/bar/", "foo/bar/baz", true)]
    [InlineData("foo//./bar", "foo/bar", true)]
    [InlineData("foo/../bar", "bar", true)]
    [InlineData("docs/**", "docs/a/b", true)]
    [InlineData("docs/**", "docs", false)]
    [InlineData("docs/**/x", "docs/x", true)]
    [InlineData("docs/**/x", "docs/a/b/x", true)]
    [InlineData("**", "anything/at/all", true)]
    [InlineData("*", "anything", true)]
    [InlineData("a**b", "a/x/b", true)]
    [InlineData("[a-c].txt", "b.txt", true)]
    [InlineData("[^a-c].txt", "b.txt", false)]
    [InlineData("[^a-c].txt", "d.txt", true)]
    [InlineData(@"\*.txt", "*.txt", true)]
    [InlineData(@"\*.txt", "a.txt", false)]
    [InlineData("a.b+(c)$", "a.b+(c)$", true)]
    [InlineData("a.b", "axb", false)]
    [InlineData("# comment", "# comment", false)]
    [InlineData("  spaced  ", "spaced", true)]
    [InlineData("\uFEFFbom", "bom", true)]
    [InlineData("ünï/*", "ünï/x", true)]
    [InlineData("Case", "case", false)]
    [InlineData(".", "anything", false)]
    [InlineData("", "anything", false)]
    public void A_pattern_ignores_what_docker_ignores(string pattern, string path, bool ignored) =>
        Assert.Equal(ignored, DockerIgnore.Parse(pattern).Ignores(path));

    [Theory]
    [InlineData("README.md", false)]
    [InlineData("README-secret.md", true)]
    [InlineData("CHANGES.md", true)]
    [InlineData("main.c", false)]
    public void The_last_pattern_that_matches_decides(string path, bool ignored) =>
        Assert.Equal(ignored, DockerIgnore.Parse("*.md\n!README*.md\nREADME-secret.md").Ignores(path));

    [Theory]
    [InlineData("secret", "!secret/public", "secret/public/a", false)]
    [InlineData("secret", "!secret/public", "secret/other", true)]
    [InlineData("*", "!src", "src/deep/file", false)]
    [InlineData("*", "! src/app ", "src/app", false)]
    [InlineData("**", "!**/*.go", "a/b/c.go", false)]
    public void An_exception_holds_below_an_ignored_folder(string pattern, string exception, string path, bool ignored) =>
        Assert.Equal(ignored, DockerIgnore.Parse($"{pattern}\r\n{exception}\r\n").Ignores(path));

    [Theory]
    [InlineData("secret", "secret", true)]
    [InlineData("secret\n!secret/public", "secret", false)]
    [InlineData("secret\n!other", "secret", true)]
    [InlineData("**\n!**/*.go", "a", false)]
    [InlineData("*\n!src/*.go", "src", false)]
    [InlineData("*\n!src/*.go", "docs", true)]
    [InlineData("other", "secret", false)]
    public void A_folder_is_skipped_only_when_nothing_below_can_be_an_exception(string patterns, string folder, bool skipped) =>
        Assert.Equal(skipped, DockerIgnore.Parse(patterns).IgnoresAllBelow(folder));

    [Fact]
    public void A_pattern_that_cannot_be_read_is_named()
    {
        var e = Assert.Throws<ProblemException>(() => DockerIgnore.Parse("ok\n[a-"));

        Assert.Equal("build/dockerignore", e.Problem.Code);
        Assert.Contains("[a-", e.Problem.Message, StringComparison.Ordinal);
    }
}
