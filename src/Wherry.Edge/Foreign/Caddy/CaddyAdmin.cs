using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Wherry.Core.Problems;

namespace Wherry.Edge.Foreign.Caddy;

/// <summary>Caddy's admin API.</summary>
internal sealed class CaddyAdmin : IDisposable
{
    private const string UnixPrefix = "unix/";

    private static readonly TimeSpan AsksWithin = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LoadsWithin = TimeSpan.FromSeconds(25); // it starts what is new before it answers

    private readonly HttpClient _http;
    private readonly TimeProvider _time;

    /// <param name="address"><c>http://localhost:2019</c>, or a socket: <c>unix//run/caddy/admin.sock</c>.</param>
    /// <param name="time">Ends the waiting for an answer.</param>
    /// <exception cref="ProblemException"><c>edge/proxy</c>.</exception>
    public CaddyAdmin(string address, TimeProvider time)
    {
        Address = address;
        _time = time;
        var socket = address.StartsWith(UnixPrefix, StringComparison.Ordinal) ? address[UnixPrefix.Length..] : null;
        if (!Uri.TryCreate(socket is null ? address : "http://127.0.0.1", UriKind.Absolute, out var url) || url is not { Scheme: "http", AbsolutePath: "/" } || socket is { } path && !Path.IsPathRooted(path))
        {
            throw new Problem("edge/proxy", $"{Problem.Quoted(address)} is not the address of Caddy's admin API.", "Write it as http://localhost:2019, or unix//run/caddy/admin.sock: `wherry up --edge caddy --caddy-admin ADDRESS`.").AsException();
        }

        _http = new(new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ConnectTimeout = TimeSpan.FromSeconds(2),
            PooledConnectionLifetime = TimeSpan.Zero, // each change of Caddy's configuration closes its admin API's connections
            ConnectCallback = socket is null ? null : (_, ct) => ConnectAsync(socket, ct),
        })
        {
            BaseAddress = url,
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    public string Address { get; }

    /// <summary>The whole configuration, and the mark by which <see cref="PutAsync"/> knows it again.</summary>
    /// <exception cref="ProblemException"><c>edge/proxy-away</c>; <c>edge/proxy-refused</c>: there is no mark.</exception>
    public async Task<(JsonObject Config, string Mark)> GetAsync(CancellationToken ct)
    {
        using var response = await SendAsync(HttpMethod.Get, "/config/", null, null, ct);
        var config = await NodeAsync(response, ct) as JsonObject ?? []; // a Caddy that was started without any says null
        return response.TrailingHeaders.TryGetValues("Etag", out var marks)
            ? (config, marks.First())
            : throw new Problem("edge/proxy-refused", $"Caddy at {Address} does not mark its configuration (no Etag): what others change meanwhile would be lost.", "Update it to 2.6 or later. If something stands between, it must hand trailers on.").AsException();
    }

    /// <summary>Loads a configuration in place of the marked one.</summary>
    /// <returns>False when somebody else has changed it since: nothing happened.</returns>
    /// <exception cref="ProblemException"><c>edge/proxy-away</c>; <c>edge/proxy-refused</c>: Caddy keeps what it had.</exception>
    public async Task<bool> PutAsync(JsonObject config, string mark, CancellationToken ct)
    {
        using var response = await SendAsync(HttpMethod.Post, "/config/", new StringContent(config.ToJsonString(), Encoding.UTF8, "application/json"), mark, ct, mayRefuse: true);
        if (response.StatusCode is HttpStatusCode.PreconditionFailed)
        {
            return false;
        }

        if (!response.IsSuccessStatusCode)
        {
            var why = (await NodeAsync(response, ct) as JsonObject)?["error"]?.ToString() ?? $"{(int)response.StatusCode}";
            throw new Problem("edge/proxy-refused", $"Caddy at {Address} does not take its configuration: {why}.", "It serves on as before. Another site of it may have the port or the host; see its log.").AsException();
        }

        return true;
    }

    /// <summary>How many requests are in flight on each target that its configuration names.</summary>
    /// <exception cref="ProblemException"><c>edge/proxy-away</c>.</exception>
    public async Task<IReadOnlyDictionary<IPEndPoint, int>> UpstreamsAsync(CancellationToken ct)
    {
        using var response = await SendAsync(HttpMethod.Get, "/reverse_proxy/upstreams", null, null, ct);
        Dictionary<IPEndPoint, int> counts = [];
        foreach (var upstream in (await NodeAsync(response, ct) as JsonArray ?? []).OfType<JsonObject>())
        {
            if (IPEndPoint.TryParse(upstream["address"]?.GetValue<string>() ?? "", out var endpoint))
            {
                counts[endpoint] = upstream["num_requests"]?.GetValue<int>() ?? 0;
            }
        }

        return counts;
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? body, string? mark, CancellationToken ct, bool mayRefuse = false)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = body };
        request.Headers.CacheControl = new CacheControlHeaderValue { NoCache = true };
        if (mark is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", mark);
        }

        var within = method == HttpMethod.Get ? AsksWithin : LoadsWithin;
        using var late = new CancellationTokenSource(within, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, late.Token);
        HttpResponseMessage response;
        try
        {
            response = await _http.SendAsync(request, both.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw Away($"no answer within {within.TotalSeconds:0} s");
        }
        catch (HttpRequestException e)
        {
            throw Away(e.GetBaseException().Message);
        }

        if (!mayRefuse && !response.IsSuccessStatusCode)
        {
            using (response)
            {
                throw Away($"it answers {(int)response.StatusCode} to {method} {path}");
            }
        }

        return response;
    }

    private async Task<JsonNode?> NodeAsync(HttpResponseMessage response, CancellationToken ct)
    {
        try
        {
            return JsonNode.Parse(await response.Content.ReadAsStringAsync(ct));
        }
        catch (JsonException)
        {
            throw Away("it does not answer in JSON; is that another program?");
        }
    }

    private ProblemException Away(string why) => new Problem(
        "edge/proxy-away",
        $"Caddy's admin API at {Address} does not answer: {why}.",
        "Start Caddy with its admin API on (`admin` in its Caddyfile must not be `off`), or name the address: `wherry up --edge caddy --caddy-admin ADDRESS`. What it serves stays as it is.").AsException();

    private static async ValueTask<Stream> ConnectAsync(string path, CancellationToken ct)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), ct);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
