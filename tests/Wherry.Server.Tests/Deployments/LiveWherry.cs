using System.Collections.Concurrent;
using System.Formats.Tar;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Wherry.Client;
using Wherry.Core.Model;
using Wherry.Docker;
using Wherry.Edge.Tests.Rig;
using Wherry.Edge;
using Wherry.Server.Purge;
using Wherry.Server.Store;
using Wherry.Server.Tests.Git;
using Wherry.Server.Tests.Rig;
using LogQuery = Wherry.Client.LogQuery;

[assembly: AssemblyFixture(typeof(Wherry.Server.Tests.Deployments.LiveWherry))]

namespace Wherry.Server.Tests.Deployments;

/// <summary>A whole Wherry, on the machine's real engine: server, edge, and images of the test application. In this process, unless a test wants to kill a part of it.</summary>
public sealed class LiveWherry : IAsyncLifetime
{
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("wherry-live-");
    private readonly ConcurrentDictionary<string, (string Class, string Test)> _projects = new();
    private RunningEdge? _edge;
    private WebApplication? _server;
    private ServerProcess? _process;
    private CaddyProcess? _caddy;

    public Engine Engine { get; } = new(EngineEndpoint.Local);

    /// <summary>Where the server looks for its engine. Default: the machine's.</summary>
    public string ServersEngine { get; init; } = new ServerOptions().Engine;

    /// <summary>The server's clock. Default: the machine's.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>The server is a process of its own.</summary>
    public bool ServerApart { get; init; }

    /// <summary>The edge is a process of its own.</summary>
    public bool EdgeApart { get; init; }

    /// <summary>A real Caddy takes the visitors, and the edge drives it.</summary>
    public bool OnCaddy { get; init; }

    /// <summary>The edge's process, where it has one.</summary>
    internal EdgeApart? Edge { get; private set; }

    public WherryClient Client { get; private set; } = null!;

    public ServerOptions Options { get; private set; } = null!;

    /// <summary>Default: the home's own.</summary>
    public StoreLocation? Store { get; init; }

    /// <summary>Where the edge takes requests.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>Where it takes them over TLS.</summary>
    public IPEndPoint TlsAddress => _edge!.TlsAddresses[0];

    /// <summary>The server's own parts, for what its API does not tell.</summary>
    public IServiceProvider Services => _server!.Services;

    public static string Image(string version) => $"wherry-test/app:{version}";

    public async ValueTask InitializeAsync()
    {
        Assert.True(await Engine.AnswersAsync(default), "No Docker Engine answers: run bin/engine up.");
        await File.WriteAllTextAsync(Path.Combine(_home.FullName, "test.pid"), $"{Environment.ProcessId}"); // ./test clears away what a killed run leaves
        await Task.WhenAll(new[] { "v1", "v2", "v3" }.Select(BuildAppAsync));
        Options = new ServerOptions { Home = _home.FullName, Listen = new IPEndPoint(IPAddress.Loopback, FreePort()), Engine = ServersEngine, Store = Store!, Time = Clock };
        if (EdgeApart)
        {
            var listen = new IPEndPoint(IPAddress.Loopback, FreePort());
            Edge = await Rig.EdgeApart.StartAsync(Options, listen);
            Address = new Uri($"http://{listen}");
        }
        else
        {
            _caddy = OnCaddy ? await CaddyProcess.StartAsync() : null;
            var listen = OnCaddy ? $"127.0.0.1:{FreePort()}" : "127.0.0.1:0";
            await StartEdgeAsync(listen);
            Address = new Uri($"http://{(OnCaddy ? listen : $"{_edge!.Addresses[0]}")}");
        }

        await StartServerAsync();
    }

    /// <summary>Stops the server and starts another on the same state; the edge goes on.</summary>
    public async Task RestartServerAsync()
    {
        await StopServerAsync();
        await StartServerAsync();
    }

    /// <summary>Lets the server's process die (kill -9) and starts another on the same state.</summary>
    public async Task KillServerAsync()
    {
        await _process!.KillAsync();
        await RestartServerAsync();
    }

    /// <summary>Waits for the server's death, or for something that comes before it.</summary>
    public async Task<bool> ServerDiesAsync(Func<Task<bool>> before)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (!_process!.HasDied)
        {
            try
            {
                if (await before())
                {
                    return false;
                }
            }
            catch (ApiException e) when (e.Problem.Code == "server/unreachable")
            {
                // It is about to die, or has just died.
            }

            await Task.Delay(20, limit.Token);
        }

        return true;
    }

    /// <summary>Cuts everything that the edge has in flight, as its death does, and starts another on the same state and address after a while.</summary>
    public async Task RestartEdgeAsync(TimeSpan after)
    {
        await _edge!.StopAsync(new CancellationToken(canceled: true));
        await Task.Delay(after);
        await StartEdgeAsync(Address.Authority);
    }

    public async ValueTask DisposeAsync()
    {
        await RemoveAsync(_projects.Keys);
        await StopServerAsync();
        await new OwnThings(Engine, HomeId.Open(Options.Keys)).RemoveAsync(default); // what a failed test left
        await (Edge as IAsyncDisposable ?? _edge!).DisposeAsync();
        await (_caddy?.DisposeAsync() ?? ValueTask.CompletedTask);
        Engine.Dispose();
        _home.Delete(recursive: true);
    }

    /// <summary>A project with a name that nobody else has; removed when the next test of the class asks for one, since an engine has few networks to give.</summary>
    public async Task<string> ProjectAsync()
    {
        var by = (TestContext.Current.TestClass?.TestClassName ?? "", TestContext.Current.Test?.UniqueID ?? "");
        await RemoveAsync(_projects.Where(p => p.Value.Class == by.Item1 && p.Value.Test != by.Item2).Select(p => p.Key));
        var name = $"t{RandomNumberGenerator.GetHexString(8, lowercase: true)}";
        await Client.CreateProjectAsync(new CreateProject(name), default);
        _projects[name] = by;
        return name;
    }

    /// <summary>A work folder whose remote <c>wherry</c> is the project's repository.</summary>
    internal async Task<GitFolder> FolderAsync(string project)
    {
        var token = await Client.CreateTokenAsync(new CreateToken($"push-{project}", TokenScope.Deploy), default);
        var folder = new GitFolder(Directory.CreateDirectory(Path.Combine(_home.FullName, "work", project)).FullName);
        await folder.GitAsync("init", "--quiet", "--initial-branch=main");
        await folder.GitAsync("remote", "add", "wherry", $"http://git:{token.Secret}@{Options.Listen}/git/{project}.git");
        return folder;
    }

    /// <summary>Deploys and waits for the end, whatever it is.</summary>
    public async Task<Deployment> DeployAsync(string project, DeployRequest request, string environment = "production") =>
        await EndAsync(await Client.DeployAsync(project, environment, request, default));

    /// <summary>Deploys a folder with these files and waits for the end.</summary>
    public async Task<Deployment> DeployAsync(string project, IReadOnlyDictionary<string, string> files, DeployRequest? request = null, string environment = "production") =>
        await EndAsync(await BeginAsync(project, files, request, environment));

    /// <summary>Queues a deployment of a folder with these files.</summary>
    public async Task<Deployment> BeginAsync(string project, IReadOnlyDictionary<string, string> files, DeployRequest? request = null, string environment = "production")
    {
        var upload = await Client.UploadAsync(project, environment, (stream, ct) => WriteTarAsync(stream, files, ct), default);
        return await Client.DeployAsync(project, environment, (request ?? new DeployRequest()) with { Upload = upload.Id }, default);
    }

    public Task<Deployment> DeployComposeAsync(string project, string compose, DeployRequest? request = null) =>
        DeployAsync(project, new Dictionary<string, string> { ["compose.yaml"] = compose }, request);

    /// <summary>Follows a deployment to its end.</summary>
    public async Task<Deployment> EndAsync(Deployment deployment)
    {
        await foreach (var line in Client.DeploymentLogAsync(deployment.Id, new LogQuery { Follow = true }, default))
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"{line.Source,-10} {line.Text}");
        }

        while (true)
        {
            var now = await Client.DeploymentAsync(deployment.Id, default);
            if (now.Outcome is not null)
            {
                return now;
            }

            await Task.Delay(50);
        }
    }

    /// <summary>Looks again and again until it holds; fails after these seconds.</summary>
    public static async Task UntilAsync(Func<Task<bool>> holds, int seconds = 60)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        while (!await holds())
        {
            await Task.Delay(50, limit.Token);
        }
    }

    /// <summary>Waits until nothing is queued or at work in the project any more.</summary>
    public Task SettledAsync(string project) =>
        UntilAsync(async () => (await Client.DeploymentsAsync(project, "production", default)).All(d => d.Outcome is not null), 120);

    public async Task<string> LogAsync(Deployment deployment)
    {
        var text = new StringBuilder();
        await foreach (var line in Client.DeploymentLogAsync(deployment.Id, new LogQuery(), default))
        {
            text.AppendLine(line.Text);
        }

        return text.ToString();
    }

    /// <summary>Asks the edge as a visitor of this host does.</summary>
    public async Task<(HttpStatusCode Status, string Body)> GetAsync(string host, string path = "/")
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = Address };
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Host = host;
        using var response = await http.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>The environment that the application at this host was started with.</summary>
    public async Task<Dictionary<string, string>> VariablesAtAsync(string host)
    {
        var (status, body) = await GetAsync(host, "/env");
        Assert.Equal(HttpStatusCode.OK, status);
        return System.Text.Json.JsonSerializer.Deserialize<Dictionary<string, string>>(body)!;
    }

    /// <summary>Ids of the containers of a service.</summary>
    public async Task<HashSet<string>> IdsAsync(string project, string service) =>
        [.. (await ContainersAsync(project)).Where(c => c.Labels[Labels.Service] == service).Select(c => c.Id)];

    /// <summary>Containers of a project, one-offs included.</summary>
    public Task<IReadOnlyList<ContainerSummary>> ContainersAsync(string project) =>
        Engine.Containers.ListAsync(new Dictionary<string, string?> { [Labels.Project] = project }, true, default);

    private async Task RemoveAsync(IEnumerable<string> projects)
    {
        foreach (var project in projects.ToList())
        {
            try
            {
                await Client.RemoveProjectAsync(project, volumes: true, default);
            }
            catch (ApiException e) when (e.Status == 404)
            {
                // The test removed it itself.
            }

            _projects.TryRemove(project, out _);
        }
    }

    private async Task BuildAppAsync(string version)
    {
        var folder = Path.Combine(RepositoryRoot(), "tests", "app");
        var context = BuildContext.Open(folder, SourcePath.Root);
        await Engine.Builds.BuildAsync(
            new BuildRequest { WriteContext = context.WriteAsync, Tags = [ImageReference.Parse(Image(version))], Args = new Dictionary<string, string> { ["VERSION"] = version } }, null, default);
    }

    private async Task StartEdgeAsync(string listen) =>
        _edge = await EdgeHost.StartAsync(new EdgeOptions { Home = Path.Combine(_home.FullName, "edge"), Listen = [listen], ListenTls = OnCaddy ? [] : ["127.0.0.1:0"], Proxy = _caddy is { } caddy ? $"caddy {caddy.Admin}" : null }, default);

    private async Task StartServerAsync()
    {
        if (ServerApart)
        {
            _process = await ServerProcess.StartAsync(Options);
        }
        else
        {
            _server = await ServerHost.BuildAsync(Options, default);
            await _server.StartAsync();
        }

        Client = WherryClient.OverSocket(Options.Socket);
    }

    private async Task StopServerAsync()
    {
        Client?.Dispose();
        if (_process is not null)
        {
            await _process.DisposeAsync();
            return;
        }

        await _server!.StopAsync();
        await _server.DisposeAsync();
    }

    internal static async Task WriteTarAsync(Stream stream, IReadOnlyDictionary<string, string> files, CancellationToken ct)
    {
        await using var tar = new TarWriter(stream, leaveOpen: true);
        foreach (var (path, text) in files)
        {
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, path) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)) }, ct);
        }
    }

    internal static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Wherry.slnx")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The tests do not run inside the repository.");
        }

        return folder.FullName;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
