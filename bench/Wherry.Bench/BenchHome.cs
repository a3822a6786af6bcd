using System.Diagnostics;
using System.Formats.Tar;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Wherry.Client;
using Wherry.Core.Model;
using Wherry.Docker;

namespace Wherry.Bench;

/// <summary>A Wherry of its own, from the published program, in a temporary home; all it made goes away with it.</summary>
internal sealed class BenchHome : IAsyncDisposable
{
    /// <summary>Wherry says it when traffic is switched and the old replicas are drained.</summary>
    public const string Switched = "traffic is switched";

    /// <summary>What is built by hand.</summary>
    public const string HandImage = "wherry-bench/hand:latest";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("wherry-bench-");
    private readonly List<string> _projects = [];
    private readonly string _repository;

    private BenchHome(string repository)
    {
        _repository = repository;
        Program = Path.Combine(repository, "artifacts", "wherry", "current", "wherry");
        Client = WherryClient.OverSocket(Path.Combine(Home, "wherry.sock"));
    }

    public string Program { get; }

    public string Home => Path.Combine(_folder.FullName, "home");

    public Engine Engine { get; } = new(EngineEndpoint.Local);

    public WherryClient Client { get; }

    public Role Server { get; private set; } = null!;

    public Role Edge { get; private set; } = null!;

    /// <summary>Where the edge takes requests.</summary>
    public IPEndPoint EdgeAddress { get; } = new(IPAddress.Loopback, FreePort());

    public IPEndPoint ApiAddress { get; } = new(IPAddress.Loopback, FreePort());

    /// <summary>An image of the test application; v1 and v2 differ.</summary>
    public static string Image(int version) => $"wherry-bench/app:v{version}";

    /// <summary>An image of a small static web server on port 8080; v1 and v2 differ. <see cref="BuildTinyAsync"/> makes them.</summary>
    public static string TinyImage(int version) => $"wherry-bench/tiny:v{version}";

    public static async Task<BenchHome> StartAsync(string repository, CancellationToken ct)
    {
        var bench = new BenchHome(repository);
        try
        {
            await bench.StartAsync(ct);
            return bench;
        }
        catch
        {
            await bench.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the server and waits until it answers on its socket.</summary>
    /// <returns>From the start of the process to the first answer.</returns>
    public async Task<TimeSpan> StartServerAsync(CancellationToken ct)
    {
        var began = Stopwatch.GetTimestamp();
        Server = Role.Start(Program, Path.Combine(_folder.FullName, "server.log"), Role.Settings(_repository, "server"), "server", "--home", Home, "--listen", ApiAddress.ToString());
        await UntilAsync("the server", async () => await Client.VersionAsync(ct) is not null, ct);
        return Stopwatch.GetElapsedTime(began);
    }

    /// <summary>Time that the server's unit lets pass before it starts it again.</summary>
    public TimeSpan KeeperWaits => TimeSpan.FromMilliseconds(int.Parse(
        File.ReadLines(Path.Combine(_repository, "packaging", "wherry-server.service")).First(l => l.StartsWith("RestartSec=", StringComparison.Ordinal))["RestartSec=".Length..^"ms".Length], System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>A folder that goes away at the end.</summary>
    public string Folder(string name) => _folder.CreateSubdirectory(name).FullName;

    /// <summary>A project with a name that nobody else has.</summary>
    public async Task<string> ProjectAsync(CancellationToken ct)
    {
        var name = $"bench{RandomNumberGenerator.GetHexString(6, lowercase: true)}";
        await Client.CreateProjectAsync(new CreateProject(name), ct);
        _projects.Add(name);
        return name;
    }

    public async Task RemoveAsync(string project)
    {
        _projects.Remove(project);
        await Client.RemoveProjectAsync(project, volumes: true, CancellationToken.None); // also after Ctrl+C
    }

    public Task<TimeSpan> CliAsync(CancellationToken ct, params string[] arguments) =>
        Command.RunAsync(_folder.FullName, new Dictionary<string, string>(), ct, [Program, .. arguments, "--home", Home]);

    /// <summary>Deploys an image with the command line.</summary>
    /// <returns>From the start of the command until traffic is switched and the old replica drained, and until its end.</returns>
    public Task<(TimeSpan Switched, TimeSpan Ended)> DeployImageAsync(string project, string image, CancellationToken ct) =>
        Command.RunUntilAsync(Switched, _folder.FullName, new Dictionary<string, string>(), ct, Program, "deploy", "--image", image, "-p", project, "--home", Home);

    /// <summary>Deploys a Compose file and waits for the end.</summary>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public async Task ComposeAsync(string project, string compose, CancellationToken ct, string? dockerfile = null) => await EndAsync(await QueueAsync(project, compose, ct, dockerfile), ct);

    /// <summary>Queues a deployment of a Compose file.</summary>
    public async Task<Deployment> QueueAsync(string project, string compose, CancellationToken ct, string? dockerfile = null)
    {
        var upload = await Client.UploadAsync(project, "production", async (stream, token) =>
        {
            await using var tar = new TarWriter(stream, leaveOpen: true);
            foreach (var (name, text) in new[] { ("compose.yaml", compose), ("Dockerfile", dockerfile) }.Where(f => f.Item2 is not null))
            {
                await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text!)) }, token);
            }
        }, ct);
        return await Client.DeployAsync(project, "production", new DeployRequest { Upload = upload.Id }, ct);
    }

    /// <summary>Waits for a deployment's end.</summary>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public async Task EndAsync(Deployment deployment, CancellationToken ct)
    {
        while (deployment.Outcome is null)
        {
            await Task.Delay(50, ct);
            deployment = await Client.DeploymentAsync(deployment.Id, ct);
        }

        if (deployment.Outcome != DeploymentOutcome.Succeeded)
        {
            throw new InvalidOperationException($"The deployment failed: {deployment.Problem?.Message}");
        }
    }

    /// <summary>Builds an image with the Engine, as by hand.</summary>
    public Task<string> BuildAsync(string folder, string image, IReadOnlyDictionary<string, string> args, CancellationToken ct) =>
        Engine.Builds.BuildAsync(new BuildRequest { WriteContext = BuildContext.Open(folder, SourcePath.Root).WriteAsync, Tags = [ImageReference.Parse(image)], Args = args }, null, ct);

    public async Task BuildTinyAsync(CancellationToken ct)
    {
        var folder = Folder("tiny");
        await File.WriteAllTextAsync(Path.Combine(folder, "Dockerfile"), "FROM busybox:latest\nARG VERSION\nENV VERSION=$VERSION\nEXPOSE 8080\nSTOPSIGNAL SIGKILL\nCMD [\"/bin/busybox\", \"httpd\", \"-f\", \"-p\", \"8080\", \"-h\", \"/\"]\n", ct);
        foreach (var version in new[] { 1, 2 })
        {
            await BuildAsync(folder, TinyImage(version), new Dictionary<string, string> { ["VERSION"] = $"v{version}" }, ct);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var project in _projects.ToList())
        {
            try
            {
                await RemoveAsync(project);
            }
            catch (ApiException e)
            {
                Console.Error.WriteLine($"{project} stays behind: {e.Message}");
            }
        }

        foreach (var role in new[] { Server, Edge })
        {
            if (role is not null)
            {
                await role.DisposeAsync();
            }
        }

        foreach (var image in new[] { Image(1), Image(2), TinyImage(1), TinyImage(2), HandImage })
        {
            if (await Engine.Images.FindAsync(ImageReference.Parse(image), CancellationToken.None) is not null)
            {
                await Engine.Images.RemoveAsync(ImageReference.Parse(image), CancellationToken.None);
            }
        }

        Client.Dispose();
        Engine.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task StartAsync(CancellationToken ct)
    {
        Directory.CreateDirectory(Home);
        foreach (var version in new[] { 1, 2 })
        {
            await BuildAsync(Path.Combine(_repository, "tests", "app"), Image(version), new Dictionary<string, string> { ["VERSION"] = $"v{version}" }, ct);
        }

        Edge = Role.Start(Program, Path.Combine(_folder.FullName, "edge.log"), Role.Settings(_repository, "edge"), "edge", "--home", Home, "--listen", EdgeAddress.ToString());
        await StartServerAsync(ct);
        await UntilAsync("the edge", async () => (await Client.StatusAsync(ct)).EdgeAnswers, ct);
    }

    private static async Task UntilAsync(string what, Func<Task<bool>> answers, CancellationToken ct)
    {
        for (var began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(60); await Task.Delay(5, ct))
        {
            try
            {
                if (await answers())
                {
                    return;
                }
            }
            catch (ApiException)
            {
                // Not yet.
            }
        }

        throw new InvalidOperationException($"{what} does not answer after 60 s");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
