using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Wherry.Client;

/// <summary>Typed client of Wherry's API. Every method throws <see cref="ApiException"/> when the server refuses or does not answer.</summary>
public sealed partial class WherryClient : IDisposable
{
    private readonly HttpMessageInvoker _webSockets;
    private readonly HttpClient _http;

    private WherryClient(Uri address, string? token, Func<CancellationToken, ValueTask<Stream>>? connect)
    {
        Address = address;
        var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false };
        if (connect is not null)
        {
            handler.ConnectCallback = (_, ct) => connect(ct);
        }

        _http = new HttpClient(handler) { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };
        _webSockets = new HttpMessageInvoker(handler, disposeHandler: false);
        if (token is not null)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
    }

    /// <summary>What the client talks to; <c>http://wherry</c> for the socket.</summary>
    public Uri Address { get; }

    /// <summary>Talks over the server's unix socket; needs no token.</summary>
    public static WherryClient OverSocket(string path) => new(new Uri("http://wherry"), null, async ct =>
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
    });

    /// <summary>Talks over TCP with a token.</summary>
    public static WherryClient OverHttp(Uri address, string token) => new(address, token, null);

    public void Dispose()
    {
        _webSockets.Dispose();
        _http.Dispose();
    }

    private Task<T> GetAsync<T>(string path, Func<JsonTypeInfo<T>> answer, CancellationToken ct) =>
        AskAsync(HttpMethod.Get, path, null, answer, ct);

    private Task<TOut> PostAsync<TIn, TOut>(string path, TIn body, JsonTypeInfo<TIn> type, Func<JsonTypeInfo<TOut>> answer, CancellationToken ct) =>
        AskAsync(HttpMethod.Post, path, Json(body, type), answer, ct);

    /// <param name="answer">Called while the request is under way: in a process that makes one call, the first use of a type takes longer than the call.</param>
    private async Task<T> AskAsync<T>(HttpMethod method, string path, HttpContent? body, Func<JsonTypeInfo<T>> answer, CancellationToken ct)
    {
        var type = Task.Run(answer, ct);
        using var response = await SendAsync(method, path, body, ct);
        return await ReadAsync(response, await type, ct);
    }

    private async Task PostAsync<TIn>(string path, TIn body, JsonTypeInfo<TIn> type, CancellationToken ct)
    {
        using var response = await SendAsync(HttpMethod.Post, path, Json(body, type), ct);
    }

    private async Task PutAsync(string path, CancellationToken ct)
    {
        using var response = await SendAsync(HttpMethod.Put, path, null, ct);
    }

    private async Task DeleteAsync(string path, CancellationToken ct)
    {
        using var response = await SendAsync(HttpMethod.Delete, path, null, ct);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? body, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body };
        request.Headers.ExpectContinue = body is TarContent; // a refusal comes before the folder is sent
        HttpResponseMessage response;
        try
        {
            response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
        }
        catch (HttpRequestException e)
        {
            throw Unreachable(e);
        }

        return response.IsSuccessStatusCode ? response : throw await RefusedAsync(response, ct);
    }

    private ApiException Unreachable(Exception e) => new(
        new ApiProblem("server/unreachable", $"Wherry's server does not answer at {(Address.Host == "wherry" ? "its socket" : Address)}: {e.Message}", "Start it with `wherry up`, or see `wherry doctor`."), 0, e);

    private static async Task<ApiException> RefusedAsync(HttpResponseMessage response, CancellationToken ct)
    {
        using (response)
        {
            var text = await response.Content.ReadAsStringAsync(ct);
            try
            {
                if (JsonSerializer.Deserialize(text, ClientJson.Default.ApiProblem) is { Code: not null } problem)
                {
                    return new ApiException(problem, (int)response.StatusCode);
                }
            }
            catch (JsonException)
            {
                // Not ours: a proxy in between, or a server that failed before it could say why.
            }

            return response.StatusCode is HttpStatusCode.NotFound
                ? new(new("server/no-such-address", $"The server has nothing at {response.RequestMessage?.RequestUri?.AbsolutePath}.", "Client and server may be of different versions: compare `wherry version`."), 404)
                : new(new("server/failed", $"The server answered {(int)response.StatusCode}.", "Its log says more: `wherry doctor` tells where it is."), (int)response.StatusCode);
        }
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken ct)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(ct);
        return await JsonSerializer.DeserializeAsync(stream, type, ct) ?? throw new JsonException("The server answered null.");
    }

    private static ByteArrayContent Json<T>(T body, JsonTypeInfo<T> type)
    {
        var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, type));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }
}
