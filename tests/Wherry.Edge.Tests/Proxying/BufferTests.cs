using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Wherry.Core.Model;
using Wherry.Core.Routing;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Proxying;

/// <summary>Bodies that the edge holds back until they are whole.</summary>
public sealed class BufferTests : OnAnEdge
{
    private const int Limit = 1000;

    private string Files => Path.Combine(Edge.Home, "buffers");

    public static TheoryData<int, bool, int, int> Bodies()
    {
        var cells = new TheoryData<int, bool, int, int>();
        foreach (var size in new[] { 0, Limit, Limit + 1, 300_000 })
        {
            foreach (var chunked in new[] { false, true })
            {
                foreach (var memory in new[] { 0, 100, 100_000 })
                {
                    cells.Add(size, chunked, memory, size > Limit ? 413 : 200);
                }
            }
        }

        return cells;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_begins_to_send_a_body_and_goes_silent_is_told_after_the_silence_that_is_given(bool held)
    {
        await using var edge = await TestEdge.StartAsync(o => o with { SilentFor = TimeSpan.FromMilliseconds(400) });
        await using var one = await Backend.StartAsync("one");
        await using var two = await Backend.StartAsync("two", one);
        var service = held ? Held(one, new()) : A.Service(one, two); // that could be sent to the other is kept too
        await edge.Control.PutAsync(service, Ct);

        var answer = await RawHttp.SendAsync(edge, $"PUT / HTTP/1.1\r\nHost: {A.Host}\r\nContent-Length: 10\r\nConnection: close\r\n\r\nabc");

        Assert.StartsWith("HTTP/1.1 408", answer, StringComparison.Ordinal);
        Assert.Equal(0, one.Hits + two.Hits);
    }

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task KP_074_KP_080_A_body_that_is_held_back_has_the_limit_too(int size, bool chunked, int memory, int status)
    {
        await using var web = await Backend.StartAsync("web1");
        web.Otherwise = http => http.Request.Body.CopyToAsync(http.Response.Body, http.RequestAborted);
        await Edge.Control.PutAsync(Held(web, new() { Memory = memory }) with { MaxBodyBytes = Limit }, Ct);

        using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = new ByteArrayContent(new byte[size]) };
        request.Headers.TransferEncodingChunked = chunked;
        using var response = await Edge.Http.SendAsync(request, Ct);

        Assert.Equal((status, status == 200 ? 1 : 0), ((int)response.StatusCode, web.Hits));
        Assert.Equal(status == 200 ? size : -1, status == 200 ? (await response.Content.ReadAsByteArrayAsync(Ct)).Length : -1);
        await NoFileIsLeftAsync();
    }

    [Theory]
    [InlineData(Limit, true, 200)]
    [InlineData(Limit + 1, true, 500)]
    [InlineData(300_000, false, 500)]
    [InlineData(0, false, 200)]
    public async Task KP_075_KP_079_An_answer_over_the_limit_is_500_and_none_of_it_goes_out(int size, bool known, int status)
    {
        await using var web = await Backend.StartAsync("web1");
        web.Otherwise = http =>
        {
            http.Response.ContentLength = known ? size : null;
            http.Response.ContentType = "text/html";
            return http.Response.Body.WriteAsync(new byte[size], http.RequestAborted).AsTask();
        };
        await Edge.Control.PutAsync(Held(web, new() { Memory = 100, MaxResponse = Limit }), Ct);

        using var response = await Edge.Http.GetAsync(new Uri("/", UriKind.Relative), Ct);

        Assert.Equal(status, (int)response.StatusCode);
        var body = await response.Content.ReadAsStringAsync(Ct);
        Assert.Equal(status == 200 ? new string('\0', size) : "larger than allowed", status == 200 ? body : body.Contains("larger than allowed", StringComparison.Ordinal) ? "larger than allowed" : body);
        Assert.Equal(200, await Edge.StatusAsync("/up"));
        await NoFileIsLeftAsync();
    }

    [Fact]
    public async Task KP_076_A_malformed_chunked_body_that_is_held_back_gets_400_and_the_target_never_sees_it()
    {
        await using var web = await Backend.StartAsync("web1");
        await Edge.Control.PutAsync(Held(web, new()), Ct);

        var answer = await RawHttp.SendAsync(Edge, $"POST /read HTTP/1.1\r\nHost: {A.Host}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nnot-a-size\r\n");

        Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
        Assert.Equal(0, web.Hits);
    }

    [Theory]
    [InlineData("text/event-stream")]
    [InlineData("text/event-stream; charset=utf-8")]
    [InlineData("text/plain")]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("text/html", "X-Accel-Buffering")]
    public async Task KP_066_KP_077_Answers_that_are_streams_pass_piece_by_piece(string type, string? header = null)
    {
        await using var web = await Backend.StartAsync("web1");
        using var next = new SemaphoreSlim(1);
        web.Otherwise = async http =>
        {
            http.Response.ContentType = type;
            http.Response.Headers[header ?? "X-Other"] = "no";
            for (var i = 0; i < 3; i++)
            {
                await next.WaitAsync(http.RequestAborted);
                await http.Response.WriteAsync($"piece {i}\n", http.RequestAborted);
                await http.Response.Body.FlushAsync(http.RequestAborted);
            }
        };
        await Edge.Control.PutAsync(Held(web, new()), Ct);

        using var response = await Edge.Http.GetAsync(new Uri("/", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, Ct);
        using var pieces = new StreamReader(await response.Content.ReadAsStreamAsync(Ct));
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal($"piece {i}", await pieces.ReadLineAsync(Ct));
            next.Release();
        }
    }

    [Fact]
    public async Task KP_078_A_flush_in_an_answer_that_is_held_back_sends_nothing()
    {
        await using var web = await Backend.StartAsync("web1");
        using var flushed = new SemaphoreSlim(0);
        using var next = new SemaphoreSlim(0);
        web.Otherwise = async http =>
        {
            http.Response.ContentType = "text/html";
            await http.Response.WriteAsync("first ", http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
            flushed.Release();
            await next.WaitAsync(http.RequestAborted);
            await http.Response.WriteAsync("second", http.RequestAborted);
        };
        await Edge.Control.PutAsync(Held(web, new()), Ct);

        var asking = Edge.Http.GetAsync(new Uri("/", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, Ct);
        await flushed.WaitAsync(Ct);
        await Task.Delay(200, Ct);
        Assert.False(asking.IsCompleted);
        next.Release();

        using var response = await asking;
        Assert.Equal(("first second", 12L), (await response.Content.ReadAsStringAsync(Ct), response.Content.Headers.ContentLength));
    }

    [Theory]
    [InlineData(100_000_000)]
    [InlineData(1000)]
    public async Task KP_079_A_body_spills_from_memory_to_a_file_that_is_gone_afterwards(int memory)
    {
        await using var web = await Backend.StartAsync("web1");
        var sent = RandomNumberGenerator.GetBytes(3 << 20);
        var seen = -1;
        web.Otherwise = async http =>
        {
            seen = FilesNow();
            http.Response.ContentType = "image/png";
            http.Response.ContentLength = http.Request.ContentLength;
            await http.Request.Body.CopyToAsync(http.Response.Body, http.RequestAborted);
        };
        await Edge.Control.PutAsync(Held(web, new() { Memory = Math.Min(memory, 64 << 20) }), Ct);

        using var content = new ByteArrayContent(sent);
        using var response = await Edge.Http.PostAsync(new Uri("/", UriKind.Relative), content, Ct);

        Assert.Equal(sent, await response.Content.ReadAsByteArrayAsync(Ct));
        Assert.Equal(memory < sent.Length ? 1 : 0, seen);
        if (memory < sent.Length)
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Files));
        }

        await NoFileIsLeftAsync();
    }

    [Fact]
    public async Task A_visitor_who_reads_slowly_does_not_keep_the_replica_busy()
    {
        await using var web = await Backend.StartAsync("web1");
        web.Otherwise = http =>
        {
            http.Response.ContentType = "image/png";
            http.Response.ContentLength = 40 << 20;
            return http.Response.Body.WriteAsync(new byte[40 << 20], http.RequestAborted).AsTask();
        };
        await Edge.Control.PutAsync(Held(web, new() { Memory = 1000 }), Ct);

        using var client = new TcpClient { ReceiveBufferSize = 4096 };
        await client.ConnectAsync(Edge.Address, Ct);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: {A.Host}\r\n\r\n"), Ct);

        await Eventually.TrueAsync(async () => web.Hits == 1 && (await Edge.Control.GetAsync()).Targets[0].InFlight == 0 && FilesNow() == 1);
        client.Close();
        await NoFileIsLeftAsync();
    }

    [Fact]
    public async Task A_large_body_that_is_kept_is_sent_to_another_target_when_one_breaks_off_and_so_is_an_answer_that_had_begun()
    {
        await using var good = await Backend.StartAsync("good");
        await using var broken = await Backend.StartAsync("broken", beside: good);
        good.Otherwise = async http => await http.Response.WriteAsync(Convert.ToHexString(await SHA256.HashDataAsync(http.Request.Body)));
        broken.Otherwise = async http =>
        {
            await http.Request.Body.CopyToAsync(Stream.Null, http.RequestAborted);
            http.Response.ContentType = "text/html";
            await http.Response.WriteAsync("half of ");
            await http.Response.Body.FlushAsync();
            await Task.Delay(100);
            http.Abort();
        };
        await Edge.Control.PutAsync(Held(good, new() { Memory = 1000 }) with { Targets = [broken.Target, good.Target] }, Ct);
        var sent = RandomNumberGenerator.GetBytes(1 << 20);

        for (var i = 0; i < 2; i++)
        {
            using var content = new ByteArrayContent(sent);
            using var response = await Edge.Http.PutAsync(new Uri("/", UriKind.Relative), content, Ct);
            Assert.Equal(Convert.ToHexString(SHA256.HashData(sent)), await response.Content.ReadAsStringAsync(Ct));
        }
    }

    [Fact]
    public async Task KP_067_A_WebSocket_works_where_bodies_are_held_back_and_may_be_one_byte_long()
    {
        await using var web = await Backend.StartAsync("web1");
        web.On("/ws", WebSocketEcho.ServeAsync);
        await Edge.Control.PutAsync(Held(web, new() { Memory = 1, MaxResponse = 1 }) with { MaxBodyBytes = 1 }, Ct);

        using var socket = await WebSocketEcho.ConnectAsync(Edge, "/ws");
        Assert.Equal("hello", await WebSocketEcho.AskAsync(socket, "hello"));
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", Ct);
    }

    [Fact]
    public async Task Answers_that_are_held_back_are_compressed_too()
    {
        await using var web = await Backend.StartAsync("web1");
        web.Otherwise = http =>
        {
            http.Response.ContentType = "text/html";
            return http.Response.WriteAsync(new string('x', 100_000));
        };
        await Edge.Control.PutAsync(A.Service(web) with { Routes = [A.Route(web.Port) with { Rules = new() { Buffer = new() { Memory = 10 }, Compress = true } }] }, Ct);

        using var request = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { AcceptEncoding = { new("gzip") } } };
        using var response = await Edge.Http.SendAsync(request, Ct);

        Assert.Equal("gzip", response.Content.Headers.ContentEncoding.Single());
        using var plain = new StreamReader(new System.IO.Compression.GZipStream(await response.Content.ReadAsStreamAsync(Ct), System.IO.Compression.CompressionMode.Decompress));
        Assert.Equal(new string('x', 100_000), await plain.ReadToEndAsync(Ct));
    }

    private static EdgeService Held(Backend web, BufferRule rule) => A.Service(web) with { Routes = [A.Route(web.Port) with { Rules = new() { Buffer = rule } }] };

    private int FilesNow() => Directory.Exists(Files) ? Directory.GetFiles(Files).Length : 0;

    private Task NoFileIsLeftAsync() => Eventually.TrueAsync(() => FilesNow() == 0);
}
