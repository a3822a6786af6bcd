using System.Net;
using System.Net.Sockets;
using Wherry.Docker;

namespace Wherry.EndToEnd.Tests;

/// <summary>A Wherry that was set up by its README's command, in a home of its own on a port of its own.</summary>
public sealed class Machine : IAsyncLifetime
{
    private const string HomeLabel = "wherry.home";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("wherry-e2e-");

    public Engine Engine { get; } = new(EngineEndpoint.Local);

    public string Home => Path.Combine(_folder.FullName, "home");

    public int Port { get; } = FreePort();

    public string Root { get; } = FindRoot();

    /// <summary>What names and labels of this Wherry carry, also when it is gone; <see langword="null"/> before it is set up.</summary>
    public string? HomeId => field ??= Path.Combine(Home, "keys", "home.id") is var file && File.Exists(file) ? File.ReadAllText(file).Trim() : null;

    /// <summary>Everything on the engine before Wherry came.</summary>
    public IReadOnlySet<string> Before { get; private set; } = new HashSet<string>();

    public async ValueTask InitializeAsync() => Before = await EverythingAsync();

    /// <summary>Runs <c>./wherry</c> from the repository.</summary>
    internal Task<Command> WherryAsync(params string[] arguments) =>
        Command.RunAsync(Root, new Dictionary<string, string> { ["WHERRY_HOME"] = Home }, [Path.Combine(Root, "wherry"), .. arguments]);

    internal async Task<Command> UpAsync()
    {
        var up = await WherryAsync("up", "--port", Port.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Assert.True(up.ExitCode == 0, up.Output);
        return up;
    }

    /// <summary>A folder beside the home.</summary>
    public string Folder(string name) => Path.Combine(_folder.FullName, name);

    public async Task<(HttpStatusCode Status, string Body)> GetAsync(string host)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{Port}/");
        request.Headers.Host = host;
        using var response = await http.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>Containers, images, networks and volumes of this Wherry and of strangers. Those of another Wherry on the engine come and go as it likes.</summary>
    public Task<IReadOnlySet<string>> EverythingAsync() => ThingsAsync(labels => labels.GetValueOrDefault(HomeLabel) is not { } home || home == HomeId);

    /// <summary>What of it is this Wherry's.</summary>
    public Task<IReadOnlySet<string>> OwnAsync() => ThingsAsync(labels => HomeId is { } own && labels.GetValueOrDefault(HomeLabel) == own);

    private async Task<IReadOnlySet<string>> ThingsAsync(Func<IReadOnlyDictionary<string, string>, bool> counts)
    {
        var all = new Dictionary<string, string?>();
        return new HashSet<string>(
        [
            .. (await Engine.Containers.ListAsync(all, true, default)).Where(c => counts(c.Labels)).Select(c => $"container {c.Name}"),
            .. (await Engine.Images.ListAsync(all, default)).Where(i => counts(i.Labels)).SelectMany(i => i.Tags).Select(t => $"image {t}"),
            .. (await Engine.Networks.ListAsync(all, default)).Where(n => counts(n.Labels)).Select(n => $"network {n.Name}"),
            .. (await Engine.Volumes.ListAsync(all, default)).Where(v => counts(v.Labels)).Select(v => $"volume {v.Name}"),
        ]);
    }

    public async ValueTask DisposeAsync()
    {
        await WherryAsync("down", "--purge");
        Engine.Dispose();
        _folder.Delete(recursive: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Wherry.slnx")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The tests do not run inside the repository.");
        }

        return folder.FullName;
    }
}
