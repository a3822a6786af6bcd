using System.Diagnostics;
using System.Text;

namespace Wherry.Compose.Tests.Yaml;

public sealed class YamlTreeTests
{
    /// <summary>Each of these takes well below a second; unbounded ones take minutes or all memory. A busy machine gets time.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    [Fact]
    public void Merge_key_brings_what_is_not_there_and_explicit_keys_win_wherever_they_stand()
    {
        var web = A.Web("""
            environment:
              <<: [*first, *second]
              B: own
              LAST: "1"
            """.Replace("[*first, *second]", "[{ A: a1, B: b1 }, { A: a2, C: c2 }]", StringComparison.Ordinal));

        Assert.Equal(new Dictionary<string, string> { ["A"] = "a1", ["B"] = "own", ["C"] = "c2", ["LAST"] = "1" }, web.Environment);
    }

    [Fact]
    public void Anchors_and_merge_keys_work_across_services()
    {
        var model = A.Model("""
            x-base: &base
              image: nginx
              restart: always
              environment: &env { A: "1" }
            services:
              web:
                <<: *base
                environment: { <<: *env, B: "2" }
              worker:
                <<: *base
                image: busybox
            """);

        Assert.Equal(["A", "B"], A.Service(model, "web").Environment.Keys);
        Assert.Equal("nginx", A.Service(model, "web").Image?.Value);
        Assert.Equal("busybox", A.Service(model, "worker").Image?.Value);
        Assert.Equal(["A"], A.Service(model, "worker").Environment.Keys);
    }

    [Fact]
    public void Merge_of_something_else_than_a_mapping_is_refused_at_its_place()
    {
        var problem = A.Problem("x-a: &a [one]\nservices:\n  web:\n    <<: *a\n    image: nginx\n");

        Assert.Equal("compose/merge", problem.Code);
        Assert.StartsWith("compose.yaml:4:5 ", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Duplicate_key_is_refused_and_names_both_places()
    {
        var problem = A.WebProblem("image: caddy");

        Assert.Equal("compose/duplicate-key", problem.Code);
        Assert.Equal("compose.yaml:4:5 image: this key stands already at 3:5", problem.Message);
    }

    [Theory]
    [InlineData("services:\n\tweb:\n", "compose.yaml:2:1 the line is indented with a tab")]
    [InlineData("services:\n  web:\n    image: \"nginx\n", "compose.yaml:3:12 ")]
    [InlineData("services:\n  web:\n  \timage: nginx\n", "compose.yaml:3:3 the line is indented with a tab")]
    [InlineData("services: [\n", "compose.yaml:2:1 ")]
    [InlineData("services: {web: x\nname: a\n", "compose.yaml:2:1 the YAML cannot be parsed from here on; is a bracket or quote above still open?")]
    [InlineData("services:\n  web:\n  image: nginx\n bad: 1\n", "compose.yaml:4:2 ")]
    [InlineData("a: 1\n---\nb: 2\n", "compose.yaml:2:1 a second document")]
    [InlineData("", "compose.yaml:1:1 the file is empty")]
    [InlineData("# nothing\n", "compose.yaml:1:1 the file is empty")]
    [InlineData("- a\n", "compose.yaml:1:1 the file must be a mapping but is a list")]
    [InlineData("services: *nobody\n", "compose.yaml:1:11 no anchor &nobody")]
    [InlineData("a: &a [*a]\n", "compose.yaml:1:8 no anchor &a")]
    [InlineData("services: !merge null\n", "compose.yaml:1:11 the tag !merge")]
    [InlineData("? [a, b]\n: c\n", "compose.yaml:1:3 a key must be a string")]
    [InlineData("a: \"\\0\"\n", "compose.yaml:1:4 the text contains a NUL")]
    public void What_is_not_one_YAML_mapping_is_refused_with_its_place(string text, string start)
    {
        var problem = A.Problem(text);

        Assert.Equal("compose/yaml", problem.Code);
        Assert.StartsWith(start, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Directives_a_document_start_and_a_document_end_are_fine() =>
        Assert.Single(A.Model("%YAML 1.2\n---\nservices: { web: { image: nginx } }\n...\n").Services);

    [Fact]
    public void Billion_laughs_are_refused_at_once()
    {
        var text = new StringBuilder("x-0: &a0 [lol, lol]\n");
        for (var i = 1; i < 60; i++)
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"x-{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n");
        }

        Assert.Equal("compose/too-large", InTime(text.ToString()));
    }

    [Fact]
    public void Merging_one_large_mapping_again_and_again_is_refused_at_once()
    {
        var text = "x-a: &a\n" + string.Concat(Enumerable.Range(0, 30_000).Select(i => $"  k{i}: 1\n")) + "x-b:\n" + string.Concat(Enumerable.Repeat("- {<<: *a}\n", 40_000));

        Assert.Equal("compose/too-large", InTime(text));
    }

    [Fact]
    public void A_huge_key_is_refused() => Assert.Equal("compose/too-large", InTime("? " + new string('x', 2000) + "\n: 1\n"));

    [Theory]
    [InlineData("    volumes: [ITEMS]", "'/PATH_I'", 30_000)]
    [InlineData("    secrets: [ITEMS]", "s_I", 30_000)]
    [InlineData("    depends_on: [ITEMS]", "s_I", 30_000)]
    [InlineData("    networks: [ITEMS]", "n_I", 30_000)]
    [InlineData("    ports: [ITEMS]", "80", 90_000)]
    [InlineData("    environment: [ITEMS]", "A_I=$NONE", 30_000)]
    [InlineData("    labels: { ITEMS }", "l_I: $NONE", 30_000)]
    [InlineData("    ITEMS", "someunknownkey_I: 1", 30_000)]
    public void A_file_full_of_one_thing_is_read_or_refused_in_bounded_time(string body, string item, int count)
    {
        var separator = body.Contains('[', StringComparison.Ordinal) || body.Contains('{', StringComparison.Ordinal) ? ", " : "\n    ";
        var items = string.Join(separator, Enumerable.Range(0, count).Select(i => item.Replace("_I", i.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal)));
        var start = Stopwatch.GetTimestamp();

        var errors = new SpecErrors("compose.yaml");
        try
        {
            ComposeReader.Read(A.Input("services:\n  web:\n    image: nginx\n" + body.Replace("ITEMS", items, StringComparison.Ordinal) + "\n"), errors);
        }
        catch (Wherry.Core.Problems.ProblemException e)
        {
            Assert.Equal("compose/invalid", e.Problem.Code);
        }

        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, Bound);
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{a: ")]
    [InlineData("- ")]
    [InlineData("? ")]
    public void Deep_nesting_is_refused_at_once(string opening) =>
        Assert.Contains(InTime("a: \n  " + string.Concat(Enumerable.Repeat(opening, 1_000_000 / opening.Length))), new[] { "compose/too-large", "compose/yaml" });

    [Fact]
    public void A_file_beyond_1_MB_is_refused_at_once() => Assert.Equal("compose/too-large", InTime("#" + new string('x', 1 << 20)));

    [Fact]
    public void A_small_file_that_repeats_a_large_variable_is_refused_at_once()
    {
        var text = "services:\n  web:\n    image: nginx\n    command: [" + string.Concat(Enumerable.Repeat("$A,", 50_000)) + "]\n";

        Assert.Equal("compose/too-large", InTime(text, A.Vars(("A", new string('x', 60_000)))));
    }

    [Fact]
    public void A_small_file_that_repeats_a_large_text_is_refused_at_once()
    {
        var text = "x-a: &a \"$$" + new string('x', 60_000) + "\"\nservices:\n  web:\n    image: nginx\n    command: [" + string.Concat(Enumerable.Repeat("*a ,", 50_000)) + "]\n";

        Assert.Equal("compose/too-large", InTime(text));
    }

    /// <summary>The problem's code, and the proof that it did not take long.</summary>
    private static string InTime(string text, IReadOnlyDictionary<string, string>? variables = null)
    {
        var start = Stopwatch.GetTimestamp();
        var code = A.Problem(text, variables).Code;
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, Bound);
        return code;
    }
}
