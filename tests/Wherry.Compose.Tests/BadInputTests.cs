using System.Text;
using Wherry.Core.Problems;

namespace Wherry.Compose.Tests;

/// <summary>Whatever a file says, reading it takes little memory and ends with a model or a problem that names the place.</summary>
public sealed class BadInputTests
{
    private const long MostAllocated = 100L << 20;
    private const int Megabyte = 1_000_000;

    public static TheoryData<string, string> Large => new(LargeFiles().Select(f => (f.Key, f.Value)));

    [Theory]
    [MemberData(nameof(Large))]
    public void A_large_file_takes_little_memory(string what, string code)
    {
        var text = Texts()[what];
        var before = GC.GetAllocatedBytesForCurrentThread();
        var problem = Record.Exception(() => A.Read(text, A.Vars(("A", "x")))) as ProblemException;
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(code, problem?.Problem.Code ?? "");
        Assert.True(allocated < MostAllocated, $"{what}: {allocated >> 20} MB");
    }

    [Theory]
    [InlineData("A=1\n")]
    [InlineData("A=$B\n")]
    [InlineData("=\n")]
    [InlineData("A='\n")]
    [InlineData("$$$$")]
    public void A_large_file_of_variables_takes_little_memory(string line)
    {
        var text = string.Concat(Enumerable.Repeat(line, Megabyte / line.Length));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Record.Exception(() => A.Web("env_file: big.env", null, ("big.env", text)));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < MostAllocated);
    }

    [Theory]
    [InlineData("services:\n  web:\n\timage: x\n", "compose/yaml", "compose.yaml:3:1 the line is indented with a tab")]
    [InlineData("services:\n  web: { image: x }\n  web: { image: y }\n", "compose/duplicate-key", "compose.yaml:3:3 web: this key stands already at 2:3")]
    [InlineData("services:\n  web:\n    image: x\n    volumes:\n      - C:\\data:/data\n", "source/path", "compose.yaml:5:9 services.web.volumes[0]: \"C:\\data:/data\" has a path of Windows")]
    [InlineData("services:\n  web:\n    image: x\n    volumes:\n      - c:/data:/data\n", "source/path", "compose.yaml:5:9 ")]
    [InlineData("services:\n  web:\n    image: x\n    volumes: [{ type: bind, source: '.\\data', target: /data }]\n", "source/path", "is a path of Windows")]
    [InlineData("services:\n  web:\n    build: .\\web\n", "source/path", "compose.yaml:3:12 services.web.build: \".\\web\" is a path of Windows")]
    [InlineData("services:\n  web:\n    image: x\n    env_file: folder\n", "compose/env-file", "compose.yaml:4:15 services.web.env_file: \"folder\" is a folder")]
    [InlineData("services:\n  web:\n    image: x\n    env_file: [{ path: folder, required: false }]\n", "compose/env-file", "\"folder\" is a folder")]
    [InlineData("services:\n  web:\n    image: x\n    env_file: latin1.env\n", "source/file", "compose.yaml:4:15 services.web.env_file: latin1.env:2:5 is not UTF-8 text")]
    public void What_is_wrong_is_told_with_its_place(string text, string code, string part)
    {
        var files = new InMemoryFiles(new Dictionary<string, byte[]> { ["folder/a.env"] = [], ["latin1.env"] = [.. "A=1\nB=ca"u8, 0xE9] });
        var problem = Assert.Throws<ProblemException>(() => ComposeReader.Read(new() { Text = text, Files = files })).Problem;

        Assert.Equal(code, problem.Code);
        Assert.Contains(part, problem.Message, StringComparison.Ordinal);
        Assert.NotEmpty(problem.Hint);
    }

    [Fact]
    public void A_byte_order_mark_is_no_part_of_the_file()
    {
        Assert.Equal("1", A.Service(A.Read("\uFEFFservices: { web: { image: x, env_file: a.env } }", null, ("a.env", "\uFEFFA=1")).Model, "web").Environment["A"]);
        Assert.Equal("source/file", Assert.Throws<ProblemException>(() => new InMemoryFiles(new Dictionary<string, byte[]> { ["c"] = Encoding.Unicode.GetPreamble() }).ReadText("c")).Problem.Code);
    }

    [Fact]
    public void A_volume_may_have_a_name_of_one_letter() =>
        Assert.Equal(["c", "d"], A.Web("volumes: ['c:/c', 'd:/d:ro']\n---\nvolumes: { c: , d: }").Mounts.Select(m => m.Source!));

    private static Dictionary<string, string> LargeFiles() => new()
    {
        ["10 MB"] = "compose/too-large",
        ["a list of many values"] = "compose/too-large",
        ["a mapping of many values"] = "compose/too-large",
        ["many variables in one value"] = "compose/interpolation",
        ["a variable in many values"] = "compose/too-large",
        ["many services"] = "compose/too-large",
        ["many duplicates"] = "compose/invalid",
        ["deep brackets"] = "compose/too-large",
        ["a bomb of aliases"] = "compose/too-large",
        ["one long text"] = "",
    };

    private static Dictionary<string, string> Texts()
    {
        const string web = "services: { web: { image: x } }\n";
        static string Many(string part) => string.Concat(Enumerable.Repeat(part, Megabyte / part.Length));
        return new()
        {
            ["10 MB"] = web + "# " + new string('x', 10 * Megabyte),
            ["a list of many values"] = web + "x-a:\n" + Many("- a\n"),
            ["a mapping of many values"] = web + "x-a:\n" + string.Concat(Enumerable.Range(0, 100_000).Select(i => $" k{i}: 1\n"))[..(Megabyte - 100)],
            ["many variables in one value"] = $"services: {{ web: {{ image: x, command: '{Many("$A")}' }} }}\n",
            ["a variable in many values"] = web + "networks:\n" + Many("  - $A\n"),
            ["many services"] = "services:\n" + string.Concat(Enumerable.Range(0, 30_000).Select(i => $"  s{i}: {{ image: x }}\n")),
            ["many duplicates"] = "services:\n" + Many("  web: { image: x }\n")[..400_000] + "\n",
            ["deep brackets"] = web + "x-a: " + Many("["),
            ["a bomb of aliases"] = web + "x-a0: &a0 [x, x]\n" + string.Concat(Enumerable.Range(1, 40).Select(i => $"x-a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n")),
            ["one long text"] = web + "x-a: " + new string('x', Megabyte) + "\n",
        };
    }
}
