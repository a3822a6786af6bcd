using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Wherry.Edge.Proxying;

/// <summary>Ids of requests: UUIDs of version 7 (RFC 9562) without dashes, which sort by time and cannot be guessed.</summary>
internal static class RequestIds
{
    private const int Random = 10;

    /// <summary>Chance bytes for many ids: asking the kernel for each costs more than all the rest of it.</summary>
    [ThreadStatic]
    private static byte[]? _chance;

    [ThreadStatic]
    private static int _used;

    public static string Next(DateTimeOffset now)
    {
        var chance = _chance ??= new byte[200 * Random];
        if (_used % chance.Length == 0)
        {
            RandomNumberGenerator.Fill(chance);
            _used = 0;
        }

        Span<byte> id = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(id, now.ToUnixTimeMilliseconds() << 16);
        chance.AsSpan(_used, Random).CopyTo(id[6..]);
        _used += Random;
        id[6] = (byte)((id[6] & 0x0F) | 0x70);
        id[8] = (byte)((id[8] & 0x3F) | 0x80);
        return Convert.ToHexStringLower(id);
    }
}
