using Wherry.Core.Problems;

namespace Wherry.Edge.Foreign.Traefik;

/// <summary>Asks Traefik, where visitors ask it, by which configuration it serves.</summary>
/// <param name="address">Of its entry point for plain HTTP.</param>
internal sealed class TraefikAsker(Uri address, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan EachWithin = TimeSpan.FromSeconds(2);

    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false, ConnectTimeout = EachWithin });

    /// <summary>Waits until it serves by the configuration with this mark.</summary>
    /// <param name="mark">What it shall answer.</param>
    /// <param name="settles">Time that it takes for a new one; five times as long is waited for one that answers otherwise. Zero: it should have it already.</param>
    /// <param name="ct">Ends the waiting.</param>
    /// <exception cref="ProblemException"><c>edge/proxy-away</c>, <c>edge/proxy-refused</c>.</exception>
    public async Task WaitAsync(string mark, TimeSpan settles, CancellationToken ct)
    {
        var start = time.GetTimestamp();
        while (await AskAsync(ct) is var answer && answer != mark)
        {
            if (time.GetElapsedTime(start) >= (answer is null ? settles : 5 * settles))
            {
                throw (answer is null ? Away() : Refused()).AsException();
            }

            await Task.Delay(Every, time, ct);
        }
    }

    /// <exception cref="ProblemException"><c>edge/proxy-away</c>.</exception>
    public async Task EnsureAnswersAsync(CancellationToken ct)
    {
        if (await AskAsync(ct) is null)
        {
            throw Away().AsException();
        }
    }

    public void Dispose() => _http.Dispose();

    /// <returns>The mark; empty when it answers and knows none; <see langword="null"/> when nobody answers.</returns>
    private async Task<string?> AskAsync(CancellationToken ct)
    {
        using var late = new CancellationTokenSource(EachWithin, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct, late.Token);
        try
        {
            using var question = new HttpRequestMessage(HttpMethod.Get, address) { Headers = { Host = TraefikMark.Host } };
            using var answer = await _http.SendAsync(question, limit.Token);
            return answer.Headers.Location?.OriginalString is { } location ? location[(location.LastIndexOf('/') + 1)..] : "";
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return null;
        }
    }

    private Problem Away() => new("edge/proxy-away", $"Traefik does not answer at {address}.", "Start it, or name the address of its entry point for plain HTTP: `wherry up --traefik-asks ADDRESS`.");

    private static Problem Refused() => new(
        "edge/proxy-refused",
        "Traefik does not serve by the configuration that stands in its folder.",
        "Its log says what keeps it: something in wherry.yml or in another file of the folder, or it watches another folder. It serves on as before.");
}
