using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;

namespace Wherry.Docker.Tests.Fixture;

/// <summary>An engine of our making on a unix socket, for what a real one cannot be made to say. One request per connection.</summary>
internal sealed class ScriptedEngine : IAsyncDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"wherry-test-{Guid.NewGuid().ToString("N")[..8]}.sock");
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<string, IEnumerable<byte[]>?> _answer;
    private readonly Task _serving;

    /// <param name="answer">From the request's first line (<c>GET /path</c>) to the parts of the answer; each part is one write; <see langword="null"/> never answers.</param>
    public ScriptedEngine(Func<string, IEnumerable<byte[]>?> answer)
    {
        _answer = answer;
        _listener.Bind(new UnixDomainSocketEndPoint(_path));
        _listener.Listen();
        _serving = ServeAsync();
    }

    public EngineEndpoint Endpoint => EngineEndpoint.Parse($"unix://{_path}");

    /// <summary>So much of a request's body is read before the answer; the rest never, and the connection is closed on it.</summary>
    public int? BodyBytes { get; init; }

    public ConcurrentQueue<string> Requests { get; } = [];

    /// <summary>A whole answer with a length.</summary>
    public static byte[][] Json(int status, string body) =>
        [Encoding.UTF8.GetBytes($"HTTP/1.1 {status} Said\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}")];

    /// <summary>A version answer.</summary>
    public static byte[][] Version(string api, string oldest) => Json(200, $$"""{"Version":"99","ApiVersion":"{{api}}","MinAPIVersion":"{{oldest}}"}""");

    /// <summary>An answer that ends with its connection, sent in pieces of <paramref name="size"/> bytes.</summary>
    public static IEnumerable<byte[]> Stream(string body, int size) =>
        Encoding.UTF8.GetBytes(body).Chunk(size).Prepend("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"u8.ToArray());

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _serving;
        _stop.Dispose();
        File.Delete(_path);
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                await AnswerAsync(await _listener.AcceptAsync(_stop.Token));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The test is over.
        }
    }

    private async Task AnswerAsync(Socket socket)
    {
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        var buffer = new byte[64 * 1024];
        var filled = 0;
        try
        {
            while (buffer.AsSpan(0, filled).IndexOf("\r\n\r\n"u8) < 0 && await stream.ReadAsync(buffer.AsMemory(filled), _stop.Token) is var read and > 0)
            {
                filled += read;
            }

            var line = string.Join(' ', Encoding.ASCII.GetString(buffer, 0, filled).Split("\r\n")[0].Split(' ')[..2]);
            Requests.Enqueue(line);
            if (BodyBytes is { } wanted && line.StartsWith("POST", StringComparison.Ordinal))
            {
                await stream.WriteAsync("HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray(), _stop.Token);
                await stream.ReadExactlyAsync(new byte[wanted], _stop.Token);
            }

            var answer = _answer(line);
            foreach (var part in answer ?? [])
            {
                await stream.WriteAsync(part, _stop.Token);
                await Task.Yield();
            }

            if (BodyBytes is not null)
            {
                return;
            }

            // Closing with a request body unread would cut the answer off.
            if (answer is not null)
            {
                socket.Shutdown(SocketShutdown.Send);
            }

            while (await stream.ReadAsync(buffer, _stop.Token) > 0)
            {
            }
        }
        catch (Exception e) when (e is IOException or IndexOutOfRangeException or ArgumentOutOfRangeException)
        {
            // The client gave up, which some tests want.
        }
    }
}
