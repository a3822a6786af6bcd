using System.Globalization;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Wherry.Client;

public sealed partial class WherryClient
{
    /// <summary>Log of a deployment: what it did, and the output of its builds and release commands.</summary>
    public IAsyncEnumerable<LogLine> DeploymentLogAsync(string id, LogQuery query, CancellationToken cancellationToken) =>
        LinesAsync($"/api/v1/deployments/{Uri.EscapeDataString(id)}/log{Text(query)}", J.LogLine, cancellationToken);

    /// <summary>Log of a service's replicas, merged in time order; of the whole environment when <paramref name="service"/> is <see langword="null"/>.</summary>
    public IAsyncEnumerable<LogLine> LogsAsync(string project, string environment, string? service, LogQuery query, CancellationToken cancellationToken) =>
        LinesAsync(service is null ? $"{At(project, environment)}/logs{Text(query)}" : $"{At(project, environment)}/services/{Uri.EscapeDataString(service)}/logs{Text(query)}", J.LogLine, cancellationToken);

    /// <summary>Opens a session in a running replica. See <see cref="Frame"/> for what goes over it.</summary>
    public Task<WebSocket> ExecAsync(string project, string environment, string service, CancellationToken cancellationToken) =>
        OpenAsync($"{At(project, environment)}/services/{Uri.EscapeDataString(service)}/exec", cancellationToken);

    /// <summary>Opens a session in a new one-off container of the current release, which is removed afterwards.</summary>
    public Task<WebSocket> RunAsync(string project, string environment, string service, CancellationToken cancellationToken) =>
        OpenAsync($"{At(project, environment)}/services/{Uri.EscapeDataString(service)}/run", cancellationToken);

    private async IAsyncEnumerable<T> LinesAsync<T>(string path, JsonTypeInfo<T> type, [EnumeratorCancellation] CancellationToken ct)
    {
        using var response = await SendAsync(HttpMethod.Get, path, null, ct);
        await using var stream = await response.Content.ReadAsStreamAsync(ct);
        using var reader = new StreamReader(stream);
        while (await reader.ReadLineAsync(ct) is { } line)
        {
            // An empty line only keeps the connection alive.
            if (line.Length > 0 && JsonSerializer.Deserialize(line, type) is { } entry)
            {
                yield return entry;
            }
        }
    }

    private async Task<WebSocket> OpenAsync(string path, CancellationToken ct)
    {
        var socket = new ClientWebSocket();
        try
        {
            if (_http.DefaultRequestHeaders.Authorization is { } authorization)
            {
                socket.Options.SetRequestHeader("Authorization", authorization.ToString());
            }

            socket.Options.CollectHttpResponseDetails = true;
            await socket.ConnectAsync(new Uri(new UriBuilder(Address) { Scheme = Address.Scheme == "https" ? "wss" : "ws" }.Uri, path), _webSockets, ct);
            return socket;
        }
        catch (WebSocketException e)
        {
            var status = (int)socket.HttpStatusCode;
            socket.Dispose();
            throw status == 0 ? Unreachable(e) : Refused(status, e);
        }
    }

    /// <summary>What a refusal before the session's start means; its body is not to be had.</summary>
    private static ApiException Refused(int status, Exception cause) => new(
        status switch
        {
            401 => new("token/unknown", "The server does not accept the token for this session.", "Make a new one with `wherry tokens create NAME`."),
            403 => new("token/scope", "The token's scope does not reach for this session.", "Use a token with the scope deploy."),
            404 => new("server/no-such-address", "The server knows no such sessions.", "Client and server may be of different versions: compare `wherry version`."),
            _ => new("server/failed", $"The server answered {status}.", "Its log says more: `wherry doctor` tells where it is."),
        },
        status,
        cause);

    private static string Text(LogQuery query)
    {
        var parts = new List<string>();
        if (query.From is { } from)
        {
            parts.Add($"from={from}");
        }

        if (query.Since is { } since)
        {
            parts.Add($"since={Uri.EscapeDataString(since.ToString("O", CultureInfo.InvariantCulture))}");
        }

        if (query.Tail is { } tail)
        {
            parts.Add($"tail={tail}");
        }

        if (query.Follow)
        {
            parts.Add("follow=true");
        }

        return parts.Count == 0 ? "" : "?" + string.Join('&', parts);
    }
}
