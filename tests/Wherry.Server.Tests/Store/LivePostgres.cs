using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Npgsql;
using Wherry.Core.Model;
using Wherry.Docker;
using Wherry.Server.Store;

[assembly: AssemblyFixture(typeof(Wherry.Server.Tests.Store.LivePostgres))]

namespace Wherry.Server.Tests.Store;

/// <summary>A real PostgreSQL in a container, from the image that <c>bin/images</c> brings. It starts for the first test that asks.</summary>
public sealed class LivePostgres : IAsyncLifetime
{
    private const string Label = "wherry-test-postgres";

    private readonly string _password = RandomNumberGenerator.GetHexString(12) + "@/ü";
    private readonly int _port = FreePort();
    private readonly Lazy<Task<string>> _container;

    public LivePostgres() => _container = new(StartAsync);

    public Engine Engine { get; } = new(EngineEndpoint.Local);

    public string Password => _password;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>Address of a new, empty database.</summary>
    public async Task<string> CreateAsync()
    {
        await _container.Value;
        var name = $"t{RandomNumberGenerator.GetHexString(12, lowercase: true)}";
        await using var admin = await ConnectAsync("postgres");
        await using var create = new NpgsqlCommand($"CREATE DATABASE {name}", admin);
        await create.ExecuteNonQueryAsync();
        return Url(name);
    }

    public string Url(string database) => $"postgres://wherry:{Uri.EscapeDataString(_password)}@127.0.0.1:{_port}/{database}?sslmode=disable";

    /// <summary>Ends every connection to a database, as its restart does.</summary>
    public async Task CutAsync(string database)
    {
        await using var admin = await ConnectAsync("postgres");
        await using var cut = new NpgsqlCommand("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = @database", admin) { Parameters = { new("database", database) } };
        await cut.ExecuteNonQueryAsync();
    }

    public async Task StopAsync(TimeSpan grace) => await Engine.Containers.StopAsync(await _container.Value, grace, default);

    public async Task StartAgainAsync()
    {
        await Engine.Containers.StartAsync(await _container.Value, default);
        await AnswersAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_container.IsValueCreated)
        {
            await Engine.Containers.RemoveAsync(await _container.Value, TimeSpan.Zero, removeAnonymousVolumes: true, default);
        }

        Engine.Dispose();
    }

    private async Task<string> StartAsync()
    {
        var id = await Engine.Containers.CreateAsync(
            new ContainerSpec
            {
                Name = $"{Label}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}",
                Image = "postgres:15",
                Environment = new Dictionary<string, string> { ["POSTGRES_PASSWORD"] = _password, ["POSTGRES_USER"] = "wherry" },
                Labels = new Dictionary<string, string> { [Label] = "" },
                Ports = [new PublishedPort("127.0.0.1", _port, 5432, "tcp")],
                Restart = new RestartPolicy(RestartCondition.No),
            },
            default);
        await Engine.Containers.StartAsync(id, default);
        await AnswersAsync();
        return id;
    }

    private async Task AnswersAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (true)
        {
            try
            {
                await (await ConnectAsync("postgres")).DisposeAsync();
                return;
            }
            catch (NpgsqlException) when (!limit.IsCancellationRequested)
            {
                await Task.Delay(200, limit.Token);
            }
        }
    }

    private async Task<NpgsqlConnection> ConnectAsync(string database)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(((StoreLocation.Postgres)StoreLocation.Parse(Url(database))).Connection) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
