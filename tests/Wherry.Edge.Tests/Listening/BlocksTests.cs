using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Wherry.Edge.Listening;

namespace Wherry.Edge.Tests.Listening;

public class BlocksTests
{
    [Fact]
    public void TheServerTakesItsMemoryHere()
    {
        using var services = KestrelServices.ForTcp(NullLoggerFactory.Instance).BuildServiceProvider();
        Assert.IsType<Blocks>(services.GetRequiredService<IMemoryPoolFactory<byte>>());
    }

    [Fact]
    public void ThereAreLargePiecesUpTo16MbAndSmallOnesBeyond()
    {
        using var blocks = new Blocks();
        var rented = Enumerable.Range(0, 1000).Select(_ => blocks.Rent(4096)).ToArray();
        Assert.Equal(16 << 20, rented.Where(r => r.Memory.Length > 4096).Sum(r => r.Memory.Length));
        Assert.Equal(1000 - 128, rented.Count(r => r.Memory.Length == 4096));

        Array.ForEach(rented, r => r.Dispose());
        using var again = blocks.Rent();
        Assert.Equal(128 << 10, again.Memory.Length);
    }

    [Fact]
    public void APieceThatIsGivenBackTwiceCountsOnce()
    {
        using var blocks = new Blocks();
        var first = blocks.Rent();
        first.Dispose();
        first.Dispose();
        var rented = Enumerable.Range(0, 129).Select(_ => blocks.Rent()).ToArray();
        Assert.Equal(128, rented.Count(r => r.Memory.Length == 128 << 10));
        Array.ForEach(rented, r => r.Dispose());
    }

    [Fact]
    public void MoreThanALargePieceIsHadToo()
    {
        using var blocks = new Blocks();
        using var large = blocks.Rent(1 << 20);
        Assert.True(large.Memory.Length >= 1 << 20);
    }
}
