using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Wherry.Core.Problems;

namespace Wherry.Docker.Connection;

/// <summary>A call turned into a two-way byte stream, as exec and attach need it. HTTP ends with the head of the answer.</summary>
internal sealed class Duplex : IAsyncDisposable
{
    private const int MaxHeadBytes = 64 * 1024;
    private readonly Stream _stream;
    private readonly Subject _about;
    private ReadOnlyMemory<byte> _ahead;

    private Duplex(Stream stream, Subject about, ReadOnlyMemory<byte> ahead)
    {
        _stream = stream;
        _about = about;
        _ahead = ahead;
    }

    /// <summary>Sends the request, reads the head of the answer. Owns <paramref name="stream"/>, also when this throws.</summary>
    public static async Task<Duplex> OpenAsync(Stream stream, string path, string host, EngineRequest request, CancellationToken ct)
    {
        try
        {
            var body = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(ct);
            var head = $"{request.Method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Type: application/json\r\nContent-Length: {body.Length.ToString(CultureInfo.InvariantCulture)}\r\n\r\n";
            await stream.WriteAsync((byte[])[.. Encoding.ASCII.GetBytes(head), .. body], ct);
            await stream.FlushAsync(ct);

            var (status, ahead) = await ReadHeadAsync(stream, ct);
            return status is HttpStatusCode.SwitchingProtocols or HttpStatusCode.OK
                ? new(stream, request.About, ahead)
                : throw EngineProblems.Of(request.About, status, EngineWords.Read(await ReadRefusalAsync(stream, ahead, ct), status)).AsException();
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    /// <returns>0 at the end. A reset counts as the end: the engine resets when the command ended with unread input.</returns>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken ct)
    {
        if (_ahead.IsEmpty)
        {
            try
            {
                return await _stream.ReadAsync(buffer, ct);
            }
            catch (IOException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset })
            {
                return 0;
            }
        }

        var count = Math.Min(buffer.Length, _ahead.Length);
        _ahead[..count].CopyTo(buffer);
        _ahead = _ahead[count..];
        return count;
    }

    /// <exception cref="ProblemException"><c>exec/ended</c>.</exception>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        try
        {
            await _stream.WriteAsync(bytes, ct);
            await _stream.FlushAsync(ct);
        }
        catch (IOException e)
        {
            throw EngineProblems.Ended(_about, e).AsException(e);
        }
    }

    /// <summary>Ends the input; output can still be read.</summary>
    public async Task CloseInputAsync()
    {
        switch (_stream)
        {
            case SslStream secure:
                await secure.ShutdownAsync();
                break;
            case NetworkStream plain:
                plain.Socket.Shutdown(SocketShutdown.Send);
                break;
        }
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private static async Task<(HttpStatusCode Status, ReadOnlyMemory<byte> Ahead)> ReadHeadAsync(Stream stream, CancellationToken ct)
    {
        var buffer = new byte[MaxHeadBytes];
        var filled = 0;
        while (filled < buffer.Length)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(filled), ct);
            if (read == 0)
            {
                throw new EndOfStreamException("the engine closed the connection before it answered");
            }

            filled += read;
            var end = buffer.AsSpan(0, filled).IndexOf("\r\n\r\n"u8);
            if (end >= 0)
            {
                return (Status(buffer.AsSpan(0, end)), buffer.AsMemory(end + 4, filled - end - 4));
            }
        }

        throw new InvalidDataException("the head of the engine's answer is longer than 64 kB");
    }

    private static HttpStatusCode Status(ReadOnlySpan<byte> head) =>
        head.Length >= 12 && head.StartsWith("HTTP/1."u8) && int.TryParse(head.Slice(9, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var code)
            ? (HttpStatusCode)code
            : throw new InvalidDataException("what answers is not HTTP/1.1");

    /// <summary>The refusal is short; what came with the head, and one more read when that was nothing, is all of it.</summary>
    private static async Task<string> ReadRefusalAsync(Stream stream, ReadOnlyMemory<byte> ahead, CancellationToken ct)
    {
        if (ahead.IsEmpty)
        {
            var buffer = new byte[MaxHeadBytes];
            ahead = buffer.AsMemory(0, await stream.ReadAsync(buffer, ct));
        }

        return Encoding.UTF8.GetString(ahead.Span);
    }
}
