using Wherry.Client;
using Wherry.Server.Logs;

namespace Wherry.Server.Tests.Logs;

public sealed class SegmentRecoveryTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly string _folder = Directory.CreateTempSubdirectory("wherry-test-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Segment => Path.Combine(_folder, "00000000000000000000.log");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Wherever_a_crash_cuts_the_file_all_whole_lines_stay_and_the_log_goes_on()
    {
        using (var log = Open())
        {
            log.Append(Line("first"), Line("second"), Line("thïrd 🚣"));
        }

        var whole = await File.ReadAllBytesAsync(Segment, Ct);
        for (var length = 0; length < whole.Length; length++)
        {
            await File.WriteAllBytesAsync(Segment, whole[..length], Ct);
            using var log = Open();
            log.Append(Line("after"));

            var kept = whole.AsSpan(0, length).Count((byte)'\n');
            Assert.Equal([.. new[] { "first", "second", "thïrd 🚣" }.Take(kept), "after"], await TextsAsync(log));
        }
    }

    [Fact]
    public async Task Zeros_that_a_power_cut_left_at_the_end_are_cut_off()
    {
        using (var log = Open())
        {
            log.Append(Line("first"));
        }

        await File.AppendAllTextAsync(Segment, new string('\0', 100_000), Ct);

        using var again = Open();
        again.Append(Line("second"));
        Assert.Equal(["first", "second"], await TextsAsync(again));
    }

    [Fact]
    public async Task The_first_parts_of_a_long_line_without_its_last_are_cut_off()
    {
        using (var log = Open())
        {
            log.Append(Line("first"), Line(new string('x', 3 * LogOptions.MaxLineBytes)));
        }

        var bytes = await File.ReadAllBytesAsync(Segment, Ct);
        var lastLine = bytes.AsSpan(0, bytes.Length - 1).LastIndexOf((byte)'\n') + 1;
        await File.WriteAllBytesAsync(Segment, bytes[..(lastLine + 5)], Ct);

        using var again = Open();
        Assert.Equal(["first"], await TextsAsync(again));
        Assert.Equal(again.End, new FileInfo(Segment).Length);
    }

    [Fact]
    public async Task A_line_that_the_disk_garbled_is_left_out_and_the_lines_after_it_are_read()
    {
        using (var log = Open())
        {
            log.Append(Line("first"), Line("second"), Line("third"));
        }

        var bytes = await File.ReadAllBytesAsync(Segment, Ct);
        var second = bytes.AsSpan().IndexOf("\n"u8) + 1;
        bytes.AsSpan(second, 20).Fill((byte)'#');
        await File.WriteAllBytesAsync(Segment, bytes, Ct);

        using var again = Open();
        Assert.Equal(["first", "third"], await TextsAsync(again));
    }

    [Fact]
    public async Task A_file_that_somebody_deleted_leaves_a_notice_where_it_was()
    {
        var options = new LogOptions { MaxSegmentBytes = 1 };
        using var log = SegmentLog.Open(_folder, options);
        log.Append(Line("first"));
        log.Append(Line("second"));
        log.Append(Line("third"));
        File.Delete(log.FileOf(log.Segments[1]));

        Assert.Equal(["first", "The lines before this are no longer kept.", "third"], await TextsAsync(log));
    }

    [Fact]
    public async Task A_completed_log_is_complete_after_a_restart_too()
    {
        using (var log = Open())
        {
            log.Append(Line("only"));
            log.Complete();
            log.Append(Line("dropped"));
        }

        using var again = Open();
        Assert.True(again.IsComplete);
        Assert.Equal(["only"], await TextsAsync(again, follow: true));
    }

    private SegmentLog Open() => SegmentLog.Open(_folder, new LogOptions());

    private static LogRecord Line(string text) => new(Noon, "deploy", "wherry", text);

    private static async Task<List<string>> TextsAsync(SegmentLog log, bool follow = false) =>
        await new SegmentReader(log, null, TimeProvider.System).ReadAsync(new LogQuery { Follow = follow }, Ct).Select(l => l.Text).ToListAsync(Ct);
}
