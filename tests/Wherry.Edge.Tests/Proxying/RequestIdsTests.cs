using Wherry.Edge.Proxying;

namespace Wherry.Edge.Tests.Proxying;

public class RequestIdsTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 2, 0, 0, TimeSpan.Zero);

    [Fact]
    public void AnIdIsAUuidOfVersion7ThatBeginsWithTheTime()
    {
        var id = Guid.ParseExact(RequestIds.Next(Now), "N");
        Assert.Equal((7, 8), (id.Version, id.Variant & 0xC));
        Assert.Equal(Guid.CreateVersion7(Now).ToString("N")[..12], id.ToString("N")[..12]);
    }

    [Fact]
    public void NoTwoIdsOfAnyThreadAreTheSame()
    {
        var ids = Enumerable.Range(0, 8).AsParallel().WithDegreeOfParallelism(8).SelectMany(_ => Enumerable.Range(0, 5_000).Select(_ => RequestIds.Next(Now))).ToArray();
        Assert.Equal(40_000, ids.Distinct().Count());
    }
}
