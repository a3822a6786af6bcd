namespace Wherry.Compose.Tests.Interpolation;

public sealed class TemplateTests
{
    /// <summary>A is set to <c>a</c>, EMPTY to nothing, NONE is not set.</summary>
    private static readonly Dictionary<string, string> Known = A.Vars(("A", "a"), ("B", "b"), ("EMPTY", ""), ("_x1", "x"));

    [Theory]
    [InlineData("$A", "a")]
    [InlineData("${A}", "a")]
    [InlineData("$A$B", "ab")]
    [InlineData("$A-$B.c", "a-b.c")]
    [InlineData("${_x1}", "x")]
    [InlineData("$$A", "$A")]
    [InlineData("$$$A", "$a")]
    [InlineData("$${A}", "${A}")]
    [InlineData("a$$", "a$")]
    [InlineData("${A:-d}", "a")]
    [InlineData("${EMPTY:-d}", "d")]
    [InlineData("${NONE:-d}", "d")]
    [InlineData("${NONE:-}", "")]
    [InlineData("${A-d}", "a")]
    [InlineData("${EMPTY-d}", "")]
    [InlineData("${NONE-d}", "d")]
    [InlineData("${A:?e}", "a")]
    [InlineData("${A?e}", "a")]
    [InlineData("${EMPTY?e}", "")]
    [InlineData("${A:+r}", "r")]
    [InlineData("${EMPTY:+r}", "")]
    [InlineData("${NONE:+r}", "")]
    [InlineData("${A+r}", "r")]
    [InlineData("${EMPTY+r}", "r")]
    [InlineData("${NONE+r}", "")]
    [InlineData("${NONE:-${NONE-${A}}}", "a")]
    [InlineData("${NONE:-$A/$B}", "a/b")]
    [InlineData("${A:+<${B}>}", "<b>")]
    [InlineData("${NONE:-{\"k\":{}}}!", "{\"k\":{}}!")]
    [InlineData("${NONE:-a:b?c+d-e}", "a:b?c+d-e")]
    [InlineData("}{", "}{")]
    public void DC_014_Every_form_of_a_variable_is_replaced(string template, string expected) =>
        Assert.Equal(expected, A.Web($"user: 'x{template}'", Known).User?[1..]);

    [Theory]
    [InlineData("${NONE}")]
    [InlineData("$NONE")]
    [InlineData("${EMPTY:-$NONE}")]
    public void DC_014_A_variable_that_is_not_set_becomes_nothing_and_warns(string template)
    {
        var result = A.Read(A.WebFile($"user: 'x{template}'"), Known);

        Assert.Equal("x", A.Service(result.Model, "web").User);
        var warning = Assert.Single(result.Warnings);
        Assert.Equal("compose/variable-unset", warning.Code);
        Assert.Equal("compose.yaml:4:11 services.web.user: the variable NONE is not set; it is replaced by nothing", warning.Message);
    }

    [Theory]
    [InlineData("${NONE:-d}")]
    [InlineData("${NONE:+r}")]
    [InlineData("${EMPTY}")]
    [InlineData("${A:-$NONE}")]
    public void A_default_that_is_not_needed_or_an_empty_value_does_not_warn(string template) =>
        Assert.Empty(A.Read(A.WebFile($"user: 'x{template}'"), Known).Warnings);

    [Theory]
    [InlineData("${NONE:?set it}", "set it")]
    [InlineData("${NONE?set $A}", "set a")]
    [InlineData("${EMPTY:?set it}", "set it")]
    [InlineData("${NONE:?}", "NONE is required but not set")]
    [InlineData("${NONE:-${EMPTY:?inner}}", "inner")]
    public void DC_014_A_required_variable_that_is_missing_is_a_problem_with_its_place(string template, string reason)
    {
        var problem = A.WebProblem($"user: '{template}'", Known);

        Assert.Equal("compose/variable-missing", problem.Code);
        Assert.Equal($"compose.yaml:4:11 services.web.user: {reason}", problem.Message);
    }

    [Theory]
    [InlineData("$")]
    [InlineData("$1")]
    [InlineData("a $ b")]
    [InlineData("${}")]
    [InlineData("${A")]
    [InlineData("${A:")]
    [InlineData("${A:-")]
    [InlineData("${A:=x}")]
    [InlineData("${A B}")]
    [InlineData("${1A}")]
    [InlineData("${A:-${B}")]
    [InlineData("${A:-${}}")]
    [InlineData("$-x")]
    public void A_malformed_variable_is_a_problem_with_its_place(string template)
    {
        var problem = A.WebProblem($"user: '{template}'", Known);

        Assert.Equal("compose/interpolation", problem.Code);
        Assert.StartsWith("compose.yaml:4:11 services.web.user: ", problem.Message, StringComparison.Ordinal);
        Assert.Contains("$$", problem.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void Nesting_without_end_is_refused() =>
        Assert.Equal("compose/interpolation", A.WebProblem("user: '" + string.Concat(Enumerable.Repeat("${A:-", 100_000)) + "'", Known).Code);

    [Fact]
    public void Keys_and_top_level_extensions_are_left_alone()
    {
        var result = A.Read("x-note: $NONE ${\nservices:\n  web:\n    image: nginx\n    labels: { $A: $A }\n", Known);

        Assert.Equal(new Dictionary<string, string> { ["$A"] = "a" }, A.Service(result.Model, "web").Labels);
        Assert.Empty(result.Warnings);
    }

    [Fact]
    public void A_value_is_not_read_as_a_template_again() =>
        Assert.Equal("p$B", A.Web("user: $P", A.Vars(("P", "p$B"))).User);

    [Fact]
    public void Uses_name_the_variable_the_service_and_the_origin()
    {
        var result = A.Read(
            "services:\n  web: { image: 'nginx:$TAG', environment: [HOME_PAGE] }\n  db: { image: 'x:${OTHER:-1}' }\nvolumes: { v: { name: $VOLUME } }\n",
            A.Vars(("TAG", "1")),
            (".env", "VOLUME=v1\nTAG=ignored\n"));

        Assert.Equal(
            [
                new("HOME_PAGE", "web", VariableOrigin.Unset),
                new("OTHER", "db", VariableOrigin.Unset),
                new("TAG", "web", VariableOrigin.Environment),
                new("VOLUME", null, VariableOrigin.DotEnv),
            ],
            result.Variables);
    }
}
