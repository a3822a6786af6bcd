using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Wherry.Client;
using Wherry.Edge;
using Wherry.Server.Purge;
using Wherry.Server.Tests.Deployments;

namespace Wherry.Server.Tests.Rig;

/// <summary>A Wherry for one test, with an engine, limits or a disk of its own.</summary>
internal sealed class SmallWherry : IAsyncDisposable
{
    private readonly string _home;
    private readonly WebApplication _server;
    private readonly RunningEdge _edge;
    private readonly bool _mounted;

    private SmallWherry(string home, bool mounted, WebApplication server, RunningEdge edge, ServerOptions options)
    {
        (_home, _mounted, _server, _edge, Options) = (home, mounted, server, edge, options);
        Client = WherryClient.OverSocket(options.Socket);
    }

    public ServerOptions Options { get; }

    public WherryClient Client { get; }

    public IServiceProvider Services => _server.Services;

    /// <param name="change">What is to be different in its options.</param>
    /// <param name="homeBytes">Size of the state folder's disk, which is in memory. <see langword="null"/>: the machine's disk.</param>
    public static async Task<SmallWherry> StartAsync(Func<ServerOptions, ServerOptions>? change = null, long? homeBytes = null)
    {
        var home = Directory.CreateTempSubdirectory("wherry-small-").FullName;
        if (homeBytes is { } size)
        {
            await Tool.RunAsync("mount", "-t", "tmpfs", "-o", string.Create(CultureInfo.InvariantCulture, $"size={size}"), "wherry-test", home);
        }

        var options = new ServerOptions { Home = home, Listen = new IPEndPoint(IPAddress.Loopback, 0) };
        options = change?.Invoke(options) ?? options;
        var edge = await EdgeHost.StartAsync(new EdgeOptions { Home = Path.Combine(home, "edge"), Listen = ["127.0.0.1:0"] }, default);
        var server = await ServerHost.BuildAsync(options, default);
        await server.StartAsync();
        return new SmallWherry(home, homeBytes is not null, server, edge, options);
    }

    public async Task<string> ProjectAsync()
    {
        var name = $"s{System.Security.Cryptography.RandomNumberGenerator.GetHexString(8, lowercase: true)}";
        await Client.CreateProjectAsync(new CreateProject(name), default);
        return name;
    }

    public async Task<Deployment> DeployAsync(string project, DeployRequest request) => await EndAsync(await Client.DeployAsync(project, "production", request, default));

    /// <summary>Waits for its end.</summary>
    public async Task<Deployment> EndAsync(Deployment deployment)
    {
        await LiveWherry.UntilAsync(async () => (await Client.DeploymentAsync(deployment.Id, default)).Outcome is not null, 400);
        return await Client.DeploymentAsync(deployment.Id, default);
    }

    public async Task<Deployment> DeployAsync(string project, IReadOnlyDictionary<string, string> files)
    {
        var upload = await Client.UploadAsync(project, "production", (stream, ct) => LiveWherry.WriteTarAsync(stream, files, ct), default);
        return await DeployAsync(project, new DeployRequest { Upload = upload.Id });
    }

    /// <summary>Asks the edge as a visitor of this host does.</summary>
    public async Task<string> GetAsync(string host)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri($"http://{_edge.Addresses[0]}") };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.Host = host;
        using var response = await http.SendAsync(request);
        return await response.Content.ReadAsStringAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _server.StopAsync();
        using (var engine = new Docker.Engine(Docker.EngineEndpoint.Parse(Options.Engine)))
        {
            await new OwnThings(engine, HomeId.Open(Options.Keys)).RemoveAsync(default);
        }

        await _server.DisposeAsync();
        await _edge.DisposeAsync();
        if (_mounted)
        {
            await Tool.TryAsync("umount", "--lazy", _home);
        }

        Directory.Delete(_home, recursive: true);
    }
}
