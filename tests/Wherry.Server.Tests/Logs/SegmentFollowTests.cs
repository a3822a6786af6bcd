using Wherry.Client;
using Wherry.Server.Logs;

namespace Wherry.Server.Tests.Logs;

public sealed class SegmentFollowTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("wherry-test-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Many_followers_and_writers_at_once_lose_nothing_and_end_with_the_log()
    {
        using var log = SegmentLog.Open(_folder, new LogOptions { MaxSegmentBytes = 10_000 });
        var followers = Enumerable.Range(0, 20).Select(_ => Task.Run(() => ReadAsync(log, new LogQuery { Follow = true }), Ct)).ToList();

        await Task.WhenAll(Enumerable.Range(0, 4).Select(writer => Task.Run(() =>
        {
            for (var n = 0; n < 500; n++)
            {
                log.Append(Line($"{writer} {n}"));
            }
        }, Ct)));
        log.Complete();

        foreach (var follower in followers)
        {
            var lines = (await follower).Select(l => l.Text).ToList();
            Assert.Equal(2000, lines.Count);
            Assert.All(Enumerable.Range(0, 4), w => Assert.Equal(Enumerable.Range(0, 500).Select(n => $"{w} {n}"), lines.Where(l => l.StartsWith($"{w} ", StringComparison.Ordinal))));
        }
    }

    [Fact]
    public async Task A_follower_holds_no_file_open_while_nothing_comes()
    {
        using var log = SegmentLog.Open(_folder, new LogOptions());
        log.Append(Line("one"));
        await using var reader = new SegmentReader(log, null, TimeProvider.System).ReadAsync(new LogQuery { Follow = true }, Ct).GetAsyncEnumerator(Ct);
        Assert.True(await reader.MoveNextAsync());
        var next = reader.MoveNextAsync();
        Assert.False(next.IsCompleted);
        log.Dispose(); // The writer's own.

        Assert.DoesNotContain(Directory.GetFiles("/proc/self/fd").Select(TargetOf), f => f?.StartsWith(_folder, StringComparison.Ordinal) == true);

        log.Append(Line("two"));
        Assert.True(await next);
        Assert.Equal("two", reader.Current.Text);
    }

    [Fact]
    public async Task A_follower_who_is_too_slow_for_the_cap_is_told_and_goes_on_with_what_is_there()
    {
        using var log = SegmentLog.Open(_folder, new LogOptions { MaxSegmentBytes = 200, MaxBytes = 600 });
        log.Append(Line("first"));
        await using var reader = new SegmentReader(log, null, TimeProvider.System).ReadAsync(new LogQuery { Follow = true }, Ct).GetAsyncEnumerator(Ct);
        Assert.True(await reader.MoveNextAsync());
        for (var n = 0; n < 100; n++)
        {
            log.Append(Line($"{n}"));
        }

        log.Complete();
        var rest = new List<string>();
        while (await reader.MoveNextAsync())
        {
            rest.Add(reader.Current.Text);
        }

        Assert.Contains("The lines before this are no longer kept.", rest);
        Assert.Equal("99", rest[^1]);
        var kept = rest.SkipWhile(t => !t.StartsWith("The", StringComparison.Ordinal)).Skip(1).Select(t => int.Parse(t, null)).ToList();
        Assert.Equal(Enumerable.Range(kept[0], kept.Count), kept);
    }

    [Fact]
    public async Task Following_with_tail_nothing_starts_with_what_comes_next()
    {
        using var log = SegmentLog.Open(_folder, new LogOptions());
        log.Append(Line("before"));
        await using var reader = new SegmentReader(log, null, TimeProvider.System).ReadAsync(new LogQuery { Follow = true, Tail = 0 }, Ct).GetAsyncEnumerator(Ct);
        var next = reader.MoveNextAsync();

        log.Append(Line("after"));

        Assert.True(await next);
        Assert.Equal("after", reader.Current.Text);
    }

    [Fact]
    public async Task A_follower_can_wait_for_a_log_that_has_no_line_yet()
    {
        using var log = SegmentLog.Open(Path.Combine(_folder, "later"), new LogOptions());
        var lines = ReadAsync(log, new LogQuery { Follow = true });

        log.Append(Line("first"));
        log.Complete();

        Assert.Equal(["first"], (await lines).Select(l => l.Text));
    }

    private static LogRecord Line(string text) => new(TimeProvider.System.GetUtcNow(), "web-1", "stdout", text, "web");

    private static async Task<List<LogLine>> ReadAsync(SegmentLog log, LogQuery query) =>
        await new SegmentReader(log, null, TimeProvider.System).ReadAsync(query, Ct).ToListAsync(Ct);

    /// <summary>Tests beside this one open and close files all the time.</summary>
    private static string? TargetOf(string handle)
    {
        try
        {
            return File.ResolveLinkTarget(handle, false)?.FullName;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
