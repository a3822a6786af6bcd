using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Wherry.Edge.Tests.Rig;

/// <summary>One HTTP/2 request in frames of our own making, for paths that no well-behaved client sends.</summary>
public static class RawHttp2
{
    private const byte HeadersFrame = 1;

    /// <summary>Status of the answer to a GET, as long as it is one that HPACK's static table has.</summary>
    public static async Task<int> StatusAsync(TestEdge edge, string path)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(edge.Address, TestContext.Current.CancellationToken);
        var stream = client.GetStream();
        await stream.WriteAsync((byte[])[.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. Frame(4, 0, 0, []), .. Headers(1, path)], TestContext.Current.CancellationToken);
        while (true)
        {
            var head = new byte[9];
            await stream.ReadExactlyAsync(head, TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
            var content = new byte[(head[0] << 16) | (head[1] << 8) | head[2]];
            await stream.ReadExactlyAsync(content, TestContext.Current.CancellationToken);
            if (head[3] == HeadersFrame)
            {
                return content[0] switch { 0x88 => 200, 0x8c => 400, 0x8d => 404, _ => content[0] };
            }
        }
    }

    /// <summary>A whole GET.</summary>
    public static byte[] Headers(int stream, string path, params (string Name, string Value)[] more) => Frame(
        HeadersFrame, 5, stream, [.. Header(":method", "GET"), .. Header(":scheme", "http"), .. Header(":authority", A.Host), .. Header(":path", path), .. more.SelectMany(h => Header(h.Name, h.Value))]);

    public static byte[] Frame(byte type, byte flags, int stream, byte[] content)
    {
        var frame = new byte[9 + content.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, content.Length << 8);
        (frame[3], frame[4]) = (type, flags);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        content.CopyTo(frame, 9);
        return frame;
    }

    /// <summary>A literal without Huffman's code; nothing here is longer than 126 bytes.</summary>
    public static byte[] Header(string name, string value) =>
        [0, (byte)name.Length, .. Encoding.ASCII.GetBytes(name), (byte)value.Length, .. Encoding.Latin1.GetBytes(value)];
}
