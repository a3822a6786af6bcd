using Wherry.Cli.Frame;

namespace Wherry.Cli.Tests.Frame;

public sealed class DurationsTests
{
    [Theory]
    [InlineData("90s", 90)]
    [InlineData("10m", 600)]
    [InlineData("24h", 86_400)]
    [InlineData("30d", 2_592_000)]
    [InlineData("2w", 1_209_600)]
    public void A_number_and_a_unit_is_a_time(string text, int seconds) => Assert.Equal(TimeSpan.FromSeconds(seconds), Durations.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("m")]
    [InlineData("10")]
    [InlineData("-5m")]
    [InlineData("1.5h")]
    [InlineData("10 m")]
    [InlineData("99999999999d")]
    [InlineData("2000000w")]
    public void Anything_else_is_none(string text) => Assert.Null(Durations.Parse(text));

    [Fact]
    public void Since_counts_back_from_now_or_is_a_date_in_utc()
    {
        Assert.Equal(A.Noon.AddMinutes(-10), Durations.ParseSince("10m", A.Noon));
        Assert.Equal(new DateTimeOffset(2026, 11, 20, 8, 0, 0, TimeSpan.Zero), Durations.ParseSince("2026-11-20T08:00:00", A.Noon));
        Assert.Null(Durations.ParseSince("soon", A.Noon));
    }
}
