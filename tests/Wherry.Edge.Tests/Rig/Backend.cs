using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Wherry.Core.Routing;

namespace Wherry.Edge.Tests.Rig;

/// <summary>A replica: a real web server on a loopback address of its own. Answers its id, and what <c>On</c> says for single paths.</summary>
public sealed class Backend : IAsyncDisposable
{
    private static int _lastAddress;
    private static int _lastPort = Environment.ProcessId * 97;

    private readonly Dictionary<string, RequestDelegate> _paths = [];
    private WebApplication? _app;
    private int _hits;

    private Backend(string id, int port)
    {
        var n = Interlocked.Increment(ref _lastAddress);
        Id = id;
        Port = port;
        Address = $"127.{1 + (Environment.ProcessId % 200)}.{n / 250}.{2 + (n % 250)}";
        _paths["/up"] = http => http.Response.WriteAsync("well");
        Otherwise = http => http.Response.WriteAsync(Id);
    }

    public string Id { get; }

    public string Address { get; }

    public int Port { get; private set; }

    public Target Target => new(Id, Address);

    /// <summary>Requests other than probes.</summary>
    public int Hits => Volatile.Read(ref _hits);

    public RequestDelegate Otherwise { get; set; }

    /// <summary>What it speaks, once started.</summary>
    public HttpProtocols Protocols { get; init; } = HttpProtocols.Http1;

    /// <summary>Answers on the address once started.</summary>
    public static Backend Prepare(string id, Backend? beside = null) => new(id, beside?.Port ?? 0);

    /// <summary>One that speaks HTTP/2 without TLS and nothing else.</summary>
    public static Task<Backend> StartHttp2Async(string id) => new Backend(id, 0) { Protocols = HttpProtocols.Http2 }.StartAsync();

    public static async Task<Backend> StartAsync(string id, Backend? beside = null) => await Prepare(id, beside).StartAsync();

    public Backend On(string path, RequestDelegate answer)
    {
        _paths[path] = answer;
        return this;
    }

    public Backend On(string path, int status, string body = "") => On(path, http =>
    {
        http.Response.StatusCode = status;
        return http.Response.WriteAsync(body);
    });

    public async Task<Backend> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k =>
        {
            k.RequestHeaderEncodingSelector = _ => Encoding.Latin1;
            k.ResponseHeaderEncodingSelector = _ => Encoding.Latin1;
            k.Limits.MaxRequestBodySize = null;
            k.Limits.MinRequestBodyDataRate = null;
            k.Listen(IPAddress.Parse(Address), Port, o => o.Protocols = Protocols);
        });
        builder.WebHost.UseShutdownTimeout(TimeSpan.FromMilliseconds(200));
        _app = builder.Build();
        _app.UseWebSockets();
        _app.Run(AnswerAsync);
        await _app.StartAsync();
        Port = new Uri(_app.Urls.First()).Port;
        return this;
    }

    /// <summary>Stops as a container does that is killed.</summary>
    public async Task StopAsync()
    {
        if (_app is { } app)
        {
            _app = null;
            await app.StopAsync(new CancellationToken(canceled: true));
            await app.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    /// <summary>A free port, on which nobody listens; below those that the machine gives to whoever asks for any, so that it stays free until it is used.</summary>
    public static int FreePort()
    {
        const int First = 20_000;
        const int Count = 12_000;
        while (true)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                var port = First + ((Interlocked.Increment(ref _lastPort) & int.MaxValue) % Count);
                socket.Bind(new IPEndPoint(IPAddress.Any, port));
                return port;
            }
            catch (SocketException)
            {
                // Taken; the next one.
            }
        }
    }

    private Task AnswerAsync(HttpContext http)
    {
        var path = http.Request.Path.Value!;
        if (path != "/up")
        {
            Interlocked.Increment(ref _hits);
        }

        return _paths.TryGetValue(path, out var answer) ? answer(http) : Otherwise(http);
    }
}
