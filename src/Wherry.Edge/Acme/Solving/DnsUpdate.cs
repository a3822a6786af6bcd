using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Wherry.Core.Problems;

namespace Wherry.Edge.Acme.Solving;

/// <param name="Server">Name or address of the zone's primary server.</param>
internal sealed record DnsUpdateOptions(string Server, TsigKey Key)
{
    public int Port { get; init; } = 53;

    /// <summary>Longest time for one answer. Default 5 s.</summary>
    public TimeSpan AnswerWithin { get; init; } = TimeSpan.FromSeconds(5);
}

/// <summary>DNS by dynamic updates (RFC 2136): over UDP, and over TCP when that brings no answer. Only a signed answer counts.</summary>
internal sealed class DnsUpdate(DnsUpdateOptions options, TimeProvider time) : IDnsProvider
{
    private static readonly string[] Codes = ["", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN", "YXRRSET", "NXRRSET", "NOTAUTH", "NOTZONE"];

    public Task AddAsync(DnsText text, CancellationToken ct) => UpdateAsync(text, remove: false, ct);

    public Task RemoveAsync(DnsText text, CancellationToken ct) => UpdateAsync(text, remove: true, ct);

    private async Task UpdateAsync(DnsText text, bool remove, CancellationToken ct)
    {
        var id = (ushort)RandomNumberGenerator.GetInt32(ushort.MaxValue + 1);
        var (message, mac) = DnsMessage.Update(id, text, remove, options.Key, time.GetUtcNow());
        try
        {
            var answer = await TryAsync(ProtocolType.Udp, message, ct) ?? await TryAsync(ProtocolType.Tcp, message, ct) ?? throw Failed(text, "no answer");
            var (code, signed) = DnsMessage.ReadAnswer(answer, id, mac, options.Key, time.GetUtcNow());
            if (code != 0)
            {
                throw Failed(text, code < Codes.Length ? Codes[code] : $"code {code}");
            }

            if (!signed)
            {
                throw Failed(text, "its answer is not signed with the key");
            }
        }
        catch (FormatException e)
        {
            throw Failed(text, e.Message);
        }
        catch (SocketException e)
        {
            throw Failed(text, e.Message);
        }
    }

    /// <summary>Null when there was no answer, or only a part of one.</summary>
    private async Task<byte[]?> TryAsync(ProtocolType over, byte[] message, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(options.AnswerWithin, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            return over is ProtocolType.Udp ? await OverUdpAsync(message, both.Token) : await OverTcpAsync(message, both.Token);
        }
        catch (Exception e) when (e is SocketException or IOException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return null;
        }
    }

    private async Task<byte[]?> OverUdpAsync(byte[] message, CancellationToken ct)
    {
        var address = (await Dns.GetHostAddressesAsync(options.Server, ct))[0];
        using var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(address, options.Port, ct);
        await socket.SendAsync(message, ct);
        var buffer = new byte[ushort.MaxValue];
        var length = await socket.ReceiveAsync(buffer, ct);
        var isCut = length > 2 && (buffer[2] & 2) != 0;
        return isCut ? null : buffer[..length];
    }

    private async Task<byte[]?> OverTcpAsync(byte[] message, CancellationToken ct)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(options.Server, options.Port, ct);
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync((byte[])[(byte)(message.Length >> 8), (byte)message.Length, .. message], ct);
        var length = new byte[2];
        await stream.ReadExactlyAsync(length, ct);
        var answer = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
        await stream.ReadExactlyAsync(answer, ct);
        return answer;
    }

    private ProblemException Failed(DnsText text, string why) => DnsChallenges.Failed($"The DNS server {options.Server}", text, why).AsException();
}
