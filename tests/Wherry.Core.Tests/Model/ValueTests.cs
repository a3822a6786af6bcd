using FsCheck;
using FsCheck.Fluent;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using HostName = Wherry.Core.Model.HostName;

namespace Wherry.Core.Tests.Model;

/// <summary>What the door lets in. The tables of each type stand in their own files.</summary>
public sealed class ValueTests
{
    private static readonly Func<string, string>[] Doors =
    [
        t => ProjectName.Parse(t).Value, t => EnvironmentName.Parse(t).Value, t => ServiceName.Parse(t).Value, t => VariableName.Parse(t).Value, t => TokenName.Parse(t).Value,
        t => ImageReference.Parse(t).Value, t => HostName.Parse(t).Value, t => PathPrefix.Parse(t).Value, t => SourcePath.Parse(t).Value,
        t => GitRef.Parse(t).Value, t => GitUrl.Parse(t).Value, t => ByteSize.Parse(t).Value,
    ];

    /// <summary>Pieces that break parsers, put together at random.</summary>
    private static readonly string[] Pieces =
    [
        "", "a", "A", "web", "-", "--", "_", ".", "..", "/", "//", "\\", ":", "::", "@", "#", "?", "%", "%2e", "%0a", "*", "*.", " ", "\t", "\n", "\r\n", "\0", "\u001b[31m", "\u202e", "ü", "bücher", "日本", "\ud800", "😀",
        "0", "1", "80", "99999999999999999999", "1.5", "k", "gb", "sha256", "latest", "example.com", "localhost", "https://", "ssh://", "git@", "ext::", "-oProxyCommand=", "$(id)", "`id`", ";", "'", "\"", ".git", ".lock", "HEAD", new string('a', 300),
    ];

    [Fact]
    public void Bad_text_gets_a_problem_and_nothing_else_and_what_is_let_in_is_let_in_again()
    {
        Prop.ForAll(Arb.From(Gen.ArrayOf(Gen.Elements(Pieces)).Select(string.Concat)), Holds).Check(Config.QuickThrowOnFailure.WithMaxTest(4000).WithQuietOnSuccess(true));
        Prop.ForAll(Arb.From(ArbMap.Default.GeneratorFor<string>().Select(t => t ?? "")), Holds).Check(Config.QuickThrowOnFailure.WithMaxTest(1000).WithQuietOnSuccess(true));
    }

    [Fact]
    public void No_name_at_all_is_no_name()
    {
        Assert.Equal("service/name", Assert.Throws<ProblemException>(() => ServiceName.Parse(null!)).Problem.Code);
        Assert.Equal("project/name", Assert.Throws<ProblemException>(() => ProjectName.Parse(null!)).Problem.Code);
    }

    [Fact]
    public void A_problem_repeats_bad_text_shortened_and_without_control_characters()
    {
        var message = Assert.Throws<ProblemException>(() => ProjectName.Parse("a\nb\u001b[31m\u202e" + new string('x', 500))).Message;

        Assert.DoesNotContain(message, c => char.IsControl(c) || c == '\u202e');
        Assert.InRange(message.Length, 1, 120);
    }

    [Theory]
    [InlineData("web", true)]
    [InlineData("pr-42", true)]
    [InlineData("a", true)]
    [InlineData("a123456789b123456789c123456789d123456789", true)]
    [InlineData("a123456789b123456789c123456789d1234567890", false)]
    [InlineData("Web", false)]
    [InlineData("1web", false)]
    [InlineData("web-", false)]
    [InlineData("-web", false)]
    [InlineData("we_b", false)]
    [InlineData("../web", false)]
    [InlineData("web\n", false)]
    [InlineData("", false)]
    public void Projects_and_environments_are_named_like_dns_labels(string text, bool good)
    {
        Assert.Equal(good ? null : "project/name", Code(() => ProjectName.Parse(text)));
        Assert.Equal(good ? null : "environment/name", Code(() => EnvironmentName.Parse(text)));
    }

    [Theory]
    [InlineData("web", true)]
    [InlineData("Web_1.a-b", true)]
    [InlineData("1", true)]
    [InlineData("-web", false)]
    [InlineData(".web", false)]
    [InlineData("we/b", false)]
    [InlineData("../web", false)]
    [InlineData("we b", false)]
    [InlineData("web\n", false)]
    [InlineData("wéb", false)]
    [InlineData("", false)]
    public void Services_and_tokens_are_named_by_composes_rule(string text, bool good)
    {
        Assert.Equal(good ? null : "service/name", Code(() => ServiceName.Parse(text)));
        Assert.Equal(good ? null : "token/name", Code(() => TokenName.Parse(text)));
    }

    [Theory]
    [InlineData("PATH", true)]
    [InlineData("_a1", true)]
    [InlineData("1A", false)]
    [InlineData("A-B", false)]
    [InlineData("A=B", false)]
    [InlineData("A\n", false)]
    [InlineData("", false)]
    public void Variables_are_named_like_the_shells(string text, bool good) => Assert.Equal(good ? null : "variable/name", Code(() => VariableName.Parse(text)));

    [Theory]
    [InlineData("/", "/")]
    [InlineData("/api", "/api")]
    [InlineData("/api/", "/api")]
    [InlineData("/a/b.c/~d", "/a/b.c/~d")]
    [InlineData("/%C3%BC", "/%C3%BC")]
    [InlineData("", null)]
    [InlineData("api", null)]
    [InlineData("//", null)]
    [InlineData("/a//b", null)]
    [InlineData("/a/../b", null)]
    [InlineData("/./a", null)]
    [InlineData("/a?b", null)]
    [InlineData("/a#b", null)]
    [InlineData("/a b", null)]
    [InlineData("/a%", null)]
    [InlineData("/a\n", null)]
    public void Path_prefixes(string text, string? expected) => AssertParses("route/path", expected, () => PathPrefix.Parse(text).Value);

    [Theory]
    [InlineData(".", ".")]
    [InlineData("./", ".")]
    [InlineData("services/api", "services/api")]
    [InlineData("./services//api/", "services/api")]
    [InlineData("a/-b", "a/-b")]
    [InlineData("...", "...")]
    [InlineData("", null)]
    [InlineData("/etc", null)]
    [InlineData("..", null)]
    [InlineData("a/../../b", null)]
    [InlineData("-a", null)]
    [InlineData("./-a", null)]
    [InlineData("a\\b", null)]
    [InlineData("a\nb", null)]
    public void Source_paths_never_leave_the_tree(string text, string? expected) => AssertParses("source/path", expected, () => SourcePath.Parse(text).Value);

    [Fact]
    public void A_source_path_below_another() => Assert.Equal("services/api", SourcePath.Parse("api").Below(SourcePath.Parse("services")).Value);

    [Theory]
    [InlineData("0", 0L)]
    [InlineData("512", 512L)]
    [InlineData("512b", 512L)]
    [InlineData("64k", 65536L)]
    [InlineData("100MB", 104857600L)]
    [InlineData("1.5g", 1610612736L)]
    [InlineData("1 gb", 1073741824L)]
    [InlineData("1024t", 1125899906842624L)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("9223372036854775808", null)]
    [InlineData("9999999999999t", null)]
    [InlineData("-1", null)]
    [InlineData("1e3", null)]
    [InlineData("1,5g", null)]
    [InlineData("1kib", null)]
    [InlineData("g", null)]
    [InlineData("1g\n", null)]
    [InlineData("", null)]
    public void Sizes(string text, long? expected)
    {
        AssertParses("size/format", expected?.ToString((IFormatProvider?)null), () => ByteSize.Parse(text).Value);
        Assert.Equal(expected, expected is { } bytes ? ByteSize.Parse(ByteSize.Of(bytes).Value).Bytes : null);
    }

    private static void Holds(string text)
    {
        foreach (var door in Doors)
        {
            try
            {
                var value = door(text);
                Assert.Equal(value, door(value));
                Assert.DoesNotContain(value, char.IsControl);
            }
            catch (ProblemException e)
            {
                Assert.NotEmpty(e.Problem.Code);
                Assert.NotEmpty(e.Problem.Hint);
            }
        }
    }

    internal static void AssertParses(string code, string? expected, Func<string> parse)
    {
        if (expected is null)
        {
            Assert.Equal(code, Code(parse));
        }
        else
        {
            Assert.Equal(expected, parse());
        }
    }

    private static string? Code(Func<object> parse)
    {
        try
        {
            _ = parse();
            return null;
        }
        catch (ProblemException e)
        {
            return e.Problem.Code;
        }
    }
}
