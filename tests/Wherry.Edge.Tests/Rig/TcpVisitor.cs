using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Wherry.Edge.Tests.Rig;

/// <summary>A client of a TCP route.</summary>
public sealed class TcpVisitor : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public IPEndPoint From => (IPEndPoint)_socket.LocalEndPoint!;

    public static async Task<TcpVisitor> ConnectAsync(int port)
    {
        var visitor = new TcpVisitor();
        await visitor._socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), Ct);
        return visitor;
    }

    /// <summary>Connects and reads who answers.</summary>
    public static async Task<(TcpVisitor Visitor, string Replica)> GreetedAsync(int port)
    {
        var visitor = await ConnectAsync(port);
        try
        {
            return (visitor, await visitor.LineAsync());
        }
        catch
        {
            visitor.Dispose();
            throw;
        }
    }

    /// <summary>Who answers a new connection.</summary>
    public static async Task<string> AskAsync(int port)
    {
        var (visitor, replica) = await GreetedAsync(port);
        visitor.Dispose();
        return replica;
    }

    /// <summary>Whether a new connection is broken off before a replica has said a word.</summary>
    public static async Task<bool> IsRefusedAsync(int port)
    {
        try
        {
            return await AskAsync(port) == "";
        }
        catch (SocketException)
        {
            return true;
        }
    }

    public async Task SendAsync(string text) => await _socket.SendAsync(Encoding.Latin1.GetBytes(text), Ct);

    public async Task SendAsync(byte[] bytes) => await _socket.SendAsync(bytes, Ct);

    public void SayNoMore() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Up to the next line feed.</summary>
    public async Task<string> LineAsync()
    {
        var line = new StringBuilder();
        var one = new byte[1];
        while (await _socket.ReceiveAsync(one, Ct).AsTask().WaitAsync(Patience, Ct) == 1 && one[0] != '\n')
        {
            line.Append((char)one[0]);
        }

        return line.ToString();
    }

    public async Task<string> EchoAsync(string text)
    {
        await SendAsync(text + "\n");
        return await LineAsync();
    }

    /// <summary>All until the end; <see langword="null"/>: it was broken off.</summary>
    public async Task<string?> RestAsync()
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            for (int read; (read = await _socket.ReceiveAsync(buffer, Ct).AsTask().WaitAsync(Patience, Ct)) > 0;)
            {
                text.Append(Encoding.Latin1.GetString(buffer, 0, read));
            }

            return text.ToString();
        }
        catch (SocketException)
        {
            return null;
        }
    }

    public void Dispose() => _socket.Dispose();
}
