using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace Wherry.Bench;

/// <summary>A deployment as one would write it by hand: Engine calls over the unix socket and nothing more. The container is in a network of its own, as one of Compose or of Wherry is.</summary>
internal sealed class HandWritten : IAsyncDisposable
{
    private readonly HttpClient _engine = new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, ct) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint("/var/run/docker.sock"), ct);
            return new NetworkStream(socket, ownsSocket: true);
        },
    })
    { BaseAddress = new("http://engine/") };

    private readonly HttpClient _web = new(new SocketsHttpHandler { UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(1), PooledConnectionLifetime = TimeSpan.Zero });
    private readonly string _network = $"wherry-bench-{Guid.NewGuid():n}";
    private string? _serving;

    /// <summary>Creates, starts, waits for the first 200, then stops and removes the one before.</summary>
    public async Task SwapAsync(string image, CancellationToken ct)
    {
        if (_serving is null)
        {
            await PostAsync("networks/create", new JsonObject { ["Name"] = _network }, ct);
        }

        var created = await PostAsync("containers/create", new JsonObject { ["Image"] = image, ["HostConfig"] = new JsonObject { ["NetworkMode"] = _network } }, ct);
        var id = created!["Id"]!.GetValue<string>();
        var before = _serving;
        _serving = id;
        await PostAsync($"containers/{id}/start", null, ct);
        var seen = JsonNode.Parse(await _engine.GetStringAsync($"containers/{id}/json", ct));
        var address = seen!["NetworkSettings"]!["Networks"]![_network]!["IPAddress"]!.GetValue<string>();
        while (!await AnswersAsync($"http://{address}:3000/", ct))
        {
            await Task.Delay(10, ct);
        }

        if (before is not null)
        {
            await RemoveAsync(before, ct);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_serving is { } id)
        {
            await RemoveAsync(id, CancellationToken.None); // also after Ctrl+C
            using var answer = await _engine.DeleteAsync($"networks/{_network}", CancellationToken.None);
        }

        _engine.Dispose();
        _web.Dispose();
    }

    private async Task RemoveAsync(string id, CancellationToken ct)
    {
        await PostAsync($"containers/{id}/stop", null, ct);
        using var answer = await _engine.DeleteAsync($"containers/{id}", ct);
        answer.EnsureSuccessStatusCode();
    }

    private async Task<bool> AnswersAsync(string address, CancellationToken ct)
    {
        try
        {
            using var answer = await _web.GetAsync(address, ct);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private async Task<JsonNode?> PostAsync(string path, JsonObject? body, CancellationToken ct)
    {
        using var answer = await _engine.PostAsync(path, body is null ? null : JsonContent.Create(body), ct);
        var text = await answer.Content.ReadAsStringAsync(ct);
        return answer.IsSuccessStatusCode ? text.Length == 0 ? null : JsonNode.Parse(text) : throw new InvalidOperationException($"{path}: {text}");
    }
}
