using Wherry.Cli.Variables;
using Wherry.Core.Problems;

namespace Wherry.Cli.Tests.Variables;

public sealed class EnvFileTests
{
    [Fact]
    public void DC_13_An_imported_file_keeps_dollars_quotes_hashes_and_line_ends()
    {
        const string File = """
            # a comment
            PLAIN=value
            export SPACED=" two words "
            DOLLAR='a$b${c}'
            HASH=a#b
            COMMENT=a # b
            MULTI="line 1
            line 2"
            QUOTES='say "hi"'
            EMPTY=
            """;

        var values = EnvCommand.Parse(File, ".env");

        Assert.Equal(
            new Dictionary<string, string>
            {
                ["PLAIN"] = "value",
                ["SPACED"] = " two words ",
                ["DOLLAR"] = "a$b${c}",
                ["HASH"] = "a#b",
                ["COMMENT"] = "a",
                ["MULTI"] = "line 1\nline 2",
                ["QUOTES"] = "say \"hi\"",
                ["EMPTY"] = "",
            },
            values);
    }

    [Fact]
    public void A_line_that_cannot_be_read_is_named_and_nothing_is_set()
    {
        var problem = Assert.Throws<ProblemException>(() => EnvCommand.Parse("A=1\n???\n", ".env")).Problem;

        Assert.Equal("variable/file", problem.Code);
        Assert.Contains("line 2", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("secret\n", "secret")]
    [InlineData("secret\r\n", "secret")]
    [InlineData("two\nlines\n\n", "two\nlines\n")]
    [InlineData("bare", "bare")]
    public async Task A_value_from_standard_input_loses_one_line_end_and_nothing_else(string input, string expected) =>
        Assert.Equal(expected, await StandardInput.ReadAllAsync(A.World(input: input), TestContext.Current.CancellationToken));
}
