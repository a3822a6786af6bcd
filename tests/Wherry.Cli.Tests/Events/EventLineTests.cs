using Wherry.Cli.Events;
using Wherry.Client;

namespace Wherry.Cli.Tests.Events;

public sealed class EventLineTests
{
    [Theory]
    [InlineData("2", "5", "web  2 -> 5  by ci")]
    [InlineData(null, "r1", "web  r1  by ci")]
    [InlineData("r1", null, "web  was r1  by ci")]
    [InlineData(null, null, "web  by ci")]
    public void An_event_is_one_line_with_what_changed(string? before, string? after, string end) => Assert.Equal(
        $"2026-11-21T12:00:00Z  service/scaled          shop/production         {end}",
        EventsCommand.Line(new Event(7, A.Noon, "ci", "service/scaled", "shop", "production", "web", before, after)));
}
