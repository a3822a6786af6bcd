using Wherry.Cli.Output;

namespace Wherry.Cli.Tests.Output;

public sealed class TableTests
{
    [Fact]
    public void Columns_are_aligned_and_lines_end_without_spaces()
    {
        var table = new Table("NAME", "STATE", "NOTE");
        table.Add("web", "running", "");
        table.Add("wörker", "stopped", "by hand");
        using var output = new StringWriter();

        table.Write(output);

        Assert.Equal("NAME    STATE    NOTE\nweb     running\nwörker  stopped  by hand\n", output.ToString());
    }

    [Theory]
    [InlineData(0.2, "0 s")]
    [InlineData(59.9, "59 s")]
    [InlineData(60, "1 min")]
    [InlineData(3599, "59 min")]
    [InlineData(7200, "2 h")]
    [InlineData(86_400 * 3, "3 days")]
    public void Times_are_told_in_their_largest_unit(double seconds, string expected) => Assert.Equal(expected, Ago.Short(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(512, "512 B")]
    [InlineData(1536, "1.5 KiB")]
    [InlineData(20L << 20, "20 MiB")]
    [InlineData(3L << 30, "3.0 GiB")]
    public void Sizes_are_told_in_powers_of_1024(long bytes, string expected) => Assert.Equal(expected, Bytes.Of(bytes));
}
