using Wherry.Core.Disk;
using Wherry.Core.Model;
using Wherry.Core.Preflight;

namespace Wherry.Core.Tests.Disk;

public sealed class DiskForecastTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_disk_that_grows_by_ten_a_day_is_full_in_nine_days()
    {
        var samples = Enumerable.Range(0, 73).Select(h => new DiskSample(Now.AddHours(h - 72), 100 + (h * 10L / 24))).ToList();

        Assert.InRange((DiskForecast.FullAt(samples, used: 130, size: 220, Now) - Now)!.Value.TotalDays, 8.5, 9.5);
    }

    [Fact]
    public void Too_few_samples_and_a_disk_that_does_not_grow_say_nothing()
    {
        Assert.Null(DiskForecast.FullAt([new(Now.AddHours(-1), 1), new(Now.AddMinutes(-30), 50), new(Now, 90)], 90, 100, Now));
        Assert.Null(DiskForecast.FullAt([new(Now.AddHours(-20), 90), new(Now.AddHours(-10), 80), new(Now, 70)], 70, 100, Now));
        Assert.Null(DiskForecast.FullAt([new(Now.AddHours(-20), 50), new(Now.AddHours(-10), 50), new(Now, 50)], 50, 100, Now));
    }

    [Theory]
    [InlineData("50g", null, DiskVerdict.Ok)]
    [InlineData("15g", null, DiskVerdict.Warning)]
    [InlineData("50g", 3, DiskVerdict.Warning)]
    [InlineData("50g", 30, DiskVerdict.Ok)]
    [InlineData("1g", null, DiskVerdict.Problem)]
    public void The_budget_warns_before_the_floor_refuses(string free, int? fullInDays, DiskVerdict verdict) =>
        Assert.Equal(verdict, DiskBudget.Judge(new DiskFacts("/dev/vda", "/", ByteSize.Parse("100g"), ByteSize.Parse(free), 0, 0, []), 80, fullInDays is { } days ? TimeSpan.FromDays(days) : null));
}
