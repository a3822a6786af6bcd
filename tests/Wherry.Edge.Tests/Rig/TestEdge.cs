using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace Wherry.Edge.Tests.Rig;

/// <summary>A real edge on a free port with a home of its own.</summary>
public sealed class TestEdge : IAsyncDisposable
{
    private readonly EdgeOptions _options;
    private RunningEdge _edge;

    private TestEdge(EdgeOptions options, RunningEdge edge)
    {
        _options = options;
        _edge = edge;
        Control = new(edge.SocketPath);
        Http = NewClient();
    }

    public string Home => _options.Home;

    public EdgeControl Control { get; private set; }

    /// <summary>Talks to the edge, whatever the URL's host says.</summary>
    public HttpClient Http { get; private set; }

    public IPEndPoint Address => _options.Proxy is null ? _edge.Addresses[0] : IPEndPoint.Parse(_options.Listen[0]);

    public IPEndPoint TlsAddress => _options.Proxy is null ? _edge.TlsAddresses[0] : IPEndPoint.Parse(_options.ListenTls[0]);

    public static async Task<TestEdge> StartAsync(Func<EdgeOptions, EdgeOptions>? with = null)
    {
        var options = new EdgeOptions
        {
            Home = Directory.CreateTempSubdirectory("wherry-edge-").FullName,
            Listen = ["127.0.0.1:0"],
            StopWithin = TimeSpan.FromSeconds(2),
        };
        options = with?.Invoke(options) ?? options;
        return new(options, await EdgeHost.StartAsync(options, TestContext.Current.CancellationToken));
    }

    /// <summary>Stops and starts again on the same home.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        await StartAgainAsync();
    }

    public async Task StopAsync()
    {
        Http.Dispose();
        Control.Dispose();
        await _edge.DisposeAsync();
    }

    public async Task StartAgainAsync()
    {
        _edge = await EdgeHost.StartAsync(_options, TestContext.Current.CancellationToken);
        Control = new(_edge.SocketPath);
        Http = NewClient();
    }

    public HttpClient NewClient(Version? version = null) => new(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        ConnectCallback = async (_, ct) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(Address, ct);
            return new NetworkStream(socket, ownsSocket: true);
        },
    })
    {
        BaseAddress = new Uri($"http://{A.Host}"),
        Timeout = TimeSpan.FromSeconds(20),
        DefaultRequestVersion = version ?? HttpVersion.Version11,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    /// <summary>Body of a GET, whatever its status.</summary>
    public async Task<string> GetAsync(string pathOrUrl)
    {
        using var response = await Http.GetAsync(new Uri(pathOrUrl, UriKind.RelativeOrAbsolute), TestContext.Current.CancellationToken);
        return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    public async Task<int> StatusAsync(string pathOrUrl)
    {
        using var response = await Http.GetAsync(new Uri(pathOrUrl, UriKind.RelativeOrAbsolute), TestContext.Current.CancellationToken);
        return (int)response.StatusCode;
    }

    /// <summary>The access log's entry for a path, once it is written.</summary>
    public async Task<JsonNode> LoggedAsync(string path)
    {
        var log = Path.Combine(Home, "access.log");
        return await Eventually.GetAsync(() => File.Exists(log)
            ? File.ReadAllLines(log).Select(l => JsonNode.Parse(l)!).LastOrDefault(e => e["path"]!.GetValue<string>() == path)
            : null);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(Home, recursive: true);
    }
}
