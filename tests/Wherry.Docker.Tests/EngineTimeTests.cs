using Wherry.Docker.Connection;

namespace Wherry.Docker.Tests;

public sealed class EngineTimeTests
{
    [Theory]
    [InlineData("2025-06-01T10:20:30.123456789Z", "1748773230.123456700")]
    [InlineData("2025-06-01T10:20:30.999999999Z", "1748773230.999999900")]
    [InlineData("2025-06-01T10:20:30Z", "1748773230.000000000")]
    [InlineData("2025-06-01T12:20:30.5+02:00", "1748773230.500000000")]
    public void A_time_read_and_written_again_is_never_later(string text, string seconds) =>
        Assert.Equal(seconds, EngineTime.Seconds(EngineTime.Parse(text)!.Value));

    [Theory]
    [InlineData("0001-01-01T00:00:00Z")]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("soon")]
    public void No_time_is_no_time(string? text) => Assert.Null(EngineTime.Parse(text));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(1000, 1)]
    [InlineData(1001, 2)]
    public void Grace_is_rounded_up(int milliseconds, long seconds) => Assert.Equal(seconds, EngineTime.WholeSeconds(TimeSpan.FromMilliseconds(milliseconds)));
}
