using Wherry.Cli.Traffic;

namespace Wherry.Cli.Tests.Traffic;

public sealed class TopTests
{
    [Fact]
    public void Between_two_looks_the_busiest_comes_first_and_an_edge_that_began_anew_counts_from_its_start()
    {
        var rates = TrafficRates.Between(
            [Look("quiet", 10, 0, fast: 10), Look("busy", 100, 5, fast: 100), Look("restarted", 9000, 80, fast: 9000)],
            [Look("quiet", 10, 0, fast: 10), Look("busy", 300, 9, fast: 200, slow: 100), Look("restarted", 40, 0, fast: 40), Look("fresh", 2, 0, fast: 2)],
            TimeSpan.FromSeconds(2));
        var output = new StringWriter();
        TopCommand.Write(output, rates);

        Assert.Equal(
            """
            SERVICE                    REQ/S  P50     P95     P99     5XX/S  IN FLIGHT
            shop/production/busy       100    5.0 ms  950 ms  990 ms  2.0    1
            shop/production/restarted  20     2.5 ms  4.8 ms  5.0 ms  0      1
            shop/production/fresh      1.0    2.5 ms  4.8 ms  5.0 ms  0      1
            shop/production/quiet      0      -       -       -       0      1

            """,
            output.ToString());
    }

    /// <summary>Fast ones take up to 5 ms, slow ones 500 ms to 1 s.</summary>
    private static Client.Traffic Look(string service, long requests, long failed, long fast, long slow = 0) =>
        new("shop", "production", service, requests, failed, 1, [fast, 0, 0, 0, 0, 0, 0, slow, 0, 0, 0, 0, 0, 0]);
}
