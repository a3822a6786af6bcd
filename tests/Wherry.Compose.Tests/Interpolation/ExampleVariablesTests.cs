using Wherry.Compose.Interpolation;

namespace Wherry.Compose.Tests.Interpolation;

public sealed class ExampleVariablesTests
{
    [Theory]
    [InlineData("KEY=", true)]
    [InlineData("KEY= # from the dashboard", true)]
    [InlineData("KEY=\"\"", true)]
    [InlineData("export KEY=", true)]
    [InlineData("KEY=<your key>", true)]
    [InlineData("KEY=your-api-key-here", true)]
    [InlineData("KEY=changeme", true)]
    [InlineData("KEY=change-me-please", true)]
    [InlineData("KEY=replace-with-a-long-random-string", true)]
    [InlineData("KEY=xxxx", true)]
    [InlineData("KEY=3000", false)]
    [InlineData("KEY=yourself", false)]
    [InlineData("KEY=postgres://user:pass@localhost/app", false)]
    [InlineData("KEY=false", false)]
    [InlineData("KEY= # optional", false)]
    [InlineData("# Optional: errors go there.\nKEY=", false)]
    [InlineData("# This is optional.\n\nKEY=", true)]
    [InlineData("KEY=\"-----BEGIN\nOTHER=\n-----END\"", false)]
    public void A_value_that_is_left_to_the_reader_is_needed(string text, bool needed) =>
        Assert.Equal(new ExampleVariable("KEY", needed), Assert.Single(ExampleVariables.Parse(text)));

    [Fact]
    public void A_long_comment_is_read_in_one_go()
    {
        var text = string.Concat(Enumerable.Repeat("#\n", 500_000)) + "KEY=";
        Assert.Equal(new ExampleVariable("KEY", NeedsValue: true), Assert.Single(ExampleVariables.Parse(text)));
    }

    [Theory]
    [InlineData("# KEY=")]
    [InlineData("Copy this file to .env")]
    [InlineData("HOME=")]
    [InlineData("COMPOSE_PROJECT_NAME=")]
    [InlineData("")]
    public void Suggestions_prose_and_what_every_container_has_are_no_variables(string text) => Assert.Empty(ExampleVariables.Parse(text));
}
