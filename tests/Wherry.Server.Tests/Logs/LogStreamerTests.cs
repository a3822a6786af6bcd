using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Wherry.Client;
using Wherry.Server.Logs;

namespace Wherry.Server.Tests.Logs;

public sealed class LogStreamerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("wherry-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task While_nothing_comes_empty_lines_keep_the_connection_alive_and_a_caller_who_leaves_ends_it()
    {
        await using var app = WebApplication.CreateSlimBuilder().Build();
        using var log = SegmentLog.Open(_folder, new LogOptions());
        log.Append(new LogRecord(DateTimeOffset.UnixEpoch, "web-1", "stdout", "one", "web"));
        using var leave = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));
        using var body = new MemoryStream();
        var context = new DefaultHttpContext { RequestAborted = leave.Token, Response = { Body = body } };
        var streamer = new LogStreamer(new LogOptions { KeepAliveEvery = TimeSpan.FromMilliseconds(50) }, TimeProvider.System, app.Lifetime);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => streamer.SendAsync(context, log, null, new LogQuery { Follow = true }));

        Assert.Equal("application/x-ndjson", context.Response.ContentType);
        var lines = System.Text.Encoding.UTF8.GetString(body.ToArray()).Split('\n');
        Assert.Equal("{\"offset\":" + log.End + ",\"at\":\"1970-01-01T00:00:00+00:00\",\"source\":\"web-1\",\"stream\":\"stdout\",\"text\":\"one\"}", lines[0]);
        Assert.All(lines.Skip(1), Assert.Empty);
        Assert.InRange(lines.Length, 3, 20);
    }
}
