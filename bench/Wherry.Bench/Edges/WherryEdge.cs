using System.Net.Sockets;
using System.Text.Json;
using Wherry.Core.Model;
using Wherry.Core.Routing;

namespace Wherry.Bench.Edges;

/// <summary>The published program's edge, as `wherry up` starts it: with its access log, probes and counters.</summary>
internal sealed class WherryEdge(string repository, string folder) : Contender("Wherry", folder)
{
    private readonly HttpClient _control = Connect(Path.Combine(folder, "edge", "edge.sock"));
    private Target _target = null!;
    private int _backEnd;
    private Certificates _certificate = null!;

    protected override Task<(string, IReadOnlyDictionary<string, string>, string[])> PrepareAsync(BackEnd backEnd, Certificates certificate, CancellationToken ct)
    {
        (_target, _backEnd, _certificate) = (new("back", "127.0.0.1"), backEnd.Port, certificate);
        return Task.FromResult((
            Path.Combine(repository, "artifacts", "wherry", "current", "wherry"), Role.Settings(repository, "edge"),
            new[] { "edge", "--home", Folder, "--listen", $"127.0.0.1:{Port}", "--listen-tls", $"127.0.0.1:{TlsPort}" }));
    }

    protected override async Task StartedAsync(BackEnd backEnd, Certificates certificate, CancellationToken ct)
    {
        while (!File.Exists(Path.Combine(Folder, "edge", "edge.sock")))
        {
            await Task.Delay(20, ct);
        }

        await SendAsync("/certificates/bench", JsonSerializer.SerializeToUtf8Bytes(new UploadCertificate(await File.ReadAllTextAsync(certificate.ChainFile, ct), await File.ReadAllTextAsync(certificate.KeyFile, ct)), EdgeJson.Default.UploadCertificate), ct);
        await ServeAsync("bench.production.web", [Host], ct);
    }

    /// <summary>Starts it again with nothing but the first host.</summary>
    public async Task RestartAsync(BackEnd backEnd, CancellationToken ct)
    {
        await DisposeAsync();
        Directory.Delete(Path.Combine(Folder, "edge"), recursive: true);
        await StartAsync(backEnd, certificate: _certificate, ct);
    }

    /// <summary>Serves these hosts from the back end.</summary>
    public Task ServeAsync(string key, IEnumerable<string> hosts, CancellationToken ct) => SendAsync($"/services/{key}", JsonSerializer.SerializeToUtf8Bytes(new EdgeService
    {
        Routes = [.. hosts.Select(h => new Route(HostName.Parse(h), PathPrefix.Root, _backEnd))],
        Targets = [_target],
        Probe = new() { Interval = TimeSpan.FromMinutes(1) }, // a thousand services' probes would be measured in place of a lookup
        Tls = key == "bench.production.web" ? new() { Source = TlsSource.Uploaded, Redirect = false } : null,
    }, EdgeJson.Default.EdgeService), ct);

    private async Task SendAsync(string path, byte[] body, CancellationToken ct)
    {
        using var content = new ByteArrayContent(body);
        using var answer = await _control.PutAsync(new Uri(path, UriKind.Relative), content, ct);
        if (!answer.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"{path}: {await answer.Content.ReadAsStringAsync(ct)}");
        }
    }

    private static HttpClient Connect(string path) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, ct) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), ct);
            return new NetworkStream(socket, ownsSocket: true);
        },
    })
    { BaseAddress = new("http://edge") };
}
