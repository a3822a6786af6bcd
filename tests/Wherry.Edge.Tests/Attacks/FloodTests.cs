using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Wherry.Docker.Tests.Fixture;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Attacks;

/// <summary>Clients that want to use the edge up: the others are served all the same.</summary>
[Collection(Alone.Name)]
public sealed class FloodTests : OnAnEdge
{
    private static ReadOnlySpan<byte> Settings => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0"u8;

    [Fact]
    public async Task An_HTTP_2_client_that_resets_every_request_is_cut_off()
    {
        await using var web = await Backend.StartAsync("web1");
        web.On("/", async http => await Task.Delay(TimeSpan.FromSeconds(30), http.RequestAborted));
        await Edge.Control.PutAsync(A.Service(web), Ct);
        var flood = new MemoryStream();
        flood.Write(Settings);
        for (var stream = 1; stream < 40_001; stream += 2)
        {
            flood.Write(RawHttp2.Headers(stream, "/"));
            flood.Write(RawHttp2.Frame(3, 0, stream, [0, 0, 0, 8]));
        }

        Assert.True(await IsCutOffAsync(flood.ToArray()));
        await OthersAreServedAsync();
        await Eventually.TrueAsync(async () => (await Edge.Control.MetricsAsync()).Contains($"wherry_edge_requests_in_flight{{service=\"{A.Key}\"}} 0", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Headers_without_an_end_over_HTTP_2_are_cut_off_and_kept_nowhere()
    {
        await using var web = await Backend.StartAsync("web1");
        await Edge.Control.PutAsync(A.Service(web), Ct);
        var piece = new byte[16_000];
        piece.AsSpan().Fill(0x82); // :method GET, again and again
        var flood = new MemoryStream();
        flood.Write(Settings);
        flood.Write(RawHttp2.Frame(1, 0, 1, piece));
        for (var i = 0; i < 2000; i++)
        {
            flood.Write(RawHttp2.Frame(9, 0, 1, piece));
        }

        var bytes = flood.ToArray();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        Assert.True(await IsCutOffAsync(bytes));
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 8 << 20);
        await OthersAreServedAsync();
    }

    [Fact]
    public async Task A_header_that_holds_a_line_break_over_HTTP_2_reaches_no_service()
    {
        await using var web = await Backend.StartAsync("web1");
        await Edge.Control.PutAsync(A.Service(web), Ct);
        byte[] request = [.. Settings, .. RawHttp2.Headers(1, "/", ("x-a", "b\r\nX-Injected: c"))];

        await IsCutOffAsync(request, atMost: TimeSpan.FromSeconds(1));

        Assert.Equal(0, web.Hits);
        await OthersAreServedAsync();
    }

    [Fact]
    public async Task Ten_thousand_idle_connections_take_little_and_others_are_served()
    {
        var home = Directory.CreateTempSubdirectory("wherry-edge-");
        await using var web = await Backend.StartAsync("web1");
        await using var edge = await EdgeProcess.StartAsync(home.FullName);
        var address = await edge.AddressAsync();
        await edge.Control.PutAsync(A.Service(web) with { Routes = [A.Route(web.Port, host: null)] }, Ct);
        using var others = new HttpClient { BaseAddress = new Uri($"http://{address}") };
        Assert.Equal("web1", await others.GetStringAsync(new Uri("/", UriKind.Relative), Ct));
        var before = await MemoryAsync(edge);
        var idle = new List<Socket>();
        while (idle.Count < 10_000)
        {
            idle.AddRange(await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => ConnectAsync(address))));
        }

        Assert.Equal("web1", await others.GetStringAsync(new Uri("/", UriKind.Relative), Ct));
        var each = (await MemoryAsync(edge) - before) / idle.Count;
        TestContext.Current.TestOutputHelper!.WriteLine($"{each} bytes of the edge's memory each");
        Assert.InRange(each, 0, 40_000);
        idle.ForEach(s => s.Dispose());
        await edge.KillAsync();
        home.Delete(recursive: true);
    }

    /// <summary>slowhttptest: heads, bodies and readers that take for ever, 500 at once.</summary>
    [Theory]
    [InlineData("-H")]
    [InlineData("-B")]
    [InlineData("-X")]
    public async Task Clients_that_are_slow_on_purpose_hold_nobody_up(string mode)
    {
        await using var web = await Backend.StartAsync("web1");
        web.Otherwise = async http =>
        {
            await http.Request.Body.CopyToAsync(Stream.Null, http.RequestAborted);
            await http.Response.Body.WriteAsync(new byte[256 << 10], http.RequestAborted);
        };
        await Edge.Control.PutAsync(A.Service(web) with { Routes = [A.Route(web.Port, host: null)] }, Ct);
        var program = await DebianPackage.ProgramAsync("slowhttptest", "usr/bin/slowhttptest", Ct);
        using var attack = Process.Start(new ProcessStartInfo(program, [mode, "-c", "500", "-r", "500", "-i", "1", "-l", "8", "-p", "5", "-u", $"http://{Edge.Address}/"]) { RedirectStandardOutput = true })!;
        var output = attack.StandardOutput.ReadToEndAsync(Ct);
        await Task.Delay(2000, Ct);

        var slowest = TimeSpan.Zero;
        for (var i = 0; i < 20; i++)
        {
            var watch = Stopwatch.StartNew();
            Assert.Equal(200, await Edge.StatusAsync("/"));
            slowest = watch.Elapsed > slowest ? watch.Elapsed : slowest;
            await Task.Delay(100, Ct);
        }

        await attack.WaitForExitAsync(Ct);
        Assert.Contains("slow HTTP test", await output, StringComparison.Ordinal);
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture, $"slowest answer to others {slowest.TotalMilliseconds:0} ms"));
        Assert.InRange(slowest.TotalSeconds, 0, 3);
    }

    private async Task OthersAreServedAsync()
    {
        using var answer = await Edge.Http.GetAsync(new Uri("/up", UriKind.Relative), Ct).WaitAsync(TimeSpan.FromSeconds(5), Ct);
        Assert.Equal(200, (int)answer.StatusCode);
    }

    /// <summary>Sends it all, unless the edge ends the connection first.</summary>
    private async Task<bool> IsCutOffAsync(byte[] bytes, TimeSpan? atMost = null)
    {
        using var socket = await ConnectAsync(Edge.Address);
        using var limit = new CancellationTokenSource(atMost ?? TimeSpan.FromSeconds(20));
        try
        {
            var sending = socket.SendAsync(bytes, limit.Token).AsTask();
            var buffer = new byte[64 << 10];
            while (await socket.ReceiveAsync(buffer, limit.Token) > 0)
            {
            }

            await sending;
            return true;
        }
        catch (SocketException)
        {
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private static async Task<long> MemoryAsync(EdgeProcess edge)
    {
        var line = (await edge.Control.MetricsAsync()).Split('\n').Single(l => l.StartsWith("process_resident_memory_bytes ", StringComparison.Ordinal));
        return long.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);
    }

    private static async Task<Socket> ConnectAsync(IPEndPoint address)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(address, Ct);
        return socket;
    }
}
