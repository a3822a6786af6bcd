using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests;

/// <summary>The edge is exchanged for another while its visitors go on asking.</summary>
[Collection(Alone.Name)]
public sealed class ExchangeTests : IDisposable
{
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("wherry-edge-");
    private readonly ConcurrentQueue<string> _failures = new();
    private int _answers;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _home.Delete(recursive: true);

    /// <summary>KP-104: the process that keeps the edge holds its sockets, as this one does.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task KP_104_Upgrades_under_500_requests_a_second_fail_none(bool keepAlive)
    {
        using var door = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        door.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        door.Listen(4096);
        var address = (IPEndPoint)door.LocalEndPoint!;
        await using var web = await Backend.StartAsync("r1");
        var edge = await EdgeProcess.StartAsync(_home.FullName, $"{address}", Environment.ProcessId);
        await edge.Control.PutAsync(A.Service(web), Ct);
        using var stop = new CancellationTokenSource();
        var watch = Stopwatch.StartNew();
        var visitors = Enumerable.Range(0, 10).Select(_ => AskAsync(address, keepAlive, stop.Token)).ToArray();

        for (var upgrade = 0; upgrade < 5; upgrade++)
        {
            var before = _answers;
            await Eventually.TrueAsync(() => Task.FromResult(_answers >= before + 500), seconds: 60);
            await edge.TerminateAsync();
            Assert.Equal(0, (await edge.ExitAsync()).Code);
            await edge.DisposeAsync();
            edge = await EdgeProcess.StartAsync(_home.FullName, $"{address}", Environment.ProcessId);
        }

        var last = _answers;
        await Eventually.TrueAsync(() => Task.FromResult(_answers >= last + 500), seconds: 60);
        await stop.CancelAsync();
        await Task.WhenAll(visitors);
        await edge.DisposeAsync();
        TestContext.Current.TestOutputHelper!.WriteLine($"{_answers} answers, {_answers / watch.Elapsed.TotalSeconds:0} a second");
        Assert.Empty(_failures);
    }

    private async Task AskAsync(IPEndPoint address, bool keepAlive, CancellationToken stop)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri($"http://{address}") };
        http.DefaultRequestHeaders.Host = A.Host;
        http.DefaultRequestHeaders.ConnectionClose = !keepAlive;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                Assert.Equal("r1", await http.GetStringAsync(new Uri("/", UriKind.Relative), CancellationToken.None));
                Interlocked.Increment(ref _answers);
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException or Xunit.Sdk.XunitException)
            {
                _failures.Enqueue(e.ToString());
            }

            await Task.Delay(10, CancellationToken.None);
        }
    }
}
