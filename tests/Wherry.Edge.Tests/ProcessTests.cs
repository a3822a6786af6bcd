using System.Collections.Concurrent;
using System.Net.Sockets;
using Wherry.Core.Problems;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests;

public sealed class ProcessTests : IDisposable
{
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("wherry-edge-");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _home.Delete(recursive: true);

    [Fact]
    public async Task KP_103_Kill_9_at_any_moment_loses_nothing_that_was_answered()
    {
        var answered = new ConcurrentDictionary<string, bool>();
        for (var round = 0; round < 4; round++)
        {
            await using var edge = await EdgeProcess.StartAsync(_home.FullName);
            foreach (var key in answered.Keys)
            {
                Assert.Equal(key, (await edge.Control.GetAsync(key)).Key);
            }

            var prefix = $"p.e.r{round}";
            using var stop = new CancellationTokenSource();
            var writers = Enumerable.Range(0, 3).Select(w => WriteAsync(edge.Control, $"{prefix}-{w}", answered, stop.Token)).ToArray();
            var before = answered.Count;
            await Eventually.TrueAsync(() => answered.Count >= before + 20 + (round * 7));
            await edge.KillAsync();
            await stop.CancelAsync();
            await Task.WhenAll(writers);
        }

        await using var last = await EdgeProcess.StartAsync(_home.FullName);
        Assert.True((await last.Control.HealthAsync()).Services >= answered.Count);
    }

    [Fact]
    public async Task SIGTERM_lets_a_request_in_flight_finish_and_ends_with_0()
    {
        await using var web = await Backend.StartAsync("web1");
        var finish = new TaskCompletionSource();
        web.On("/slow", http => finish.Task.WaitAsync(http.RequestAborted));
        await using var edge = await EdgeProcess.StartAsync(_home.FullName);
        await edge.Control.PutAsync(A.Service(web), Ct);
        var address = await edge.AddressAsync();
        using var client = new TcpClient();
        await client.ConnectAsync(address, Ct);
        await client.GetStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes($"GET /slow HTTP/1.1\r\nHost: {A.Host}\r\n\r\n"), Ct);
        await Eventually.TrueAsync(() => web.Hits == 1);

        await edge.TerminateAsync();
        await Eventually.TrueAsync(async () => !await AcceptsAsync(address));
        finish.SetResult();

        using var reader = new StreamReader(client.GetStream());
        Assert.StartsWith("HTTP/1.1 200", await reader.ReadToEndAsync(Ct), StringComparison.Ordinal);
        Assert.Equal(0, (await edge.ExitAsync()).Code);
        Assert.Contains("/slow", await File.ReadAllTextAsync(Path.Combine(_home.FullName, "access.log"), Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_edge_that_cannot_start_says_why_and_ends_with_3()
    {
        await using var running = await EdgeProcess.StartAsync(_home.FullName);
        var address = await running.AddressAsync();

        await using var second = EdgeProcess.Launch(Path.Combine(_home.FullName, "second"), $"{address}");
        var (code, errors) = await second.ExitAsync();

        Assert.Equal(3, code);
        Assert.Contains("edge/port-taken", errors, StringComparison.Ordinal);
    }

    private static async Task WriteAsync(EdgeControl control, string prefix, ConcurrentDictionary<string, bool> answered, CancellationToken stop)
    {
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            var key = $"{prefix}-{i}";
            try
            {
                await control.PutAsync(key, new() { Routes = [A.Route(80, $"{key}.test".Replace("p.e.", "", StringComparison.Ordinal))], Targets = [] }, CancellationToken.None);
                answered[key] = true;
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                return;
            }
            catch (ProblemException e)
            {
                Assert.Fail(e.Message);
            }
        }
    }

    private static async Task<bool> AcceptsAsync(System.Net.IPEndPoint address)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(address, Ct);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
