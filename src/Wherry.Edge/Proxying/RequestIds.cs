using System.Buffers.Binary;

namespace Wherry.Edge.Proxying;

/// <summary>Ids of requests: UUIDs of version 7 (RFC 9562) without dashes, which sort by time. They are names, not secrets.</summary>
internal static class RequestIds
{
    public static string Next(DateTimeOffset now)
    {
        Span<byte> id = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(id, now.ToUnixTimeMilliseconds() << 16);

        // Not from the kernel: asking it for each id costs more than all the rest of it.
        Random.Shared.NextBytes(id[6..]);
        id[6] = (byte)((id[6] & 0x0F) | 0x70);
        id[8] = (byte)((id[8] & 0x3F) | 0x80);
        return Convert.ToHexStringLower(id);
    }
}
