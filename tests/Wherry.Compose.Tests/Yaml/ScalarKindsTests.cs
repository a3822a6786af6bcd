namespace Wherry.Compose.Tests.Yaml;

public sealed class ScalarKindsTests
{
    [Theory]
    [InlineData("true", "true")]
    [InlineData("True", "true")]
    [InlineData("FALSE", "false")]
    [InlineData("yes", "yes")]
    [InlineData("no", "no")]
    [InlineData("On", "On")]
    [InlineData("8080", "8080")]
    [InlineData("0x1F", "31")]
    [InlineData("0o17", "15")]
    [InlineData("010", "8")]
    [InlineData("0b101", "5")]
    [InlineData("1_000", "1000")]
    [InlineData("-5", "-5")]
    [InlineData("18446744073709551615", "18446744073709551615")]
    [InlineData("1.10", "1.1")]
    [InlineData("1.0", "1")]
    [InlineData("0.5", "0.5")]
    [InlineData(".5", "0.5")]
    [InlineData("-2.50", "-2.5")]
    [InlineData("1e3", "1000")]
    [InlineData("1e20", "100000000000000000000")]
    [InlineData("1e21", "1e+21")]
    [InlineData("1234567e18", "1.234567e+24")]
    [InlineData("0.0001", "0.0001")]
    [InlineData("0.00001", "1e-05")]
    [InlineData("09", "9")]
    [InlineData("1.2.3", "1.2.3")]
    [InlineData("12ab", "12ab")]
    [InlineData("2001-01-01", "2001-01-01")]
    [InlineData("\"1.10\"", "1.10")]
    [InlineData("'010'", "010")]
    [InlineData("\"True\"", "True")]
    [InlineData("!!str 1.10", "1.10")]
    [InlineData("~", null)]
    [InlineData("null", null)]
    [InlineData("", null)]
    [InlineData("\"null\"", "null")]
    [InlineData("\"\"", "")]
    public void Value_of_a_variable_is_printed_as_Compose_prints_it(string written, string? printed) =>
        Assert.Equal(printed, A.Web($"environment:\n  A: {written}").Environment.GetValueOrDefault("A"));

    [Fact]
    public void A_replaced_variable_is_text_and_stays_as_it_is() =>
        Assert.Equal("1.10", A.Web("environment:\n  A: $VERSION", A.Vars(("VERSION", "1.10"))).Environment["A"]);
}
