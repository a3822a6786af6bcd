using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Wherry.Edge.Listening;

namespace Wherry.Edge.Tcp;

/// <summary>The PROXY protocol on plain sockets: told to the edge, and told on to a target.</summary>
internal static class TcpIntroduction
{
    /// <summary>Reads a header.</summary>
    /// <returns>Whose connection it is, <see langword="null"/> for the load balancer's own, and what came after it; nothing when it is none.</returns>
    /// <exception cref="SocketException">The connection broke.</exception>
    public static async Task<(IPEndPoint? Client, ReadOnlyMemory<byte> After)?> ReadAsync(Socket socket, CancellationToken ct)
    {
        var buffer = new byte[ProxyProtocol.Longest];
        for (var length = 0; length < buffer.Length;)
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(length), ct);
            if (read == 0)
            {
                return null;
            }

            length += read;
            var (header, client) = ProxyProtocol.Read(new ReadOnlySequence<byte>(buffer, 0, length));
            if (header != 0)
            {
                return header < 0 ? null : (client, buffer.AsMemory((int)header, length - (int)header));
            }
        }

        return null;
    }

    /// <summary>The header that tells whose connection it is.</summary>
    /// <param name="version">1 or 2.</param>
    /// <param name="client">Whose.</param>
    /// <param name="edge">Where he came to.</param>
    public static byte[] Write(int version, IPEndPoint client, IPEndPoint edge)
    {
        var (from, to) = (ProxyProtocol.Plain(client.Address), ProxyProtocol.Plain(edge.Address));
        if (from.AddressFamily != to.AddressFamily)
        {
            (from, to) = (from.MapToIPv6(), to.MapToIPv6());
        }

        var isIPv6 = from.AddressFamily is AddressFamily.InterNetworkV6;
        return version == 1
            ? Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"PROXY TCP{(isIPv6 ? 6 : 4)} {from} {to} {client.Port} {edge.Port}\r\n"))
            : WriteV2(isIPv6 ? (byte)0x21 : (byte)0x11, [.. from.GetAddressBytes(), .. to.GetAddressBytes()], client.Port, edge.Port);
    }

    private static byte[] WriteV2(byte family, byte[] addresses, int from, int to)
    {
        var header = new byte[16 + addresses.Length + 4];
        ProxyProtocol.SignatureV2.CopyTo(header);
        (header[12], header[13]) = (0x21, family);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(14), (ushort)(addresses.Length + 4));
        addresses.CopyTo(header, 16);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(16 + addresses.Length), (ushort)from);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(18 + addresses.Length), (ushort)to);
        return header;
    }
}
