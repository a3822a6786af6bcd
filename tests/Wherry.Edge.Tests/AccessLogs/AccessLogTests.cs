using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Wherry.Edge.AccessLogs;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.AccessLogs;

public sealed class AccessLogTests : OnAnEdge
{
    [Fact]
    public async Task KP_088_A_request_is_logged_with_service_target_status_sizes_and_duration()
    {
        await using var web = await Backend.StartAsync("web1");
        web.On("/order", async http =>
        {
            await http.Request.Body.CopyToAsync(Stream.Null, http.RequestAborted);
            await Task.Delay(50, http.RequestAborted);
            http.Response.StatusCode = 201;
            await http.Response.WriteAsync("created", http.RequestAborted);
        });
        await Edge.Control.PutAsync(A.Service(web), Ct);

        using var request = new HttpRequestMessage(HttpMethod.Post, "/order?id=7&x=\"") { Content = new StringContent("0123456789") };
        request.Headers.Add("X-Request-ID", "r-7");
        request.Headers.Add("User-Agent", "curl/8");
        using var response = await Edge.Http.SendAsync(request, Ct);

        var entry = await Edge.LoggedAsync("/order");
        Assert.Equal(
            ["r-7", A.Key, "web1", "POST", A.Host, "?id=7&x=%22", "127.0.0.1", "HTTP/1.1", "curl/8"],
            new[] { "id", "service", "target", "method", "host", "query", "client", "protocol", "agent" }.Select(f => entry[f]!.GetValue<string>()));
        Assert.Equal((201, 10L, 7L), (entry["status"]!.GetValue<int>(), entry["bytesIn"]!.GetValue<long>(), entry["bytesOut"]!.GetValue<long>()));
        Assert.InRange(entry["ms"]!.GetValue<double>(), 45, 10_000);
        Assert.InRange(TimeProvider.System.GetUtcNow() - entry["time"]!.GetValue<DateTimeOffset>(), TimeSpan.FromSeconds(-1), TimeSpan.FromSeconds(30));
        Assert.Null(entry["cut"]);
    }

    [Fact]
    public async Task A_request_that_no_service_takes_is_logged_too()
    {
        await Edge.GetAsync("http://nobody.test/lost");

        var entry = await Edge.LoggedAsync("/lost");
        Assert.Equal(("nobody.test", 404, null), (entry["host"]!.GetValue<string>(), entry["status"]!.GetValue<int>(), entry["service"]));
    }

    [Fact]
    public async Task What_was_logged_is_in_the_file_after_a_stop()
    {
        for (var i = 0; i < 50; i++)
        {
            await Edge.GetAsync($"/{i}");
        }

        await Edge.StopAsync();

        var lines = await File.ReadAllLinesAsync(Path.Combine(Edge.Home, "access.log"), Ct);
        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"/{i}"), lines.Select(l => JsonNode.Parse(l)!["path"]!.GetValue<string>()));
        await Edge.StartAgainAsync();
    }

    [Fact]
    public async Task The_file_starts_anew_at_its_size_and_old_ones_are_kept_up_to_their_number()
    {
        var path = Path.Combine(Edge.Home, "rotating.log");
        await using (var file = new RotatingFile(path, maxBytes: 100, keep: 2, TimeSpan.FromDays(30), TimeProvider.System))
        {
            for (var i = 0; i < 9; i++)
            {
                await file.AppendAsync(new byte[40], Ct);
            }
        }

        Assert.Equal(["rotating.log", "rotating.log.1", "rotating.log.2"], Directory.GetFiles(Edge.Home, "rotating*").Select(Path.GetFileName).Order());
        Assert.Equal((40, 80), (new FileInfo(path).Length, new FileInfo(path + ".1").Length));
    }

    [Fact]
    public async Task A_file_of_yesterday_is_an_old_one_and_goes_after_its_time()
    {
        var path = Path.Combine(Edge.Home, "daily.log");
        var clock = new Clock();
        await using (var file = new RotatingFile(path, maxBytes: 1 << 20, keep: 9, TimeSpan.FromDays(3), clock))
        {
            for (var day = 0; day < 7; day++)
            {
                await file.AppendAsync(new byte[10], Ct);
                File.SetLastWriteTimeUtc(path, clock.GetUtcNow().UtcDateTime);
                clock.Now += TimeSpan.FromHours(25);
            }
        }

        Assert.InRange(Directory.GetFiles(Edge.Home, "daily*").Length, 3, 4);
        Assert.Equal(10, new FileInfo(path).Length);
    }

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = System.GetUtcNow();

        public override DateTimeOffset GetUtcNow() => Now;
    }

    [Fact]
    public async Task A_disk_that_takes_nothing_costs_lines_and_not_requests()
    {
        await using var log = new AccessLog(new RotatingFile("/proc/no-such-folder/access.log", 1000, 1, TimeSpan.FromDays(30), TimeProvider.System), TimeProvider.System, NullLogger<AccessLog>.Instance);
        var http = new DefaultHttpContext();
        http.Request.Path = "/" + new string('x', 1 << 20);

        for (var i = 0; i < 20; i++)
        {
            log.Add(new(TimeProvider.System.GetUtcNow(), http.Request, "r", null, null, "", 200, 0, 0, TimeSpan.Zero, null));
        }

        Assert.True(log.Dropped > 0);
    }
}
