using System.Buffers;
using System.Buffers.Binary;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Wherry.Edge.Acme.Solving;

namespace Wherry.Edge.Listening;

/// <summary>Marks connections whose first TLS message offers <c>acme-tls/1</c> and nothing else (RFC 8737): an authority that looks whether a name is ours.</summary>
/// <remarks>The server tells a hello's name but not what it offers, so the hello is read before; only while a name is being validated.</remarks>
internal sealed class AcmeHello(TlsAlpnChallenges challenges, TimeProvider time)
{
    private const int Largest = 16 << 10;
    private const int AlpnExtension = 16;

    private static readonly TimeSpan Within = TimeSpan.FromSeconds(10);

    private static ReadOnlySpan<byte> OfferedAlone => "\0\u000b\u000aacme-tls/1"u8;

    public void AddTo(ListenOptions listen) => listen.Use(next => async connection =>
    {
        if (challenges.IsBusy && await IsForAcmeAsync(connection))
        {
            connection.Features.Set(Mark);
        }

        await next(connection);
    });

    /// <summary>The mark of such a connection.</summary>
    public static AcmeConnection Mark { get; } = new();

    /// <returns><see langword="null"/>: more bytes are needed.</returns>
    internal static bool? OffersAcmeAlone(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > 0 && bytes[0] != 22)
        {
            return false; // no handshake
        }

        if (bytes.Length < 5)
        {
            return null;
        }

        var record = BinaryPrimitives.ReadUInt16BigEndian(bytes[3..]);
        if (bytes.Length < 5 + record)
        {
            return null;
        }

        var hello = bytes.Slice(5, record);
        try
        {
            hello = hello[(4 + 2 + 32)..]; // message header, version, random
            hello = hello[(1 + hello[0])..]; // session
            hello = hello[(2 + BinaryPrimitives.ReadUInt16BigEndian(hello))..]; // ciphers
            hello = hello[(1 + hello[0] + 2)..]; // compressions, length of the extensions
            while (hello.Length >= 4)
            {
                var (type, length) = (BinaryPrimitives.ReadUInt16BigEndian(hello), BinaryPrimitives.ReadUInt16BigEndian(hello[2..]));
                if (type == AlpnExtension)
                {
                    return hello.Slice(4, length).SequenceEqual(OfferedAlone);
                }

                hello = hello[(4 + length)..];
            }
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or IndexOutOfRangeException)
        {
            // Cut or broken: the handshake will say so.
        }

        return false;
    }

    private async Task<bool> IsForAcmeAsync(ConnectionContext connection)
    {
        var input = connection.Transport.Input;
        using var limit = new CancellationTokenSource(Within, time);
        try
        {
            while (true)
            {
                var read = await input.ReadAsync(limit.Token);
                var verdict = OffersAcmeAlone(read.Buffer.Slice(0, Math.Min(read.Buffer.Length, Largest)).ToArray());
                if (verdict is not null || read.IsCompleted || read.IsCanceled || read.Buffer.Length >= Largest)
                {
                    input.AdvanceTo(read.Buffer.Start);
                    return verdict == true;
                }

                input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            }
        }
        catch (OperationCanceledException)
        {
            return false; // the handshake has a time limit of its own
        }
    }

    internal sealed class AcmeConnection;
}
