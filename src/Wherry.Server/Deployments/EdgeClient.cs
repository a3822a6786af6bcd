using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Core.Routing;
using Wherry.Server.Environments;

namespace Wherry.Server.Deployments;

/// <summary>Talks to the edge over its socket.</summary>
public sealed partial class EdgeClient(ServerOptions options) : IDisposable
{
    private readonly HttpClient _http = Connect(options.EdgeSocket);

    /// <summary>The edge's name for a service.</summary>
    public static string Key(EnvironmentRef environment, ServiceName service) => $"{KeyPrefix(environment)}{service}";

    /// <summary>What the edge's names for all services of an environment begin with.</summary>
    public static string KeyPrefix(EnvironmentRef environment) => $"{environment.Project}.{environment.Name}.";

    public async Task<IReadOnlyList<EdgeServiceState>> ListAsync(CancellationToken ct) =>
        await SendAsync(HttpMethod.Get, "/services", null, EdgeJson.Default.IReadOnlyListEdgeServiceState, ct);

    /// <summary>Gates, switches and drains; returns when the old targets are idle.</summary>
    /// <exception cref="ProblemException">Nothing changed.</exception>
    public Task<SwitchReport> SwitchAsync(string key, EdgeService service, CancellationToken ct) =>
        SendAsync(HttpMethod.Put, $"/services/{key}", Json(service, EdgeJson.Default.EdgeService), EdgeJson.Default.SwitchReport, ct);

    /// <summary>Waits until the targets are healthy; changes nothing.</summary>
    public Task GateAsync(string key, EdgeService service, CancellationToken ct) => SendAsync(HttpMethod.Post, $"/services/{key}/gate", Json(service, EdgeJson.Default.EdgeService), ct);

    public Task RemoveAsync(string key, CancellationToken ct) => SendAsync(HttpMethod.Delete, $"/services/{key}", null, ct);

    public Task PauseAsync(string key, PauseRequest pause, CancellationToken ct) => SendAsync(HttpMethod.Post, $"/services/{key}/pause", Json(pause, EdgeJson.Default.PauseRequest), ct);

    public Task ResumeAsync(string key, CancellationToken ct) => SendAsync(HttpMethod.Post, $"/services/{key}/resume", null, ct);

    public Task MaintenanceAsync(string key, MaintenanceRequest maintenance, CancellationToken ct) =>
        SendAsync(HttpMethod.Post, $"/services/{key}/maintenance", Json(maintenance, EdgeJson.Default.MaintenanceRequest), ct);

    /// <summary>What each service's traffic added up to.</summary>
    public Task<IReadOnlyList<ServiceTraffic>> TrafficAsync(CancellationToken ct) => SendAsync(HttpMethod.Get, "/traffic", null, EdgeJson.Default.IReadOnlyListServiceTraffic, ct);

    /// <summary>Its numbers, in Prometheus' text format.</summary>
    public async Task<string> MetricsAsync(CancellationToken ct)
    {
        using var response = await AnswerAsync(HttpMethod.Get, "/metrics", null, ct);
        return await response.Content.ReadAsStringAsync(ct);
    }

    /// <summary>Whether the edge answers, and where it listens.</summary>
    public async Task<EdgeHealth?> FindHealthAsync(CancellationToken ct)
    {
        try
        {
            return await SendAsync(HttpMethod.Get, "/health", null, EdgeJson.Default.EdgeHealth, ct);
        }
        catch (ProblemException e) when (e.Problem.Code == "edge/unreachable")
        {
            return null;
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<T> SendAsync<T>(HttpMethod method, string path, HttpContent? body, JsonTypeInfo<T> type, CancellationToken ct)
    {
        using var response = await AnswerAsync(method, path, body, ct);
        await using var stream = await response.Content.ReadAsStreamAsync(ct);
        return await JsonSerializer.DeserializeAsync(stream, type, ct) ?? throw new JsonException("The edge answered null.");
    }

    private async Task SendAsync(HttpMethod method, string path, HttpContent? body, CancellationToken ct)
    {
        using var response = await AnswerAsync(method, path, body, ct);
    }

    private async Task<HttpResponseMessage> AnswerAsync(HttpMethod method, string path, HttpContent? body, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body };
        using var call = EdgeCall.Begin(method, path);
        HttpResponseMessage response;
        try
        {
            response = await _http.SendAsync(request, ct);
            call.Answered((int)response.StatusCode);
        }
        catch (HttpRequestException e)
        {
            throw new Problem("edge/unreachable", $"The edge does not answer on {options.EdgeSocket}: {e.Message}", "Start it with `wherry up`; `wherry doctor` says more.").AsException(e);
        }

        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            var problem = response.StatusCode == HttpStatusCode.InternalServerError
                ? null
                : await JsonSerializer.DeserializeAsync(await response.Content.ReadAsStreamAsync(ct), EdgeJson.Default.EdgeProblem, ct);
            throw problem?.AsException() ?? new Problem("edge/failed", $"The edge answered {(int)response.StatusCode}.", "Its log says more.").AsException();
        }
    }

    private static ByteArrayContent Json<T>(T body, JsonTypeInfo<T> type)
    {
        var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, type));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }

    private static HttpClient Connect(string path) => new(new SocketsHttpHandler
    {
        UseProxy = false,
        ConnectCallback = async (_, ct) =>
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
        },
    })
    {
        BaseAddress = new Uri("http://edge"),
        Timeout = Timeout.InfiniteTimeSpan,
    };
}
