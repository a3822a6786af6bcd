using System.Net.Sockets;

namespace Wherry.Server.Tests.Logs;

/// <summary>A way to the real engine that can be cut, as when the engine restarts.</summary>
internal sealed class CutLine : IAsyncDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"wherry-test-{Guid.NewGuid():N}.sock");
    private readonly List<Socket> _open = [];
    private Socket? _listener;
    private Task _accepting = Task.CompletedTask;

    public string Address => $"unix://{_path}";

    /// <summary>Breaks all connections and takes no new ones.</summary>
    public async Task CutAsync()
    {
        _listener?.Dispose();
        await _accepting;
        lock (_open)
        {
            _open.ForEach(s => s.Dispose());
            _open.Clear();
        }

        File.Delete(_path);
    }

    public void Mend()
    {
        _listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        _listener.Bind(new UnixDomainSocketEndPoint(_path));
        _listener.Listen();
        _accepting = AcceptAsync(_listener);
    }

    public async ValueTask DisposeAsync() => await CutAsync();

    private async Task AcceptAsync(Socket listener)
    {
        try
        {
            while (true)
            {
                var near = await listener.AcceptAsync();
                var far = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await far.ConnectAsync(new UnixDomainSocketEndPoint("/var/run/docker.sock"));
                lock (_open)
                {
                    _open.AddRange([near, far]);
                }

                _ = Task.WhenAll(CopyAsync(near, far), CopyAsync(far, near));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Cut.
        }
    }

    private static async Task CopyAsync(Socket from, Socket to)
    {
        var buffer = new byte[16 << 10];
        try
        {
            for (int read; (read = await from.ReceiveAsync(buffer)) > 0;)
            {
                await to.SendAsync(buffer.AsMemory(0, read));
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Cut.
        }
    }
}
