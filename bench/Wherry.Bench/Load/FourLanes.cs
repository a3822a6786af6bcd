using System.Net;

namespace Wherry.Bench.Load;

/// <summary>500 requests a second: keep-alive, one connection per request, slow uploads of 1 MB, WebSocket echo.</summary>
internal sealed class FourLanes
{
    private readonly CancellationTokenSource _stop;
    private readonly IReadOnlyList<Lane> _lanes;
    private readonly Task _work;

    private FourLanes(IReadOnlyList<Lane> lanes, CancellationToken ct)
    {
        _stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        _lanes = lanes;
        _work = Task.WhenAll(lanes.Select(l => l.RunAsync(_stop.Token)));
    }

    public int Failures => _lanes.Sum(l => l.Failures);

    /// <param name="drainFor">A WebSocket that ends after at least this long had its drain time.</param>
    public static FourLanes Start(IPEndPoint edge, string host, TimeSpan drainFor, CancellationToken ct) => new(
        [
            new("GET over kept connections", 300, 20, () => new HttpVisitor(edge, host, keepsConnection: true, bodyBytes: 0)),
            new("GET over a connection each", 150, 30, () => new HttpVisitor(edge, host, keepsConnection: false, bodyBytes: 0)),
            new("POST of 1 MB within 1 s", 5, 15, () => new HttpVisitor(edge, host, keepsConnection: false, bodyBytes: 1 << 20)),
            new("WebSocket echo", 50, 10, () => new EchoVisitor(edge, host, drainFor)),
        ],
        ct);

    /// <summary>250 requests a second that all end at once, so that no drain takes time: keep-alive, and one connection per request.</summary>
    public static FourLanes StartShort(IPEndPoint edge, string host, CancellationToken ct) => new(
        [
            new("GET over kept connections", 150, 15, () => new HttpVisitor(edge, host, keepsConnection: true, bodyBytes: 0)),
            new("GET over a connection each", 100, 20, () => new HttpVisitor(edge, host, keepsConnection: false, bodyBytes: 0)),
        ],
        ct);

    public async Task<IReadOnlyList<Lane>> StopAsync()
    {
        await _stop.CancelAsync();
        await _work;
        _stop.Dispose();
        return _lanes;
    }
}
