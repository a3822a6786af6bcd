using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Wherry.Cli.Problems;

namespace Wherry.Cli.Tests.Problems;

public sealed partial class ProblemPagesTests
{
    [Fact]
    public async Task Explain_needs_no_server()
    {
        var ran = await A.RunAsync("explain", "(health/deadline)", "--home", "/nowhere");

        Assert.Equal(0, ran.Code);
        Assert.Contains("not healthy in time", ran.Out, StringComparison.Ordinal);
        Assert.Contains("**Mend:**", ran.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_code_names_near_ones()
    {
        var ran = await A.RunAsync("explain", "health/dedline", "--home", "/nowhere");

        Assert.Equal(3, ran.Code);
        Assert.Contains("health/deadline", ran.Err, StringComparison.Ordinal);
    }

    [Fact]
    public void No_code_stands_twice_and_every_section_says_how_to_mend_it()
    {
        var pages = ProblemPages.All().ToList();

        Assert.Equal(pages.Count, pages.Select(p => p.Code).Distinct().Count());
        Assert.All(pages, p => Assert.True(p.Text.Contains("**Mend:**", StringComparison.Ordinal), p.Code));
    }

    [Fact]
    public void Every_code_in_the_sources_has_a_section()
    {
        var known = ProblemPages.All().Select(p => p.Code).ToHashSet();
        var used = Directory.GetFiles(Path.Combine(Root(), "src"), "*.cs", SearchOption.AllDirectories).SelectMany(f => Code().Matches(File.ReadAllText(f)).Select(m => m.Groups["code"].Value)).ToHashSet();

        Assert.True(used.Count > 80, $"only {used.Count} codes found: the pattern is wrong");
        Assert.Empty(used.Except(known).Order());
    }

    private static string Root([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(here, "../../../.."));

    [GeneratedRegex("""Problem\(\s*"(?<code>[a-z]+/[a-z0-9-]+)",""")]
    private static partial Regex Code();
}
