using Wherry.Compose.Writing;
using Wherry.Compose.Yaml;

namespace Wherry.Compose.Tests.Writing;

public sealed class YamlTextTests
{
    public static TheoryData<string> Tricky =>
    [
        "", " ", "~", "null", "Null", "true", "True", "no", "NO", "y", "on", "Off", "1", "010", "0o10", "0x1F", "0b1", "1_000", "1e3", "-1", "+1", ".5", "1.", ".inf", "-.INF", ".nan",
        "1:30", "190:20:30", "8080:80", "2001-12-14", "2001-12-14t21:59:43.10-05:00", "=", "<<", "-", "- a", "-a", "?", "? a", ":", "a:", "a: b", ": a", "a #b", "#a", "a ", " a", "\ta", "a\tb",
        "&a", "*a", "!a", "|", ">", "@a", "`a", "%a", "'a'", "\"a\"", "[a]", "{a}", "a, b", "---", "...", "--- a", "a\nb", "a\nb\n", "a\nb\n\n", "\na", " a\nb", "a \nb", "a\r\nb", "a\n\n b\n", "\n", "\n\n",
        "\u0007", "\u0085", "a\u2028b", "\ufeffa", "\ud83d\ude00", "größe", "a\ud83d\ude00\nb", "${NAME:-a: b}", "$$x", "\\n", "C:\\x", "./data", ".env", ".", "..", "# no comment\nb", "- a\n- b\n", "%YAML 1.2\n", "a: |\n  b\n",
    ];

    [Theory]
    [MemberData(nameof(Tricky))]
    public void Text_reads_back_as_the_same_text_wherever_it_stands(string text)
    {
        var written = YamlText.Write(new YamlMapping { [$"k{text}"] = text, ["list"] = new YamlSequence([text, "z"]), ["deep"] = new YamlMapping { ["er"] = text } });

        var root = Parse(written);

        Assert.Equal($"k{text}", root.Entries[0].Key);
        Assert.All([root.Entries[0].Value, ((YamlList)root.Entries[1].Value).Items[0], ((YamlMap)root.Entries[2].Value).Entries[0].Value], value => AssertText(text, value));
    }

    [Fact]
    public void Any_text_reads_back_as_the_same_text()
    {
        const string alphabet = "ab01:-#'\"\\{}[]|>&*!%@`,?~.= \n\t\r$\u00e4\u0000";
        var random = new Random(7);
        for (var i = 0; i < 20_000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 9)).Select(_ => alphabet[random.Next(alphabet.Length - 1)]));

            AssertText(text, Parse(YamlText.Write(new YamlMapping { ["k"] = new YamlSequence([text]) })).Entries[0].Value is YamlList list ? list.Items[0] : Fail());
        }

        static YamlNode Fail() => throw new InvalidOperationException();
    }

    [Theory]
    [InlineData("8080:80", "\"8080:80\"")]
    [InlineData("no", "\"no\"")]
    [InlineData("010", "\"010\"")]
    [InlineData("12:30:45", "\"12:30:45\"")]
    [InlineData("30s", "30s")]
    [InlineData("postgres:16", "postgres:16")]
    [InlineData("${TAG:-latest}", "${TAG:-latest}")]
    [InlineData("./data:/data", "./data:/data")]
    [InlineData("postgres://u:${P}@db/shop", "postgres://u:${P}@db/shop")]
    public void Only_what_could_be_taken_for_something_else_is_quoted(string text, string expected) =>
        Assert.Equal($"k: {expected}\n", YamlText.Write(new YamlMapping { ["k"] = text }));

    [Fact]
    public void Blocks_literals_and_plain_values_stand_in_the_trees_order()
    {
        var written = YamlText.Write(
            new YamlMapping
            {
                ["z"] = new YamlMapping { ["command"] = new YamlSequence(["sh", "-c"]), ["init"] = true, ["count"] = 3 },
                ["left_out"] = (string?)null,
                ["text"] = "one\n  two\n",
                ["nothing"] = YamlValue.Null,
                ["empty"] = new YamlMapping(),
                ["list"] = new YamlSequence { new YamlMapping { ["a"] = "1", ["b"] = new YamlSequence() } },
            },
            "Made for you.\nTwo lines\u0085here: yes",
            "");

        Assert.Equal(
            """
            # Made for you.
            # Two lines
            # here: yes
            #
            z:
              command:
                - sh
                - "-c"
              init: true
              count: 3
            text: |
              one
                two
            nothing: null
            empty: {}
            list:
              - a: "1"
                b: []

            """,
            written);
    }

    [Fact]
    public void Documents_are_separated_and_the_comments_stand_above_the_first() =>
        Assert.Equal("# c\na: 1\n---\nb: 2\n", YamlText.Write([new YamlMapping { ["a"] = 1 }, new YamlMapping { ["b"] = 2 }], ["c"]));

    private static YamlMap Parse(string text) => YamlTree.Parse(text, "x.yaml", new SpecErrors("x.yaml"));

    private static void AssertText(string expected, YamlNode node)
    {
        var scalar = Assert.IsType<YamlScalar>(node);
        Assert.Equal(expected, scalar.Text);
        Assert.Equal(ScalarKind.Text, scalar.Kind);
    }
}
