using System.Buffers;
using System.IO.Pipelines;
using System.Text;

namespace Wherry.Edge.Tests.Rig;

/// <summary>Speaks HTTP/3 (RFC 9114) on a connection of <see cref="QuicInMemory"/>, with header lists that no table shortens (RFC 9204).</summary>
public sealed class Http3Visitor(QuicInMemory.Connection connection)
{
    private const byte Data = 0;
    private const byte Headers = 1;
    private const byte Settings = 4;

    private long _next;

    /// <summary>Status and body of an answer.</summary>
    public async Task<(int Status, string Body)> AskAsync(string path, string? body = null, string host = A.Host)
    {
        if (_next == 0)
        {
            // The control stream comes first.
            var control = await connection.OpenAsync(2, twoWays: false);
            await control.Output.WriteAsync((byte[])[0, .. Frame(Settings, [])]);
        }

        var stream = await connection.OpenAsync(_next, twoWays: true);
        _next += 4;
        byte[] head = [0, 0, .. Line(":method", body is null ? "GET" : "POST"), .. Line(":scheme", "https"), .. Line(":authority", host), .. Line(":path", path)];
        await stream.Output.WriteAsync((byte[])[.. Frame(Headers, head), .. body is null ? [] : Frame(Data, Encoding.UTF8.GetBytes(body))]);
        await stream.Output.CompleteAsync();
        return Read(await AllAsync(stream.Input));
    }

    private static async Task<byte[]> AllAsync(PipeReader input)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(20));
        while (true)
        {
            var read = await input.ReadAsync(limit.Token);
            if (read.IsCompleted)
            {
                return read.Buffer.ToArray();
            }

            input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static (int Status, string Body) Read(byte[] all)
    {
        var (status, body, at) = (0, new StringBuilder(), 0);
        while (at < all.Length)
        {
            var type = Number(all, ref at);
            var length = (int)Number(all, ref at);
            var content = all.AsSpan(at, length);
            at += length;
            if (type == Data)
            {
                body.Append(Encoding.UTF8.GetString(content));
            }
            else if (type == Headers && status == 0)
            {
                status = Status(content);
            }
        }

        return (status, body.ToString());
    }

    /// <summary>The answer's first line: an entry of the static table.</summary>
    private static int Status(ReadOnlySpan<byte> head)
    {
        Assert.Equal(0xc0, head[2] & 0xc0);
        var index = head[2] & 0x3f;
        return (index < 63 ? index : 63 + head[3]) switch { 25 => 200, 27 => 404, 28 => 503, 64 => 204, 67 => 400, 69 => 421, 71 => 500, var other => -other };
    }

    /// <summary>A literal line with a literal name.</summary>
    private static byte[] Line(string name, string value) => [.. Prefixed(0x20, 7, name), .. Prefixed(0, 127, value)];

    private static byte[] Prefixed(byte pattern, int most, string text) =>
        [.. text.Length < most ? [(byte)(pattern | text.Length)] : new[] { (byte)(pattern | most), (byte)(text.Length - most) }, .. Encoding.ASCII.GetBytes(text)];

    private static byte[] Frame(byte type, byte[] content) => [type, .. content.Length < 64 ? [(byte)content.Length] : new[] { (byte)(0x40 | (content.Length >> 8)), (byte)content.Length }, .. content];

    private static long Number(byte[] all, ref int at)
    {
        var length = 1 << (all[at] >> 6);
        long number = all[at++] & 0x3f;
        for (var i = 1; i < length; i++)
        {
            number = (number << 8) | all[at++];
        }

        return number;
    }
}
