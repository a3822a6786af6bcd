using System.Globalization;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using Wherry.Core.Model;
using Wherry.Core.Routing;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Switching;

/// <summary>Which target gets the next request.</summary>
public sealed class BalanceTests : OnAnEdge
{
    [Fact]
    public async Task The_target_with_the_fewest_requests_gets_the_next_one()
    {
        await using var quick = await Backend.StartAsync("quick");
        await using var busy = await Backend.StartAsync("busy", beside: quick);
        using var done = new SemaphoreSlim(0);
        foreach (var target in new[] { quick, busy })
        {
            target.On("/slow", async http =>
            {
                await done.WaitAsync(http.RequestAborted);
                await http.Response.WriteAsync(target.Id);
            });
        }

        await Edge.Control.PutAsync(A.Service(quick, busy) with { Rules = new() { Balance = Balance.LeastRequests } }, Ct);
        var slow = Enumerable.Range(0, 4).Select(_ => Edge.GetAsync("/slow")).ToArray();
        await Eventually.TrueAsync(() => quick.Hits + busy.Hits == 4);
        Assert.Equal((2, 2), (quick.Hits, busy.Hits));

        // Two more on one of them only: from then on the other is asked.
        var third = Edge.GetAsync("/slow");
        await Eventually.TrueAsync(() => quick.Hits + busy.Hits == 5);
        var idle = quick.Hits < busy.Hits ? "quick" : "busy";
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(idle, await Edge.GetAsync("/"));
        }

        done.Release(5);
        Assert.Equal(5, (await Task.WhenAll([.. slow, third])).Length);
    }

    [Theory]
    [InlineData("GET", "reader")]
    [InlineData("HEAD", "reader")]
    [InlineData("POST", "writer")]
    [InlineData("PUT", "writer")]
    [InlineData("PATCH", "writer")]
    [InlineData("DELETE", "writer")]
    [InlineData("OPTIONS", "writer")]
    [InlineData("PROPFIND", "writer")]
    public async Task KP_060_What_reads_goes_to_readers_and_what_writes_to_writers(string method, string expected)
    {
        await using var writer = await Backend.StartAsync("writer");
        await using var reader = await Backend.StartAsync("reader", beside: writer);
        await Edge.Control.PutAsync(Divided(new(), writer, reader), Ct);

        for (var i = 0; i < 4; i++)
        {
            using var answer = await SendAsync(method);
            Assert.Equal(200, (int)answer.StatusCode);
        }

        Assert.Equal(expected == "reader" ? (0, 4) : (4, 0), (writer.Hits, reader.Hits));
    }

    [Fact]
    public async Task KP_060_With_no_readers_everything_goes_to_the_writers()
    {
        await using var one = await Backend.StartAsync("one");
        await using var two = await Backend.StartAsync("two", beside: one);
        await Edge.Control.PutAsync(A.Service(one, two) with { Rules = new() { Readers = new() } }, Ct);
        Assert.Equal(["one", "two"], new[] { await Edge.GetAsync("/"), await Edge.GetAsync("/") }.Order());

        await Edge.Control.PutAsync(A.Service(one, two) with { Rules = new() { Readers = new() }, Readers = ["one", "two"] }, Ct);
        using var posted = await SendAsync("POST");
        Assert.Equal(200, (int)posted.StatusCode);
    }

    [Fact]
    public async Task KP_060_Writers_read_when_no_reader_can_and_readers_never_write()
    {
        await using var writer = await Backend.StartAsync("writer");
        await using var reader = await Backend.StartAsync("reader", beside: writer);
        await Edge.Control.PutAsync(Divided(new(), writer, reader), Ct);

        await reader.StopAsync();
        Assert.Equal("writer", await Edge.GetAsync("/"));
        await reader.StartAsync();
        await writer.StopAsync();
        using var posted = await SendAsync("POST");
        Assert.Equal(502, (int)posted.StatusCode);
        Assert.Equal(0, reader.Hits);
    }

    [Theory]
    [InlineData(false, "writer")]
    [InlineData(true, "reader")]
    public async Task KP_061_WebSockets_go_to_writers_unless_the_rule_says_otherwise(bool websockets, string expected)
    {
        await using var writer = await Backend.StartAsync("writer");
        await using var reader = await Backend.StartAsync("reader", beside: writer);
        writer.On("/ws", WebSocketEcho.ServeAsync);
        reader.On("/ws", WebSocketEcho.ServeAsync);
        await Edge.Control.PutAsync(Divided(new() { Websockets = websockets }, writer, reader), Ct);

        using var socket = await WebSocketEcho.ConnectAsync(Edge, "/ws");
        Assert.Equal("hello", await WebSocketEcho.AskAsync(socket, "hello"));
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Ct);

        Assert.Equal(expected == "reader" ? (0, 1) : (1, 0), (writer.Hits, reader.Hits));
    }

    [Theory]
    [InlineData(600)]
    [InlineData(1500)]
    public async Task KP_062_After_a_write_the_same_visitor_reads_from_the_writer_for_a_while(int affinity)
    {
        await using var writer = await Backend.StartAsync("writer");
        await using var reader = await Backend.StartAsync("reader", beside: writer);
        await Edge.Control.PutAsync(Divided(new() { Affinity = TimeSpan.FromMilliseconds(affinity) }, writer, reader), Ct);

        var watch = System.Diagnostics.Stopwatch.StartNew();
        using var written = await SendAsync("POST");
        var cookie = Assert.Single(written.Headers.GetValues("Set-Cookie"));
        Assert.Contains($"max-age={(affinity + 999) / 1000}", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        cookie = cookie.Split(';')[0];

        Assert.Equal("writer", await ReadAsync(cookie));
        Assert.Equal("reader", await ReadAsync(null));
        await Eventually.TrueAsync(async () => await ReadAsync(cookie) == "reader");
        Assert.InRange(watch.ElapsedMilliseconds, affinity - 20, affinity + 5000);
    }

    [Fact]
    public async Task KP_063_There_is_no_affinity_without_readers_without_time_or_where_the_answer_says_so()
    {
        await using var writer = await Backend.StartAsync("writer");
        await using var reader = await Backend.StartAsync("reader", beside: writer);
        writer.On("/no", http =>
        {
            http.Response.Headers["X-Writer-Affinity"] = "false";
            return http.Response.WriteAsync("written");
        });
        await Edge.Control.PutAsync(Divided(new(), writer, reader), Ct);
        using var unwanted = await SendAsync("POST", "/no");
        using var read = await SendAsync("GET");
        await Edge.Control.PutAsync(Divided(new() { Affinity = TimeSpan.Zero }, writer, reader), Ct);
        using var noTime = await SendAsync("POST");
        await Edge.Control.PutAsync(A.Service(writer, reader), Ct);
        using var undivided = await SendAsync("POST");

        Assert.All([unwanted, read, noTime, undivided], answer => Assert.False(answer.Headers.Contains("Set-Cookie")));
        Assert.False(unwanted.Headers.Contains("X-Writer-Affinity"));
    }

    [Theory]
    [InlineData("99999999999999")]
    [InlineData("999999999999999999999999")]
    [InlineData("-1")]
    [InlineData("soon")]
    public async Task A_visitor_cannot_make_up_an_affinity_without_end(string value)
    {
        await using var writer = await Backend.StartAsync("writer");
        await using var reader = await Backend.StartAsync("reader", beside: writer);
        await Edge.Control.PutAsync(Divided(new(), writer, reader), Ct);

        Assert.Equal("reader", await ReadAsync($"wherry-writer={value}"));
        var far = DateTimeOffset.UtcNow.AddMinutes(1).ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        Assert.Equal("reader", await ReadAsync($"wherry-writer={far}"));
    }

    private static EdgeService Divided(ReadersRule rule, Backend writer, Backend reader) => A.Service(writer, reader) with { Rules = new() { Readers = rule }, Readers = [reader.Id] };

    private async Task<HttpResponseMessage> SendAsync(string method, string path = "/")
    {
        using var request = new HttpRequestMessage(HttpMethod.Parse(method), path);
        return await Edge.Http.SendAsync(request, Ct);
    }

    private async Task<string> ReadAsync(string? cookie)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        if (cookie is not null)
        {
            request.Headers.TryAddWithoutValidation("Cookie", cookie);
        }

        using var visitor = Edge.NewClient(); // remembers no cookies of others
        using var response = await visitor.SendAsync(request, Ct);
        return await response.Content.ReadAsStringAsync(Ct);
    }
}
