using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

#pragma warning disable CA1507 // the names in the JSON are the engine's, not ours

namespace Wherry.Server.Tests.Rig.Fake;

/// <summary>A container that is nothing but an address which answers "ok" while it runs. Its connections end with it, as a real one's do.</summary>
internal sealed class FakeContainer(string id, string name, string image, JsonObject config, IPAddress address) : IDisposable
{
    private static readonly byte[] Ok = Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: text/plain\r\n\r\nok");

    private readonly ConcurrentDictionary<Socket, bool> _connections = new();
    private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly DateTimeOffset _created = TimeProvider.System.GetUtcNow();
    private Socket? _listener;
    private DateTimeOffset? _started;

    public string Id => id;

    public string Name => name;

    public JsonObject Labels => (JsonObject)config["Labels"]!;

    /// <summary>Volumes without a name that go with it.</summary>
    public required IReadOnlyList<string> Volumes { get; init; }

    public string State { get; private set; } = "created";

    /// <summary>It has stopped.</summary>
    public Task Ended => _gone.Task;

    public void Start(int port)
    {
        (State, _started) = ("running", TimeProvider.System.GetUtcNow());
        _listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        _listener.Bind(new IPEndPoint(address, port));
        _listener.Listen();
        _ = ServeAsync(_listener);
    }

    /// <returns>False: it did not run.</returns>
    public bool Stop()
    {
        if (State != "running")
        {
            return false;
        }

        State = "exited";
        Dispose();
        _gone.TrySetResult();
        return true;
    }

    public void Dispose()
    {
        _listener?.Dispose();
        foreach (var connection in _connections.Keys)
        {
            connection.Dispose();
        }
    }

    public JsonObject Summary() => new()
    {
        ["Id"] = id,
        ["Names"] = new JsonArray($"/{name}"),
        ["Image"] = config["Image"]!.DeepClone(),
        ["ImageID"] = image,
        ["State"] = State,
        ["Status"] = State == "exited" ? "Exited (0) 1 second ago" : "Up 1 second",
        ["Created"] = _created.ToUnixTimeSeconds(),
        ["Labels"] = Labels.DeepClone(),
        ["NetworkSettings"] = new JsonObject { ["Networks"] = Networks() },
    };

    public JsonObject Inspect() => new()
    {
        ["Id"] = id,
        ["Name"] = $"/{name}",
        ["Image"] = image,
        ["Created"] = FakeEngine.At(_created),
        ["State"] = new JsonObject { ["Status"] = State, ["StartedAt"] = FakeEngine.At(_started), ["ExitCode"] = 0, ["Pid"] = State == "running" ? 1 : 0 },
        ["Config"] = config.DeepClone(),
        ["HostConfig"] = config["HostConfig"]?.DeepClone(),
        ["NetworkSettings"] = new JsonObject { ["Networks"] = Networks() },
    };

    /// <summary>One line, framed as the engine frames it.</summary>
    public byte[] Line(bool timestamps)
    {
        var text = Encoding.UTF8.GetBytes($"{(timestamps ? FakeEngine.At(_started) + " " : "")}listening on {address}\n");
        return [1, 0, 0, 0, 0, 0, 0, (byte)text.Length, .. text];
    }

    private JsonObject Networks() => new((config["NetworkingConfig"]?["EndpointsConfig"] as JsonObject ?? []).Select(n =>
        KeyValuePair.Create<string, JsonNode?>(n.Key, new JsonObject { ["IPAddress"] = State == "running" ? address.ToString() : "", ["NetworkID"] = $"id-{n.Key}", ["Aliases"] = n.Value?["Aliases"]?.DeepClone() })));

    private async Task ServeAsync(Socket listener)
    {
        try
        {
            while (true)
            {
                _ = ServeOneAsync(await listener.AcceptAsync());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It stopped.
        }
    }

    private async Task ServeOneAsync(Socket connection)
    {
        _connections[connection] = true;
        var buffer = new byte[4096];
        try
        {
            while (State == "running" && await connection.ReceiveAsync(buffer) > 0)
            {
                await connection.SendAsync(Ok); // requests are short: each comes in one piece
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // One of the two sides is gone.
        }

        _connections.TryRemove(connection, out _);
        connection.Dispose();
    }

    public static string IdOf(int number) => number.ToString("x12", CultureInfo.InvariantCulture) + new string('0', 52);
}
