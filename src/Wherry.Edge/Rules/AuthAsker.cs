using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Wherry.Core.Model;
using Wherry.Edge.Proxying;

namespace Wherry.Edge.Rules;

/// <summary>Asks somebody else whether a request may pass.</summary>
internal sealed class AuthAsker(ForwardAuth rule)
{
    private const int LargestAnswer = 64 << 10;
    private const string Method = "X-Forwarded-Method";
    private const string Uri = "X-Forwarded-Uri";

    private static readonly string[] Own = [Method, Uri];

    private static readonly TimeSpan Within = TimeSpan.FromSeconds(5);

    /// <summary>Headers of its answer that a visitor needs who is not let in.</summary>
    private static readonly string[] Relayed = ["Content-Type", "Location", "Set-Cookie", "WWW-Authenticate", "Cache-Control"];

    /// <summary>Headers that are about the body, which is not sent along, or about the connection, or that the edge itself sets.</summary>
    private static readonly HashSet<string> NotSent = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Content-Length", "Content-Type", "Content-Encoding", "Expect", "Host", "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
        Method, Uri,
    };

    private static readonly HttpMessageInvoker Invoker = new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        ConnectTimeout = TimeSpan.FromSeconds(2),
        PooledConnectionLifetime = TimeSpan.FromMinutes(1),
        MaxResponseDrainSize = 0,
    });

    /// <returns><see langword="null"/>: it may pass, with what the answer says of the visitor. Else the status that the visitor got; 0: the other one could not be asked.</returns>
    public async Task<int?> RefusesAsync(EdgeRequest request)
    {
        var http = request.Http;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        limit.CancelAfter(Within);
        try
        {
            using var ask = Question(http);
            using var answer = await Invoker.SendAsync(ask, limit.Token);
            if (answer.IsSuccessStatusCode)
            {
                TakeOver(http.Request, answer);
                return null;
            }

            await RelayAsync(http, answer, limit.Token);
            return (int)answer.StatusCode;
        }
        catch (Exception e) when ((e is HttpRequestException or IOException || (e is OperationCanceledException && !http.RequestAborted.IsCancellationRequested)) && !http.Response.HasStarted)
        {
            return 0;
        }
    }

    private HttpRequestMessage Question(HttpContext http)
    {
        var ask = new HttpRequestMessage(HttpMethod.Get, rule.Url) { Version = HttpVersion.Version11 };
        foreach (var (name, values) in http.Request.Headers.Where(h => !NotSent.Contains(h.Key) && !h.Key.StartsWith(':') && !Lookalikes.IsOneOf(h.Key, Own)))
        {
            ask.Headers.TryAddWithoutValidation(name, values.ToArray());
        }

        ask.Headers.TryAddWithoutValidation(Method, http.Request.Method);
        ask.Headers.TryAddWithoutValidation(Uri, RequestPath.AsSent(http));
        return ask;
    }

    /// <summary>What a visitor claims about himself in these headers never reaches the service.</summary>
    private void TakeOver(HttpRequest request, HttpResponseMessage answer)
    {
        var names = rule.CopyHeaders ?? [];
        Lookalikes.Among(request.Headers.Keys, names).ForEach(name => request.Headers.Remove(name));
        foreach (var name in names)
        {
            request.Headers.Remove(name);
            if (answer.Headers.TryGetValues(name, out var values))
            {
                request.Headers[name] = new StringValues([.. values]);
            }
        }
    }

    private static async Task RelayAsync(HttpContext http, HttpResponseMessage answer, CancellationToken ct)
    {
        http.Response.StatusCode = (int)answer.StatusCode;
        foreach (var name in Relayed)
        {
            if (answer.Headers.TryGetValues(name, out var values) || answer.Content.Headers.TryGetValues(name, out values))
            {
                http.Response.Headers[name] = new StringValues([.. values]);
            }
        }

        var body = new byte[LargestAnswer];
        await using var stream = await answer.Content.ReadAsStreamAsync(ct);
        var length = await stream.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, ct);
        await http.Response.Body.WriteAsync(body.AsMemory(0, length), ct);
    }
}
