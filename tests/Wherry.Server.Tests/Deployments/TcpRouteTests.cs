using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace Wherry.Server.Tests.Deployments;

/// <summary>Databases behind ports of the edge: deployments replace them while clients work.</summary>
public sealed class TcpRouteTests(LiveWherry wherry)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task UC_01_UC_03_A_database_with_a_volume_is_replaced_under_load_and_no_client_is_refused()
    {
        var project = await wherry.ProjectAsync();
        var port = FreePort();
        Assert.Null((await wherry.DeployComposeAsync(project, Postgres(port, 1))).Problem);
        await SqlAsync(port, "CREATE TABLE said (n int)");
        using var stop = new CancellationTokenSource();
        var (failures, written) = (new ConcurrentQueue<string>(), 0);
        var clients = Enumerable.Range(0, 4).Select(_ => WriteAsync()).ToArray();

        var deployment = await wherry.DeployComposeAsync(project, Postgres(port, 2));
        var after = written;
        await Task.Delay(500, Ct);
        await stop.CancelAsync();
        await Task.WhenAll(clients);

        Assert.Null(deployment.Problem);
        Assert.Empty(failures);
        Assert.True(written > after);
        Assert.Equal(written.ToString(CultureInfo.InvariantCulture), await SqlAsync(port, "SELECT count(*) FROM said"));
        Assert.Contains($"tcp://*:{port}", (await wherry.Client.ServicesAsync(project, "production", Ct)).Single().Routes);
        TestContext.Current.TestOutputHelper!.WriteLine($"{written} transactions, each on a connection of its own");

        async Task WriteAsync()
        {
            while (!stop.IsCancellationRequested)
            {
                try
                {
                    await SqlAsync(port, "INSERT INTO said VALUES (1)");
                    Interlocked.Increment(ref written);
                }
                catch (Exception e) when (e is NpgsqlException or TimeoutException)
                {
                    failures.Enqueue(e.Message);
                }
            }
        }
    }

    [Fact]
    public async Task KP_010_A_store_without_a_volume_is_rolled_under_load_a_rollback_too_and_no_connection_is_broken()
    {
        var project = await wherry.ProjectAsync();
        var port = FreePort();
        Assert.Null((await wherry.DeployComposeAsync(project, Redis(port, 1))).Problem);
        using var stop = new CancellationTokenSource();
        var (failures, pongs) = (new ConcurrentQueue<string>(), 0);
        var clients = Enumerable.Range(0, 4).Select(_ => PingAsync()).ToArray();

        Assert.Null((await wherry.DeployComposeAsync(project, Redis(port, 2))).Problem);
        var before = pongs;
        Assert.Null((await wherry.EndAsync(await wherry.Client.RollbackAsync(project, "production", new(), Ct))).Problem);
        await stop.CancelAsync();
        await Task.WhenAll(clients);

        Assert.Empty(failures);
        Assert.True(pongs > before && before > 0);

        async Task PingAsync()
        {
            while (!stop.IsCancellationRequested)
            {
                try
                {
                    Assert.Equal("+PONG\r\n", await AskAsync(port, "PING\r\n"));
                    Interlocked.Increment(ref pongs);
                }
                catch (Exception e) when (e is SocketException or IOException or Xunit.Sdk.XunitException)
                {
                    failures.Enqueue(e.Message);
                }
            }
        }
    }

    [Fact]
    public async Task A_port_of_another_environment_or_program_is_refused_before_anything_is_touched()
    {
        var (mine, theirs) = (await wherry.ProjectAsync(), await wherry.ProjectAsync());
        var port = FreePort();
        Assert.Null((await wherry.DeployComposeAsync(theirs, Redis(port, 1))).Problem);
        using var thief = new TcpListener(IPAddress.Loopback, 0);
        thief.Start();

        var byThem = (await wherry.DeployComposeAsync(mine, Redis(port, 1))).Problem;
        var byProgram = (await wherry.DeployComposeAsync(mine, Redis(((IPEndPoint)thief.LocalEndpoint).Port, 1))).Problem;

        Assert.Equal(("route/port-taken", "port/taken"), (byThem?.Code, byProgram?.Code));
        Assert.Contains($"{theirs}/production", byThem!.Message, StringComparison.Ordinal);
        Assert.Equal("+PONG\r\n", await AskAsync(port, "PING\r\n"));
    }

    private static string Postgres(int port, int round) => $$"""
        services:
          db:
            image: postgres:15
            environment: { POSTGRES_PASSWORD: secret, ROUND: "{{round}}" }
            stop_signal: SIGINT
            volumes: ["data:/var/lib/postgresql/data"]
            healthcheck: { test: [CMD, pg_isready, -U, postgres, -h, 127.0.0.1], interval: 500ms, timeout: 5s, retries: 100 }
            x-wherry:
              tcp: ["{{port}}:5432"]
              deploy: { drain: 5s }
        volumes:
          data: {}
        """;

    private static string Redis(int port, int round) => $$"""
        services:
          cache:
            image: redis:7
            environment: { ROUND: "{{round}}" }
            x-wherry:
              tcp: ["{{port}}:6379"]
              deploy: { drain: 5s }
        """;

    private static async Task<string?> SqlAsync(int port, string sql)
    {
        await using var connection = new NpgsqlConnection($"Host=127.0.0.1;Port={port};Username=postgres;Password=secret;Pooling=false;Timeout=60");
        await connection.OpenAsync(Ct);
        await using var command = new NpgsqlCommand(sql, connection);
        return (await command.ExecuteScalarAsync(Ct))?.ToString();
    }

    private static async Task<string> AskAsync(int port, string line)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, Ct);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(line), Ct);
        var buffer = new byte[64];
        return Encoding.ASCII.GetString(buffer, 0, await client.GetStream().ReadAsync(buffer, Ct));
    }

    /// <summary>Below those that the machine gives to whoever asks for any.</summary>
    private static int FreePort()
    {
        while (true)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Any, RandomNumberGenerator.GetInt32(12_000, 20_000)));
                return ((IPEndPoint)socket.LocalEndPoint!).Port;
            }
            catch (SocketException)
            {
                // Taken; another one.
            }
        }
    }
}
