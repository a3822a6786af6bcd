using Wherry.Server.Logs;

namespace Wherry.Server.Tests.Logs;

public sealed class ReplicaCursorsTests : IDisposable
{
    private const string Container = "0123456789ab";
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly string _folder = Directory.CreateTempSubdirectory("wherry-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_container_that_was_never_seen_is_read_from_its_start()
    {
        var resume = new ReplicaCursors(_folder).Resume(Container);

        Assert.Null(resume.Since);
        Assert.True(resume.IsNew("stdout", Noon));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    public void Whatever_was_saved_before_the_crash_each_line_is_taken_over_once(int savedAfter)
    {
        // Several lines of one moment, on both streams.
        (string Stream, int Second)[] output = [("stdout", 1), ("stdout", 2), ("stderr", 2), ("stdout", 2), ("stdout", 2), ("stderr", 3), ("stdout", 3)];
        for (var crashAt = savedAfter; crashAt <= output.Length; crashAt++)
        {
            Directory.Delete(_folder, recursive: true);
            Directory.CreateDirectory(_folder);
            using (var log = SegmentLog.Open(_folder, new LogOptions()))
            {
                var cursors = new ReplicaCursors(_folder);
                for (var n = 0; n < crashAt; n++)
                {
                    log.Append(Record(output[n].Stream, output[n].Second));
                    cursors.Note(Record(output[n].Stream, output[n].Second));
                    if (n + 1 == savedAfter)
                    {
                        cursors.Save(log.End);
                    }
                }
            }

            using var again = SegmentLog.Open(_folder, new LogOptions());
            var after = new ReplicaCursors(_folder);
            after.Load(again, TimeProvider.System);
            var resume = after.Resume(Container);
            var replayed = output.Where(o => resume.Since is null || Noon.AddSeconds(o.Second) >= resume.Since).Where(o => resume.IsNew(o.Stream, Noon.AddSeconds(o.Second)));
            Assert.Equal(output[crashAt..], replayed);
        }
    }

    [Fact]
    public void The_parts_of_a_long_line_count_as_one()
    {
        using var log = SegmentLog.Open(_folder, new LogOptions());
        log.Append(Record("stdout", 1) with { Text = new string('x', 3 * LogOptions.MaxLineBytes) });
        var cursors = new ReplicaCursors(_folder);
        cursors.Load(log, TimeProvider.System);

        var resume = cursors.Resume(Container);

        Assert.False(resume.IsNew("stdout", Noon.AddSeconds(1)));
        Assert.True(resume.IsNew("stdout", Noon.AddSeconds(1)));
    }

    [Fact]
    public void A_torn_file_costs_nothing_but_reading_the_log()
    {
        using var log = SegmentLog.Open(_folder, new LogOptions());
        log.Append(Record("stdout", 1));
        File.WriteAllText(Path.Combine(_folder, "cursors.json"), "{\"offset\":");

        var cursors = new ReplicaCursors(_folder);
        cursors.Load(log, TimeProvider.System);

        Assert.False(cursors.Resume(Container).IsNew("stdout", Noon.AddSeconds(1)));
    }

    [Fact]
    public void What_is_known_of_a_container_goes_with_it()
    {
        var cursors = new ReplicaCursors(_folder);
        cursors.Note(Record("stdout", 1));
        cursors.Note(Record("stdout", 1) with { Container = "ba9876543210" });

        cursors.Forget(c => c == Container);

        Assert.Null(cursors.Resume(Container).Since);
        Assert.NotNull(cursors.Resume("ba9876543210").Since);
    }

    private static LogRecord Record(string stream, int second) => new(Noon.AddSeconds(second), "web-1", stream, "text", "web", Container);
}
