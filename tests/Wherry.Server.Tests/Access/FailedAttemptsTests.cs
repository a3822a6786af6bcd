using System.Net;
using Wherry.Server.Access;

namespace Wherry.Server.Tests.Access;

public sealed class FailedAttemptsTests
{
    private readonly SetClock _clock = new();

    [Fact]
    public void An_address_has_twenty_failures_a_minute_and_then_a_new_start()
    {
        var failures = new FailedAttempts(_clock);
        var address = IPAddress.Parse("192.0.2.1");

        Assert.Equal(FailedAttempts.MaxPerMinute, Enumerable.Range(0, 100).Count(_ => failures.Note(address)));
        Assert.True(failures.Note(IPAddress.Parse("192.0.2.2")));

        _clock.Now += TimeSpan.FromMinutes(1);
        Assert.True(failures.Note(address));
    }

    [Fact]
    public void A_network_of_IPv6_counts_as_one_and_a_mapped_address_as_what_it_maps()
    {
        var failures = new FailedAttempts(_clock);
        Assert.Equal(FailedAttempts.MaxPerMinute, Enumerable.Range(0, 100).Count(n => failures.Note(IPAddress.Parse($"2001:db8::{n:x}"))));
        Assert.True(failures.Note(IPAddress.Parse("2001:db8:0:1::1")));

        Assert.Equal(FailedAttempts.MaxPerMinute, Enumerable.Range(0, 100).Count(n => failures.Note(IPAddress.Parse(n % 2 == 0 ? "192.0.2.9" : "::ffff:192.0.2.9"))));
    }
}
