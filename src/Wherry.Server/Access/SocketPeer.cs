using System.Buffers.Binary;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Win32.SafeHandles;

namespace Wherry.Server.Access;

/// <summary>Marks a connection that came over the server's own unix socket. Only that listener sets it.</summary>
/// <param name="Uid">The system's user on the other side, as the kernel says.</param>
internal sealed record SocketPeer(uint Uid)
{
    private const int SolSocket = 1;
    private const int SoPeerCred = 17;

    /// <summary>Marks each connection of this listener.</summary>
    public static void Mark(ListenOptions listener) => listener.Use(next => connection =>
    {
        connection.Features.Set(Of(connection));
        return next(connection);
    });

    /// <summary>Binds the unix socket so that no other user can connect to it, not even in the moment before a chmod.</summary>
    public static Socket Bind(System.Net.EndPoint endpoint)
    {
        if (endpoint is not UnixDomainSocketEndPoint)
        {
            return SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
        }

        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        // On Linux the file gets the mode that the unbound socket has.
        using var handle = new SafeFileHandle(socket.Handle, ownsHandle: false);
        File.SetUnixFileMode(handle, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        socket.Bind(endpoint);
        return socket;
    }

    private static SocketPeer Of(ConnectionContext connection)
    {
        var socket = connection.Features.Get<IConnectionSocketFeature>()?.Socket ?? throw new InvalidOperationException("A connection of the unix socket has no socket.");
        Span<byte> credentials = stackalloc byte[12]; // struct ucred: pid, uid, gid
        socket.GetRawSocketOption(SolSocket, SoPeerCred, credentials);
        return new SocketPeer(BitConverter.IsLittleEndian ? BinaryPrimitives.ReadUInt32LittleEndian(credentials[4..]) : BinaryPrimitives.ReadUInt32BigEndian(credentials[4..]));
    }
}
