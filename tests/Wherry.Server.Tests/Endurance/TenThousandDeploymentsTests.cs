using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Dapper;
using Wherry.Client;
using Wherry.Server.Store;
using Wherry.Server.Tests.Deployments;
using Wherry.Server.Tests.Rig;
using Wherry.Server.Tests.Rig.Fake;

namespace Wherry.Server.Tests.Endurance;

/// <summary>RG-19. Server and edge as processes of their own, on an engine in memory: what many deployments leave is what one leaves.
/// All ten thousand take minutes of both processors, so a run of all tests makes a twentieth of them; <c>WHERRY_TEST_DEPLOYMENTS=10000</c> makes them all.</summary>
public sealed class TenThousandDeploymentsTests
{
    private static readonly int Deployments = int.Parse(Environment.GetEnvironmentVariable("WHERRY_TEST_DEPLOYMENTS") ?? "500", CultureInfo.InvariantCulture);

    private const int Lanes = 10;

    /// <summary>Deployments of one lane before anything is counted: as many releases as are kept.</summary>
    private const int WarmUp = 9;

    /// <summary>Every third deployment builds an image of its own.</summary>
    private const int BuildEvery = 3;

    /// <summary>Idle connections come and go; a leak of one each deployment would be many times this.</summary>
    private const int HandlesMore = 50;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RG_19_Ten_thousand_deployments_leave_no_container_network_volume_image_file_or_handle()
    {
        await using var engine = await FakeEngine.StartAsync();
        engine.Images.Port = FreePort();
        engine.Images.Add("shop/web:v1");
        engine.Images.Add("shop/web:v2");
        using var home = new TemporaryFolder();
        var options = new ServerOptions { Home = home.Path, Engine = engine.Host, Listen = new IPEndPoint(IPAddress.Loopback, FreePort()) };
        await using var edge = await EdgeProcess.StartAsync(options, new IPEndPoint(IPAddress.Loopback, FreePort()));
        await using var server = await ServerProcess.StartAsync(options, forLong: true);
        using var client = WherryClient.OverSocket(options.Socket);
        await client.CreateProjectAsync(new CreateProject("shop"), Ct);
        await Task.WhenAll(Enumerable.Range(0, Lanes).Skip(1).Select(lane => client.CreateEnvironmentAsync("shop", new CreateEnvironment(Lane(lane)), Ct)));

        await DeployAsync(client, engine.Images.Port, 0, WarmUp);
        var before = await CountAsync(engine, server, edge, options);
        var began = Stopwatch.GetTimestamp();
        await DeployAsync(client, engine.Images.Port, WarmUp, Deployments / Lanes);
        var took = Stopwatch.GetElapsedTime(began);
        var after = await SettledAsync(() => CountAsync(engine, server, edge, options), before);

        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Deployments} in {took.TotalSeconds:0} s: {took.TotalMilliseconds / Deployments:0.0} ms each; calls of the engine: {string.Join(", ", engine.Calls.OrderByDescending(c => c.Value).Select(c => $"{c.Key} {c.Value}"))}"));
        TestContext.Current.TestOutputHelper?.WriteLine($"CPU server {Process.GetProcessById(server.Id).TotalProcessorTime}, edge {Process.GetProcessById(edge.Id).TotalProcessorTime}, test {Process.GetCurrentProcess().TotalProcessorTime}");
        TestContext.Current.TestOutputHelper?.WriteLine($"{before}\n{after}\n{string.Join(", ", await RowsAsync(options))}, {new FileInfo(Path.Combine(options.Home, "wherry.db")).Length / Deployments} bytes for each deployment");
        Assert.Empty(engine.Unknown);
        Assert.True(engine.Containers.Made >= Deployments, $"{engine.Containers.Made} containers were made");
        Assert.Equal(before.Engine, after.Engine);
        Assert.Equal(before.WorkFiles, after.WorkFiles);
        Assert.InRange(after.ServerHandles, 0, before.ServerHandles + HandlesMore);
        Assert.InRange(after.EdgeHandles, 0, before.EdgeHandles + HandlesMore);
        foreach (var (table, rows) in await RowsAsync(options))
        {
            Assert.True(rows <= RowsOf(table), $"{table} has {rows} rows");
        }

    }

    /// <summary>The history is kept: a row for each deployment, its release and its receipt, and one for each of its few steps. Nothing else grows.</summary>
    private static long RowsOf(string table) => table switch
    {
        "deployment" or "release" or "receipt" => Deployments,
        "deployment_step" => 10L * Deployments,
        "build" => (Deployments / BuildEvery) + Lanes,
        "event" => 100_000,
        _ => 3 * Lanes,
    };

    /// <summary>One lane per environment, each with one deployment after the other.</summary>
    private static Task DeployAsync(WherryClient client, int port, int from, int to) => Task.WhenAll(Enumerable.Range(0, Lanes).Select(async lane =>
    {
        for (var i = from; i < to; i++)
        {
            var upload = await client.UploadAsync("shop", Lane(lane), (stream, ct) => LiveWherry.WriteTarAsync(stream, Files(lane, i, port), ct), Ct);
            var queued = await client.DeployAsync("shop", Lane(lane), new DeployRequest { Upload = upload.Id }, Ct);
            await foreach (var _ in client.DeploymentLogAsync(queued.Id, new LogQuery { Follow = true }, Ct))
            {
                // To its end.
            }

            var ended = await client.DeploymentAsync(queued.Id, Ct);
            Assert.True(ended.Outcome == DeploymentOutcome.Succeeded, $"deployment {i} of lane {lane}: {ended.Outcome} {ended.Problem?.Message}");
        }
    }));

    private static string Lane(int lane) => lane == 0 ? "production" : string.Create(CultureInfo.InvariantCulture, $"lane-{lane}");

    private static Dictionary<string, string> Files(int lane, int i, int port) => new()
    {
        ["Dockerfile"] = $"FROM scratch\nLABEL tree={lane}-{i}\n",
        ["compose.yaml"] = $$"""
            services:
              web:
                {{(i % BuildEvery == 0 ? "build: ." : $"image: shop/web:v{1 + (i % 2)}")}}
                environment: { RUN: "{{i}}" }
                volumes: ["data:/data"]
                x-wherry:
                  routes: [{ host: {{Lane(lane)}}.localhost, port: {{port}} }]
                  deploy: { strategy: rolling }
            volumes:
              data: {}

            """,
    };

    private static async Task<Counts> CountAsync(FakeEngine engine, ServerProcess server, EdgeProcess edge, ServerOptions options)
    {
        await Task.Delay(TimeSpan.FromSeconds(1), Ct); // what ended a moment ago lets go of its connections
        return new Counts(
            $"{engine.Containers.Count} containers, {engine.Networks.Count} networks, {engine.Volumes.Count} volumes, {engine.Images.Count} images",
            Directory.Exists(options.Builds) ? Directory.EnumerateDirectories(options.Builds).Count() : 0,
            Handles(server.Id),
            Handles(edge.Id));
    }

    /// <summary>Looks until it is as it was, for a minute at most: connections that nobody uses are closed after a while.</summary>
    private static async Task<Counts> SettledAsync(Func<Task<Counts>> count, Counts before)
    {
        var seen = await count();
        for (var look = 0; look < 60 && (seen.Engine != before.Engine || seen.ServerHandles > before.ServerHandles || seen.EdgeHandles > before.EdgeHandles); look++)
        {
            seen = await count();
        }

        return seen;
    }

    private static async Task<IReadOnlyDictionary<string, long>> RowsAsync(ServerOptions options)
    {
        await using var database = Database.At(options.Store);
        await using var connection = await database.Dialect.ConnectAsync(Ct);
        var rows = new Dictionary<string, long>();
        foreach (var table in Migrations.Tables)
        {
            rows[table] = await connection.ExecuteScalarAsync<long>($"SELECT COUNT(*) FROM {table}");
        }

        return rows;
    }

    private static int Handles(int process) => Directory.GetFileSystemEntries($"/proc/{process}/fd").Length;

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private sealed class TemporaryFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("wherry-many-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }

    private sealed record Counts(string Engine, int WorkFiles, int ServerHandles, int EdgeHandles);
}
