using System.Text;
using Wherry.Compose.Interpolation;

namespace Wherry.Compose.Tests.Interpolation;

public sealed class EnvFileTests
{
    [Theory]
    [InlineData("A=b", "b")]
    [InlineData("A = b", "b")]
    [InlineData("export A=b", "b")]
    [InlineData("  A=b  ", "b")]
    [InlineData("A: b", "b")]
    [InlineData("A=", "")]
    [InlineData("A=b c", "b c")]
    [InlineData("A=b # comment", "b")]
    [InlineData("A=b\t# comment", "b")]
    [InlineData("A=b#c", "b#c")]
    [InlineData("A=#b", "#b")]
    [InlineData("A= # comment", "")]
    [InlineData("A=b=c==", "b=c==")]
    [InlineData("A=b\\n", "b\\n")]
    [InlineData("A=it's", "it's")]
    [InlineData("# A=no\n\nA=b\r\n", "b")]
    [InlineData("A='b # c'", "b # c")]
    [InlineData("A='b' # c", "b")]
    [InlineData("A='$HOST ${X} \\n \"'", "$HOST ${X} \\n \"")]
    [InlineData("A='it\\'s'", "it's")]
    [InlineData("A='a\nb'", "a\nb")]
    [InlineData("A=\"a\nb\" # c", "a\nb")]
    [InlineData("A=\"a\\nb\\tc\\\\d\\\"e\"", "a\nb\tc\\d\"e")]
    [InlineData("A=\"\\$HOST\"", "$HOST")]
    [InlineData("A=\"<$HOST>\"", "<h>")]
    [InlineData("A=$HOST/x", "h/x")]
    [InlineData("A=${NONE:-d}", "d")]
    [InlineData("A=a$$b", "a$b")]
    [InlineData("B=1\nA=$B$B", "11")]
    [InlineData("HOST=file\nA=$HOST", "h")]
    [InlineData("A=1\nA=2", "2")]
    [InlineData("\uFEFFA=b", "b")]
    [InlineData("A=grüße 🚢", "grüße 🚢")]
    public void DC_015_A_line_of_an_env_file_gives_its_value(string file, string value) =>
        Assert.Equal(value, Read(file)["A"]);

    [Fact]
    public void DC_015_A_name_alone_takes_the_variable_and_is_absent_when_there_is_none()
    {
        var environment = Read("HOST\nexport OTHER\nexport\nA=b");

        Assert.Equal(new Dictionary<string, string> { ["HOST"] = "h", ["A"] = "b" }, environment);
    }

    [Theory]
    [InlineData("A=$", "web.env:1 A: $ is not followed by the name of a variable")]
    [InlineData("B=1\n\nA=p$1\n", "web.env:3 A: $ is not followed")]
    [InlineData("A=\"b", "web.env:1 A: the quote opened on line 1 is not closed")]
    [InlineData("A='b'c", "web.env:1 A: something follows the closing quote")]
    [InlineData("B='x\ny'\nA B=c", "web.env:3 the name of a variable must be followed by =")]
    [InlineData("=b", "web.env:1 a line must be NAME=value")]
    [InlineData("A=${NONE:?say so}", "web.env:1 A: say so")]
    public void A_line_that_cannot_be_read_is_a_problem_with_its_line_and_without_its_value(string file, string message)
    {
        var problem = A.WebProblem("env_file: web.env", A.Vars(("HOST", "h")), ("web.env", file));

        Assert.Equal("compose/env-file", problem.Code);
        Assert.StartsWith($"compose.yaml:4:15 services.web.env_file: {message}", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void DP_016_Dollars_quotes_hashes_and_newlines_survive_in_single_quotes()
    {
        const string value = "p$ss ${X} \"q\" #h \\n\nsecond line # too";

        Assert.Equal(value, Read($"A='{value}'")["A"]);
    }

    [Theory]
    [InlineData("p$ss${X}$$")]
    [InlineData("\"quoted\"")]
    [InlineData("'quoted' # not a comment")]
    [InlineData("#hash")]
    [InlineData("\\n\\$ a=b")]
    [InlineData("  spaces around  ")]
    public void DP_016_The_raw_format_keeps_a_value_byte_by_byte(string value)
    {
        var web = A.Web("env_file:\n  - path: raw.env\n    format: raw", A.Vars(("HOST", "h")), ("raw.env", $"# comment\n\nA={value}\nHOST\nGONE\n"));

        Assert.Equal(new Dictionary<string, string> { ["A"] = value, ["HOST"] = "h" }, web.Environment);
    }

    [Fact]
    public void DC_015_A_missing_file_is_a_problem_unless_it_is_not_required()
    {
        var problem = A.WebProblem("env_file: [gone.env]");

        Assert.Equal("compose/file-missing", problem.Code);
        Assert.StartsWith("compose.yaml:4:16 services.web.env_file[0]: \"gone.env\" is not in the source", problem.Message, StringComparison.Ordinal);
        Assert.Empty(A.Web("env_file:\n  - path: gone.env\n    required: false").Environment);
    }

    [Theory]
    [InlineData("../secret.env")]
    [InlineData("/etc/passwd")]
    [InlineData("~/x.env")]
    [InlineData("a/../../x.env")]
    public void A_file_outside_of_the_source_is_refused(string path) =>
        Assert.Equal("source/path", A.WebProblem($"env_file: {path}").Code);

    [Fact]
    public void A_file_that_is_not_UTF_8_is_refused()
    {
        var input = new ComposeInput { Text = A.WebFile("env_file: a.env"), Files = new InMemoryFiles(new Dictionary<string, byte[]> { ["a.env"] = [0x41, 0x3D, 0xFF] }) };

        Assert.Equal("source/file", Assert.Throws<Wherry.Core.Problems.ProblemException>(() => ComposeReader.Read(input)).Problem.Code);
    }

    [Fact]
    public void Random_files_are_read_or_reported_and_nothing_else()
    {
        var random = new Random(4711);
        const string alphabet = "AB=:'\"\\$#{}\n\r \t-?+é";
        for (var i = 0; i < 5000; i++)
        {
            var text = new StringBuilder();
            for (var length = random.Next(40); length > 0; length--)
            {
                text.Append(alphabet[random.Next(alphabet.Length)]);
            }

            var file = Wherry.Compose.Interpolation.EnvFile.Parse(text.ToString(), _ => null, _ => { });

            Assert.All(file.Problems, p => Assert.InRange(p.Line, 1, 42));
            Assert.All(file.Values.Keys, k => Assert.NotEmpty(k));
        }
    }

    private static IReadOnlyDictionary<string, string> Read(string file) =>
        A.Web("env_file: web.env", A.Vars(("HOST", "h")), ("web.env", file)).Environment;

    [Fact]
    public void Lines_that_repeat_each_other_do_not_become_a_large_file()
    {
        var text = new StringBuilder($"A0={new string('x', 1000)}\n");
        for (var i = 1; i <= 12; i++)
        {
            text.Append($"A{i}={string.Concat(Enumerable.Repeat($"${{A{i - 1}}}", 10))}\n");
        }

        var file = EnvFile.Parse(text.ToString(), _ => null, _ => { });

        Assert.Contains(file.Problems, p => p.Message.Contains("more than 1 MB", StringComparison.Ordinal));
        Assert.True(file.Values.Values.Sum(v => (long)v.Length) < 4 << 20);
    }
}
