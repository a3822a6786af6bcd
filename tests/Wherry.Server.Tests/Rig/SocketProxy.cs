using System.Collections.Concurrent;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Wherry.Server.Tests.Rig;

/// <summary>Stands before the socket of an engine or an edge: lets a call through, it is carried out, and the line is cut before the answer.</summary>
internal sealed class SocketProxy : IAsyncDisposable
{
    private static readonly HashSet<string> Words = [.. "containers images networks volumes create json start stop kill wait logs archive stats events info version _ping build session exec connect disconnect prune tag load push distribution auth system df rename update resize attach top history get services gate pause resume health maintenance".Split(' ')];

    private readonly string _folder = Directory.CreateTempSubdirectory("wherry-proxy-").FullName;
    private readonly ConcurrentQueue<string> _calls = new();
    private readonly WebApplication _app;
    private readonly HttpClient _target;
    private readonly string _socket;
    private (string Call, int Left)? _cut;
    private int _cutDone = 1;

    private SocketProxy(string target, string? socket)
    {
        _socket = socket ?? Path.Combine(_folder, "proxy.sock");
        _target = new HttpClient(new SocketsHttpHandler { UseProxy = false, ConnectCallback = (_, ct) => ConnectAsync(target, ct) }) { BaseAddress = new Uri("http://target"), Timeout = Timeout.InfiniteTimeSpan };
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.ListenUnixSocket(_socket);
        });
        _app = builder.Build();
        _app.Run(RelayAsync);
    }

    /// <summary>In <c>DOCKER_HOST</c>'s form.</summary>
    public string Host => $"unix://{_socket}";

    /// <summary>Awaited when a call came and before it is passed on.</summary>
    public Func<string, Task> OnAsked { get; set; } = _ => Task.CompletedTask;

    /// <summary>Awaited when a call was carried out and before it is answered.</summary>
    public Func<string, Task> OnCarriedOut { get; set; } = _ => Task.CompletedTask;

    /// <summary>Calls since <see cref="Forget"/>, in order: method and path, names left out.</summary>
    public IReadOnlyCollection<string> Calls => _calls;

    /// <summary>Nothing waits to be cut any more: it was.</summary>
    public bool HasCut => Volatile.Read(ref _cutDone) == 1;

    /// <param name="target">The socket that calls are passed on to.</param>
    /// <param name="socket">Where to listen. Default: a path of its own.</param>
    public static async Task<SocketProxy> StartAsync(string target = "/var/run/docker.sock", string? socket = null)
    {
        var proxy = new SocketProxy(target, socket);
        await proxy._app.StartAsync();
        return proxy;
    }

    public void Forget() => _calls.Clear();

    /// <summary>Cuts the line of one call, once.</summary>
    /// <param name="call">As in <see cref="Calls"/>.</param>
    /// <param name="occurrence">Which of the calls like it from now on, from 0.</param>
    public void CutAnswerOf(string call, int occurrence)
    {
        lock (_calls)
        {
            _cut = (call, occurrence);
            _cutDone = 0;
        }
    }

    public async ValueTask DisposeAsync()
    {
        using (var now = new CancellationTokenSource(TimeSpan.Zero))
        {
            await _app.StopAsync(now.Token); // what is streamed has no end of its own
        }

        await _app.DisposeAsync();
        _target.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task RelayAsync(HttpContext context)
    {
        var call = $"{context.Request.Method} {string.Join('/', context.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(s => !(s[0] == 'v' && s.Contains('.', StringComparison.Ordinal))).Select(s => Words.Contains(s) ? s : "*"))}";
        _calls.Enqueue(call);
        using var asked = new HttpRequestMessage(HttpMethod.Parse(context.Request.Method), context.Request.Path.Value + context.Request.QueryString);
        if (context.Request.ContentLength > 0 || context.Request.Headers.TransferEncoding.Count > 0)
        {
            asked.Content = new StreamContent(context.Request.Body);
        }

        foreach (var (name, value) in context.Request.Headers.Where(h => h.Key is not ("Host" or "Transfer-Encoding" or "Connection" or "Expect")))
        {
            _ = asked.Headers.TryAddWithoutValidation(name, value.AsEnumerable()) || asked.Content?.Headers.TryAddWithoutValidation(name, value.AsEnumerable()) == true;
        }

        try
        {
            await OnAsked(call);
            using var answer = await _target.SendAsync(asked, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
            await OnCarriedOut(call);
            if (IsToBeCut(call))
            {
                await answer.Content.LoadIntoBufferAsync(context.RequestAborted); // it is carried out to its end
                context.Abort();
                return;
            }

            context.Response.StatusCode = (int)answer.StatusCode;
            foreach (var (name, value) in answer.Headers.Concat(answer.Content.Headers).Where(h => h.Key is not "Transfer-Encoding"))
            {
                context.Response.Headers[name] = value.ToArray();
            }

            await using var body = await answer.Content.ReadAsStreamAsync(context.RequestAborted);
            await context.Response.StartAsync(context.RequestAborted);
            await body.CopyToAsync(context.Response.Body, context.RequestAborted);
        }
        catch (Exception e) when (e is OperationCanceledException or HttpRequestException or IOException)
        {
            context.Abort();
        }
    }

    private bool IsToBeCut(string call)
    {
        lock (_calls)
        {
            if (_cut is not { } cut || cut.Call != call)
            {
                return false;
            }

            _cut = cut.Left == 0 ? null : cut with { Left = cut.Left - 1 };
            _cutDone = cut.Left == 0 ? 1 : 0;
            return cut.Left == 0;
        }
    }

    private static async ValueTask<Stream> ConnectAsync(string path, CancellationToken ct)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), ct);
        return new NetworkStream(socket, ownsSocket: true);
    }
}
