using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Wherry.Edge.Acme.Solving;

/// <summary>A key shared with a DNS server.</summary>
/// <param name="Secret">Its bytes. Secret.</param>
internal sealed record TsigKey(string Name, byte[] Secret)
{
    public override string ToString() => Name;
}

/// <summary>The few DNS messages that a dynamic update needs (RFC 2136), signed by HMAC-SHA256 (RFC 8945).</summary>
internal sealed class DnsMessage
{
    private const ushort TypeSoa = 6, TypeTxt = 16, TypeTsig = 250;
    private const ushort ClassIn = 1, ClassNone = 254, ClassAny = 255;
    private const ushort OpcodeUpdate = 5 << 11;
    private const ushort FudgeSeconds = 300;
    private const int HeaderBytes = 12;
    private const string Algorithm = "hmac-sha256";

    private readonly List<byte> _bytes = [];

    /// <summary>An update that adds one TXT value, or takes one away.</summary>
    /// <returns>The signed message and its MAC, which the answer's signature stands on.</returns>
    public static (byte[] Message, byte[] Mac) Update(ushort id, DnsText text, bool remove, TsigKey key, DateTimeOffset now)
    {
        var message = new DnsMessage();
        message.Numbers(id, OpcodeUpdate, 1, 0, 1, 0);
        message.Name(text.Zone.Value);
        message.Numbers(TypeSoa, ClassIn);
        message.Name(text.Name);
        message.Numbers(TypeTxt, remove ? ClassNone : ClassIn, 0, remove ? (ushort)0 : (ushort)DnsChallenges.Ttl);
        var value = Encoding.ASCII.GetBytes(text.Value);
        message.Numbers((ushort)(value.Length + 1));
        message._bytes.Add((byte)value.Length);
        message._bytes.AddRange(value);

        var unsigned = message._bytes.ToArray();
        var mac = Mac(unsigned, [], key, Variables(key, now.ToUnixTimeSeconds(), FudgeSeconds, 0, []));
        message.Tsig(id, key, now, mac);
        var signed = message._bytes.ToArray();
        BinaryPrimitives.WriteUInt16BigEndian(signed.AsSpan(10), 1); // one more in the additional section
        return (signed, mac);
    }

    /// <summary>What a server answered: its response code, and whether the key's other holder signed it.</summary>
    /// <exception cref="FormatException">It is no DNS message, or not the answer to this one.</exception>
    public static (int Code, bool Signed) ReadAnswer(byte[] answer, ushort id, byte[] requestMac, TsigKey key, DateTimeOffset now)
    {
        var read = new DnsReader(answer);
        var (gotId, flags) = (read.Number(), read.Number());
        if (gotId != id || (flags & 0x8000) == 0)
        {
            throw new FormatException("it is not the answer to what was asked");
        }

        var (questions, records) = (read.Number(), read.Number() + read.Number());
        var additional = read.Number();
        for (var i = 0; i < questions; i++)
        {
            read.Name();
            read.Skip(4);
        }

        for (var i = 0; i < records + additional - 1; i++)
        {
            read.Name();
            read.Skip(8);
            read.Skip(read.Number());
        }

        return (flags & 15, additional > 0 && IsSigned(answer, read, requestMac, key, now));
    }

    /// <summary>Verifies the last record, which has to be a signature over all before it.</summary>
    private static bool IsSigned(byte[] answer, DnsReader read, byte[] requestMac, TsigKey key, DateTimeOffset now)
    {
        var start = read.Position;
        var owner = read.Name();
        if (read.Number() != TypeTsig || !owner.Equals(key.Name, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        read.Skip(8); // class, time to live, length
        if (read.Name() != Algorithm)
        {
            return false;
        }

        var seconds = ((long)read.Number() << 32) | ((long)read.Number() << 16) | read.Number();
        var fudge = read.Number();
        var mac = read.Bytes(read.Number());
        var originalId = read.Number();
        var error = read.Number();
        var other = read.Bytes(read.Number());

        var unsigned = answer[..start];
        BinaryPrimitives.WriteUInt16BigEndian(unsigned, originalId);
        BinaryPrimitives.WriteUInt16BigEndian(unsigned.AsSpan(10), (ushort)(BinaryPrimitives.ReadUInt16BigEndian(unsigned.AsSpan(10)) - 1));
        var expected = Mac(unsigned, [(byte)(requestMac.Length >> 8), (byte)requestMac.Length, .. requestMac], key, Variables(key, seconds, fudge, error, other));
        return error == 0 && Math.Abs(now.ToUnixTimeSeconds() - seconds) <= fudge && CryptographicOperations.FixedTimeEquals(mac, expected);
    }

    private static byte[] Mac(byte[] message, byte[] before, TsigKey key, byte[] variables) => HMACSHA256.HashData(key.Secret, (byte[])[.. before, .. message, .. variables]);

    private static byte[] Variables(TsigKey key, long seconds, ushort fudge, ushort error, byte[] other)
    {
        var all = new DnsMessage();
        all.Name(key.Name.ToLowerInvariant());
        all.Numbers(ClassAny, 0, 0);
        all.Name(Algorithm);
        all.Numbers((ushort)(seconds >> 32), (ushort)(seconds >> 16), (ushort)seconds, fudge, error, (ushort)other.Length);
        all._bytes.AddRange(other);
        return all._bytes.ToArray();
    }

    private void Tsig(ushort id, TsigKey key, DateTimeOffset now, byte[] mac)
    {
        var seconds = now.ToUnixTimeSeconds();
        var data = new DnsMessage();
        data.Name(Algorithm);
        data.Numbers((ushort)(seconds >> 32), (ushort)(seconds >> 16), (ushort)seconds, FudgeSeconds, (ushort)mac.Length);
        data._bytes.AddRange(mac);
        data.Numbers(id, 0, 0);

        Name(key.Name.ToLowerInvariant());
        Numbers(TypeTsig, ClassAny, 0, 0, (ushort)data._bytes.Count);
        _bytes.AddRange(data._bytes);
    }

    private void Name(string name)
    {
        foreach (var label in name.TrimEnd('.').Split('.'))
        {
            _bytes.Add((byte)label.Length);
            _bytes.AddRange(Encoding.ASCII.GetBytes(label));
        }

        _bytes.Add(0);
    }

    private void Numbers(params ReadOnlySpan<ushort> numbers)
    {
        foreach (var number in numbers)
        {
            _bytes.Add((byte)(number >> 8));
            _bytes.Add((byte)number);
        }
    }

    /// <summary>Reads forwards; a message that ends too early is a <see cref="FormatException"/>.</summary>
    private sealed class DnsReader(byte[] bytes)
    {
        public int Position { get; private set; }

        public ushort Number() => BinaryPrimitives.ReadUInt16BigEndian(Bytes(2));

        public void Skip(int count) => Bytes(count);

        public byte[] Bytes(int count)
        {
            if (Position + count > bytes.Length)
            {
                throw new FormatException("it is cut off");
            }

            Position += count;
            return bytes[(Position - count)..Position];
        }

        /// <summary>In lower case. A pointer ends it unread: only names that are never compressed are looked at.</summary>
        public string Name()
        {
            var labels = new List<string>();
            for (int length; (length = Bytes(1)[0]) != 0;)
            {
                if (length >= 0xC0)
                {
                    Skip(1);
                    break;
                }

                labels.Add(Encoding.ASCII.GetString(Bytes(length)).ToLowerInvariant());
            }

            return string.Join('.', labels);
        }
    }
}
