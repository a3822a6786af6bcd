using Wherry.Server.Pools;

namespace Wherry.Server.Tests.Pools;

/// <summary>RG-09.</summary>
public sealed class PoolTests
{
    private readonly List<string> _said = [];

    [Fact]
    public async Task Whoever_comes_to_a_full_pool_waits_and_says_for_whom()
    {
        var pool = new Pool("build", 2);
        var first = await EnterAsync(pool, "shop/production");
        using var second = await EnterAsync(pool, "blog/production");
        var third = EnterAsync(pool, "wiki/production");

        Assert.False(third.IsCompleted);
        Assert.Equal(["waits for a free build slot: 2 of 2 are used by shop/production, blog/production"], _said);
        first.Dispose();
        first.Dispose();
        using var seat = await third;
        Assert.False(EnterAsync(pool, "late/production").IsCompleted);
    }

    [Fact]
    public async Task Whoever_does_not_want_to_wait_is_told_that_the_pool_is_full()
    {
        var pool = new Pool("session", 1);
        var only = pool.TryEnter("shop/production");

        Assert.NotNull(only);
        Assert.Null(pool.TryEnter("blog/production"));
        var next = EnterAsync(pool, "wiki/production");
        only.Dispose();
        (await next).Dispose();
        Assert.NotNull(pool.TryEnter("blog/production"));
    }

    [Fact]
    public async Task A_busy_environment_does_not_delay_another_ones_turn()
    {
        var pool = new Pool("build", 2);
        var staging = await EnterAsync(pool, "shop/staging");
        using var staging2 = await EnterAsync(pool, "shop/staging");
        var more = Enumerable.Range(0, 5).Select(_ => EnterAsync(pool, "shop/staging")).ToList();
        var production = EnterAsync(pool, "shop/production");

        staging.Dispose();

        using var seat = await production;
        Assert.DoesNotContain(more, m => m.IsCompleted);
    }

    [Fact]
    public async Task One_that_stops_waiting_leaves_its_turn_to_the_next()
    {
        var pool = new Pool("build", 1);
        var seat = await EnterAsync(pool, "a");
        using var stop = new CancellationTokenSource();
        var gone = pool.EnterAsync("b", _ => Task.CompletedTask, stop.Token);
        var next = EnterAsync(pool, "c");

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        seat.Dispose();

        (await next).Dispose();
        Assert.Equal(0, pool.Waiting);
    }

    private Task<IDisposable> EnterAsync(Pool pool, string holder) => pool.EnterAsync(holder, line =>
    {
        _said.Add(line);
        return Task.CompletedTask;
    }, CancellationToken.None);
}
