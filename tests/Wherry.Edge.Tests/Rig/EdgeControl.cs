using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Serialization.Metadata;
using Wherry.Core.Problems;
using Wherry.Core.Routing;

namespace Wherry.Edge.Tests.Rig;

/// <summary>The edge's socket, as the server uses it.</summary>
public sealed class EdgeControl : IDisposable
{
    public EdgeControl(string socketPath) => Http = new(new SocketsHttpHandler
    {
        UseProxy = false,
        ConnectCallback = async (_, ct) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), ct);
            return new NetworkStream(socket, ownsSocket: true);
        },
    })
    {
        BaseAddress = new Uri("http://edge"),
    };

    public HttpClient Http { get; }

    /// <exception cref="ProblemException">The edge refused.</exception>
    public async Task<SwitchReport> PutAsync(string key, EdgeService service, CancellationToken ct = default)
    {
        using var response = await Http.PutAsJsonAsync($"/services/{key}", service, EdgeJson.Default.EdgeService, ct);
        return await ReadAsync(response, EdgeJson.Default.SwitchReport);
    }

    public Task<SwitchReport> PutAsync(EdgeService service, CancellationToken ct = default) => PutAsync(A.Key, service, ct);

    public async Task GateAsync(EdgeService service)
    {
        using var response = await Http.PostAsJsonAsync($"/services/{A.Key}/gate", service, EdgeJson.Default.EdgeService);
        if (!response.IsSuccessStatusCode)
        {
            throw (await response.Content.ReadFromJsonAsync(EdgeJson.Default.EdgeProblem))!.AsException();
        }
    }

    public async Task<SwitchReport> DeleteAsync(string key = A.Key)
    {
        using var response = await Http.DeleteAsync(new Uri($"/services/{key}", UriKind.Relative));
        return await ReadAsync(response, EdgeJson.Default.SwitchReport);
    }

    public async Task<EdgeServiceState> GetAsync(string key = A.Key)
    {
        using var response = await Http.GetAsync(new Uri($"/services/{key}", UriKind.Relative));
        return await ReadAsync(response, EdgeJson.Default.EdgeServiceState);
    }

    public Task<EdgeServiceState> PauseAsync(TimeSpan? maxWait = null, string key = A.Key) => PauseAsync(new PauseRequest(maxWait), key);

    public async Task<EdgeServiceState> PauseAsync(PauseRequest request, string key = A.Key)
    {
        using var response = await Http.PostAsJsonAsync($"/services/{key}/pause", request, EdgeJson.Default.PauseRequest);
        return await ReadAsync(response, EdgeJson.Default.EdgeServiceState);
    }

    public async Task<EdgeServiceState> ResumeAsync(string key = A.Key)
    {
        using var response = await Http.PostAsync(new Uri($"/services/{key}/resume", UriKind.Relative), null);
        return await ReadAsync(response, EdgeJson.Default.EdgeServiceState);
    }

    public Task<EdgeServiceState> MaintenanceAsync(string? message = null, string key = A.Key) => MaintenanceAsync(new MaintenanceRequest(message), key);

    public async Task<EdgeServiceState> MaintenanceAsync(MaintenanceRequest request, string key = A.Key)
    {
        using var response = await Http.PostAsJsonAsync($"/services/{key}/maintenance", request, EdgeJson.Default.MaintenanceRequest);
        return await ReadAsync(response, EdgeJson.Default.EdgeServiceState);
    }

    public async Task<EdgeHealth> HealthAsync()
    {
        using var response = await Http.GetAsync(new Uri("/health", UriKind.Relative));
        return await ReadAsync(response, EdgeJson.Default.EdgeHealth);
    }

    public Task<string> MetricsAsync() => Http.GetStringAsync(new Uri("/metrics", UriKind.Relative));

    /// <summary>The problem that a call ends with.</summary>
    public static async Task<Problem> ProblemOfAsync(Func<Task> call) => (await Assert.ThrowsAsync<ProblemException>(call)).Problem;

    public void Dispose() => Http.Dispose();

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type)
    {
        if (response.IsSuccessStatusCode)
        {
            return (await response.Content.ReadFromJsonAsync(type))!;
        }

        throw (await response.Content.ReadFromJsonAsync(EdgeJson.Default.EdgeProblem))!.AsException();
    }
}
