using System.Text;
using Wherry.Client;
using Wherry.Server.Logs;

namespace Wherry.Server.Tests.Logs;

public sealed class SegmentLogTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly string _folder = Directory.CreateTempSubdirectory("wherry-test-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_reader_goes_on_at_any_offset_it_was_given()
    {
        using var log = Open();
        Append(log, 10);
        var all = await ReadAsync(log, new LogQuery());
        Assert.Equal(Enumerable.Range(0, 10).Select(n => $"line {n}"), all.Select(l => l.Text));

        for (var i = 0; i < all.Count; i++)
        {
            Assert.Equal(all.Skip(i + 1), await ReadAsync(log, new LogQuery { From = all[i].Offset }));
        }
    }

    [Fact]
    public async Task Segments_change_at_their_size_without_a_reader_noticing()
    {
        using var log = Open(new LogOptions { MaxSegmentBytes = 300 });
        Append(log, 50);

        Assert.True(log.Segments.Length > 5, $"{log.Segments.Length} segments");
        Assert.Equal(Enumerable.Range(0, 50).Select(n => $"line {n}"), (await ReadAsync(log, new LogQuery())).Select(l => l.Text));
    }

    [Fact]
    public async Task The_oldest_segments_go_at_the_cap_and_a_reader_who_wants_them_is_told_once()
    {
        using var log = Open(new LogOptions { MaxSegmentBytes = 300, MaxBytes = 1000 });
        Append(log, 100);

        var lines = await ReadAsync(log, new LogQuery { From = 0 });

        Assert.InRange(new DirectoryInfo(_folder).EnumerateFiles().Sum(f => f.Length), 300, 1300);
        Assert.Equal(("wherry", "The lines before this are no longer kept."), (lines[0].Stream, lines[0].Text));
        var rest = lines.Skip(1).Select(l => l.Text).ToList();
        Assert.Equal(Enumerable.Range(100 - rest.Count, rest.Count).Select(n => $"line {n}"), rest);
        Assert.InRange(rest.Count, 3, 20);
        Assert.Equal(lines.Skip(1), await ReadAsync(log, new LogQuery { From = lines[0].Offset }));
    }

    [Fact]
    public async Task An_offset_beyond_the_end_belongs_to_a_log_that_is_gone_and_starts_over()
    {
        using var log = Open();
        Append(log, 2);

        var lines = await ReadAsync(log, new LogQuery { From = 1_000_000 });

        Assert.Equal(["The lines before this are no longer kept.", "line 0", "line 1"], lines.Select(l => l.Text));
    }

    [Fact]
    public async Task An_offset_inside_a_line_starts_at_the_next()
    {
        using var log = Open(new LogOptions { MaxSegmentBytes = 200 });
        Append(log, 20);
        var all = await ReadAsync(log, new LogQuery());

        for (var offset = 1; offset < log.End; offset++)
        {
            Assert.Equal(all.Where(l => l.Offset > all.Where(x => x.Offset >= offset).Min(x => x.Offset)), await ReadAsync(log, new LogQuery { From = offset }));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(50)]
    [InlineData(1000)]
    public async Task Tail_gives_the_last_lines_of_one_service_across_segments(int tail)
    {
        using var log = Open(new LogOptions { MaxSegmentBytes = 500 });
        var wanted = new List<string>();
        for (var n = 0; n < 100; n++)
        {
            var service = n % 3 == 0 ? "web" : "worker";
            log.Append(new LogRecord(Noon.AddSeconds(n), $"{service}-1", "stdout", $"line {n}", service));
            if (service == "web")
            {
                wanted.Add($"line {n}");
            }
        }

        Assert.Equal(wanted.TakeLast(tail), (await ReadAsync(log, new LogQuery { Tail = tail }, "web")).Select(l => l.Text));
    }

    [Fact]
    public async Task Tail_finds_lines_that_are_longer_than_a_block()
    {
        using var log = Open(new LogOptions { MaxSegmentBytes = 1 << 20 });
        var control = new string('\u0001', LogOptions.MaxLineBytes); // Six times as long in JSON.
        log.Append(Line(0), Line(1) with { Text = control }, Line(2) with { Text = control }, Line(3));

        var lines = await ReadAsync(log, new LogQuery { Tail = 3 });

        Assert.Equal([control, control, "line 3"], lines.Select(l => l.Text));
    }

    [Fact]
    public async Task Since_starts_at_a_moment_across_segments()
    {
        using var log = Open(new LogOptions { MaxSegmentBytes = 300 });
        Append(log, 60);

        for (var second = 0; second <= 60; second++)
        {
            Assert.Equal(Enumerable.Range(second, 60 - second).Select(n => $"line {n}"), (await ReadAsync(log, new LogQuery { Since = Noon.AddSeconds(second) })).Select(l => l.Text));
        }
    }

    [Fact]
    public async Task Tail_never_reaches_behind_since()
    {
        using var log = Open();
        Append(log, 20);

        Assert.Equal(["line 17", "line 18", "line 19"], (await ReadAsync(log, new LogQuery { Tail = 10, Since = Noon.AddSeconds(17) })).Select(l => l.Text));
        Assert.Equal(["line 19"], (await ReadAsync(log, new LogQuery { Tail = 1, Since = Noon.AddSeconds(17) })).Select(l => l.Text));
    }

    [Fact]
    public async Task A_long_line_is_split_between_characters_and_nothing_of_it_is_lost()
    {
        using var log = Open();
        var text = string.Concat(Enumerable.Range(0, 20_000).Select(n => n % 2 == 0 ? "é🚣" : "\t"));
        log.Append(Line(0) with { Text = text });

        var lines = await ReadAsync(log, new LogQuery());

        Assert.All(lines, l => Assert.InRange(Encoding.UTF8.GetByteCount(l.Text), 1, LogOptions.MaxLineBytes));
        Assert.All(lines, l => Assert.DoesNotContain('\uFFFD', l.Text));
        Assert.Equal(text, string.Concat(lines.Select(l => l.Text)));
    }

    [Fact]
    public async Task Any_text_comes_back_as_it_was()
    {
        using var log = Open();
        string[] texts = ["", " ", "\"quoted\" \\ and \u2028 line separators", "\u0000\u001b[31mred", "日本語 🚣‍♀️", "{\"at\":1}", "\r", "a\nb"];
        log.Append([.. texts.Select(t => Line(0) with { Text = t })]);

        Assert.Equal(texts, (await ReadAsync(log, new LogQuery())).Select(l => l.Text));
    }

    [Fact]
    public void Files_are_for_their_owner_alone()
    {
        using var log = Open();
        Append(log, 1);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(log.FileOf(0)));
    }

    private SegmentLog Open(LogOptions? options = null) => SegmentLog.Open(_folder, options ?? new LogOptions());

    private static LogRecord Line(int n) => new(Noon.AddSeconds(n), "web-1", "stdout", $"line {n}", "web");

    private static void Append(SegmentLog log, int lines)
    {
        for (var n = 0; n < lines; n++)
        {
            log.Append(Line(n));
        }
    }

    private static async Task<List<LogLine>> ReadAsync(SegmentLog log, LogQuery query, string? service = null) =>
        await new SegmentReader(log, service, TimeProvider.System).ReadAsync(query, Ct).ToListAsync(Ct);
}
