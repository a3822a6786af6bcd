using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Wherry.Edge.Rules;

namespace Wherry.Edge.Listening;

/// <summary>The PROXY protocol, versions 1 and 2 (haproxy.org, proxy-protocol.txt): a load balancer in front says whose connection it is. Who is trusted must send it; from others it would be rubbish, and is answered as such.</summary>
/// <param name="trusted">Load balancers that speak it.</param>
internal sealed class ProxyProtocol(IReadOnlyList<string> trusted, TimeProvider time)
{
    /// <summary>Version 1 has at most 107 bytes; version 2 may carry extensions.</summary>
    private const int LongestLine = 107;
    public const int Longest = 16 + 2048;

    public static readonly TimeSpan Within = TimeSpan.FromSeconds(5);

    private readonly NetworkList _trusted = new(trusted);

    internal static ReadOnlySpan<byte> SignatureV2 => "\r\n\r\n\0\r\nQUIT\n"u8;

    public void AddTo(ListenOptions listen)
    {
        if (!_trusted.IsEmpty)
        {
            listen.Use(next => connection => Expects(connection.RemoteEndPoint) ? IntroducedAsync(connection, next) : next(connection));
        }
    }

    /// <summary>Whether a connection from there begins with a header.</summary>
    public bool Expects(EndPoint? peer) => !_trusted.IsEmpty && peer is IPEndPoint { Address: var address } && _trusted.Contains(address);

    /// <summary>Reads a header.</summary>
    /// <returns>Its length and whose connection it is, <see langword="null"/> for the load balancer's own; length 0: more bytes are needed, -1: it is none.</returns>
    internal static (long Length, IPEndPoint? Client) Read(in ReadOnlySequence<byte> input)
    {
        var bytes = input.Length > Longest ? input.Slice(0, Longest).ToArray() : input.ToArray();
        var signature = SignatureV2[..Math.Min(SignatureV2.Length, bytes.Length)];
        if (bytes.AsSpan().StartsWith(signature))
        {
            return ReadV2(bytes);
        }

        var begin = "PROXY "u8;
        return bytes.AsSpan().StartsWith(begin[..Math.Min(begin.Length, bytes.Length)]) ? ReadV1(bytes) : (-1, null);
    }

    private async Task IntroducedAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var input = connection.Transport.Input;
        using var limit = new CancellationTokenSource(Within, time);
        try
        {
            while (true)
            {
                var read = await input.ReadAsync(limit.Token);
                var (length, client) = Read(read.Buffer);
                if (length > 0)
                {
                    input.AdvanceTo(read.Buffer.GetPosition(length));
                    connection.RemoteEndPoint = client ?? connection.RemoteEndPoint;
                    break;
                }

                input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                if (length < 0 || read.IsCompleted || read.IsCanceled)
                {
                    connection.Abort();
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            connection.Abort();
            return;
        }

        await next(connection);
    }

    private static (long Length, IPEndPoint? Client) ReadV1(byte[] bytes)
    {
        var end = bytes.AsSpan(0, Math.Min(bytes.Length, LongestLine)).IndexOf("\r\n"u8);
        if (end < 0)
        {
            return (bytes.Length >= LongestLine ? -1 : 0, null);
        }

        var words = Encoding.ASCII.GetString(bytes, 0, end).Split(' ');
        return words switch
        {
            ["PROXY", "UNKNOWN", ..] => (end + 2, null),
            ["PROXY", "TCP4" or "TCP6", var source, _, var port, _] when IPAddress.TryParse(source, out var address) && ushort.TryParse(port, out var number) => (end + 2, new(address, number)),
            _ => (-1, null),
        };
    }

    private static (long Length, IPEndPoint? Client) ReadV2(byte[] bytes)
    {
        if (bytes.Length < 16)
        {
            return (0, null);
        }

        var (version, command, family, length) = (bytes[12] >> 4, bytes[12] & 15, bytes[13] >> 4, BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(14)));
        if (version != 2 || command > 1 || 16 + length > Longest)
        {
            return (-1, null);
        }

        if (bytes.Length < 16 + length)
        {
            return (0, null);
        }

        // LOCAL: the load balancer's own check. Other families than IP tell no address.
        var (address, addresses) = family switch { 1 => (4, 12), 2 => (16, 36), _ => (0, 0) };
        if (command == 0 || address == 0)
        {
            return (16 + length, null);
        }

        return length < addresses ? (-1, null) : (16 + length, new(new IPAddress(bytes.AsSpan(16, address)), BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(16 + (2 * address)))));
    }

    internal static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
