using System.Diagnostics;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests;

[Collection(Alone.Name)]
public sealed class LoadTests : OnAnEdge
{
    private const int Redeploys = 10;

    private readonly List<string> _failures = [];
    private int _answers;

    [Fact]
    public async Task RG_01_RG_02_Ten_redeploys_under_load_fail_no_request_and_the_retired_target_gets_none()
    {
        var current = await StartAsync(0);
        await Edge.Control.PutAsync(A.Service(current), Ct);
        using var stop = new CancellationTokenSource();
        var visitors = Enumerable.Range(0, 4).Select(_ => AskAsync(keepAlive: true, stop.Token))
            .Append(AskAsync(keepAlive: false, stop.Token))
            .Append(PostSlowlyAsync(stop.Token))
            .Append(TalkAsync(stop.Token))
            .ToArray();
        var watch = Stopwatch.StartNew();

        for (var i = 1; i <= Redeploys; i++)
        {
            var next = await StartAsync(i);
            var report = await Edge.Control.PutAsync(A.Service(next), Ct);
            Assert.Equal(0, report.Cut);
            var hits = current.Hits;
            await Task.Delay(200, Ct);
            Assert.Equal(hits, current.Hits);
            await current.DisposeAsync();
            current = next;
        }

        await stop.CancelAsync();
        await Task.WhenAll(visitors);
        await current.DisposeAsync();
        Assert.Empty(_failures);
        TestContext.Current.TestOutputHelper!.WriteLine($"{_answers} answers, {_answers / watch.Elapsed.TotalSeconds:0} a second");

        // 500 a second for 3 s; a busy machine takes longer for its redeploys and answers as many.
        Assert.InRange(_answers, 1500, int.MaxValue);
    }

    private static async Task<Backend> StartAsync(int number)
    {
        var backend = await Backend.StartAsync($"r{number}");
        backend.On("/ws", WebSocketEcho.ServeAsync);
        return backend.On("/post", async http =>
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body, http.RequestAborted);
            await http.Response.WriteAsync($"r{body.Length}", http.RequestAborted);
        });
    }

    private async Task AskAsync(bool keepAlive, CancellationToken stop)
    {
        using var http = Edge.NewClient();
        http.DefaultRequestHeaders.ConnectionClose = !keepAlive;
        while (!stop.IsCancellationRequested)
        {
            await TryAsync(() => http.GetStringAsync(new Uri("/", UriKind.Relative), CancellationToken.None));
        }
    }

    /// <summary>A megabyte in ten parts over some 100 ms.</summary>
    private async Task PostSlowlyAsync(CancellationToken stop)
    {
        using var http = Edge.NewClient();
        while (!stop.IsCancellationRequested)
        {
            await TryAsync(async () =>
            {
                using var body = new TwoWayBody();
                var posting = http.PostAsync(new Uri("/post", UriKind.Relative), body, CancellationToken.None);
                for (var i = 0; i < 10; i++)
                {
                    await body.SendAsync(new string('x', 100_000));
                    await Task.Delay(10, Ct);
                }

                body.End();
                using var response = await posting;
                var answer = await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync(CancellationToken.None);
                return answer == "r1000000" ? answer : throw new InvalidDataException(answer);
            });
        }
    }

    /// <summary>A WebSocket for some 100 ms after the other, each closed in good order.</summary>
    private async Task TalkAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await TryAsync(async () =>
            {
                using var socket = await WebSocketEcho.ConnectAsync(Edge, "/ws");
                for (var i = 0; i < 10; i++)
                {
                    if (await WebSocketEcho.AskAsync(socket, $"r{i}") != $"r{i}")
                    {
                        throw new InvalidDataException("not an echo");
                    }

                    await Task.Delay(10, Ct);
                }

                await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Ct);
                return "r";
            });
        }
    }

    private async Task TryAsync(Func<Task<string>> ask)
    {
        string? failure = null;
        try
        {
            var answer = await ask();
            failure = answer.StartsWith('r') ? null : answer;
        }
        catch (Exception e) when (e is HttpRequestException or WebSocketException or InvalidDataException or OperationCanceledException)
        {
            failure = e.ToString();
        }

        Interlocked.Increment(ref _answers);
        if (failure is not null)
        {
            lock (_failures)
            {
                _failures.Add(failure);
            }
        }
    }
}
