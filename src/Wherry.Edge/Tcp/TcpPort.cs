using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Wherry.Core.Problems;
using Wherry.Edge.Listening;

namespace Wherry.Edge.Tcp;

/// <summary>One address on which the edge takes connections, and the connections that came there.</summary>
internal sealed partial class TcpPort(IPEndPoint endpoint, Func<Socket, int, CancellationToken, Task> serve, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private const int Backlog = 4096;

    private static readonly TimeSpan Again = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Exhausted = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _leave = new();
    private readonly CancellationTokenSource _cut = new();
    private readonly ConcurrentDictionary<Task, bool> _connections = new();
    private Socket? _socket;
    private Task _accepting = Task.CompletedTask;

    public bool IsListening => Volatile.Read(ref _socket) is not null;

    /// <param name="reserved">A socket that has the address; <see langword="null"/>: it is to be had.</param>
    public void Start(Socket? reserved)
    {
        _socket = reserved is not null && Listens(reserved) ? reserved : Open(out _);
        _accepting = AcceptAsync(_leave.Token);
    }

    /// <summary>The route is gone: who knocks is refused from here on, also where another process holds the socket. Connections live on until their target is drained.</summary>
    public void Leave() => Close(forGood: true);

    /// <summary>Who knocks waits for the process that holds the socket too.</summary>
    public void StopListening() => Close(forGood: false);

    public async ValueTask DisposeAsync()
    {
        StopListening();
        await _accepting;
        await _cut.CancelAsync();
        await Task.WhenAll(_connections.Keys);
        _leave.Dispose();
        _cut.Dispose();
    }

    private void Close(bool forGood)
    {
        _leave.Cancel();
        if (Interlocked.Exchange(ref _socket, null) is not { } socket)
        {
            return;
        }

        if (forGood)
        {
            try
            {
                socket.Shutdown(SocketShutdown.Both);
            }
            catch (SocketException)
            {
                // It did not listen yet.
            }
        }

        socket.Dispose();
    }

    private async Task AcceptAsync(CancellationToken leave)
    {
        // Whoever opens the port goes on at once.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        while (!leave.IsCancellationRequested && (_socket ?? await OpenAsync(leave)) is { } socket)
        {
            try
            {
                Take(await socket.AcceptAsync(leave));
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException e)
            {
                // A client that left again, or no file descriptor is left: the others must not be given up for that.
                LogNotAccepted(endpoint, e.Message);
                await PauseAsync(Exhausted, leave);
            }
        }
    }

    private void Take(Socket client)
    {
        var served = serve(client, endpoint.Port, _cut.Token);
        _connections.TryAdd(served, true);
        served.ContinueWith(Ended, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private void Ended(Task served)
    {
        _connections.TryRemove(served, out _);
        if (served.Exception is { } failure)
        {
            LogFailed(failure, endpoint);
        }
    }

    /// <summary>Tries until it has the address.</summary>
    private async Task<Socket?> OpenAsync(CancellationToken leave)
    {
        for (var told = false; !leave.IsCancellationRequested; told = true)
        {
            if (Open(out var why) is { } socket)
            {
                _socket = socket;
                if (leave.IsCancellationRequested)
                {
                    Close(forGood: true);
                }

                return _socket;
            }

            if (!told)
            {
                LogNotOpened(endpoint, why);
            }

            await PauseAsync(Again, leave);
        }

        return null;
    }

    private Socket? Open(out string why)
    {
        try
        {
            why = "another program listens there";
            var socket = ListenSockets.Open(endpoint);
            return Listens(socket) ? socket : null;
        }
        catch (ProblemException e)
        {
            why = e.Problem.Message;
            return null;
        }
    }

    /// <summary>Another program may have begun to listen since the address was bound.</summary>
    private static bool Listens(Socket socket)
    {
        try
        {
            socket.Listen(Backlog);
            return true;
        }
        catch (SocketException)
        {
            socket.Dispose();
            return false;
        }
    }

    private async Task PauseAsync(TimeSpan pause, CancellationToken leave) => await Task.Delay(pause, time, leave).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    [LoggerMessage(Level = LogLevel.Error, Message = "The edge cannot take connections on {Address} and tries again and again: {Why}")]
    private partial void LogNotOpened(IPEndPoint address, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A connection to {Address} could not be taken: {Why}")]
    private partial void LogNotAccepted(IPEndPoint address, string why);

    [LoggerMessage(Level = LogLevel.Error, Message = "A connection to {Address} failed")]
    private partial void LogFailed(Exception exception, IPEndPoint address);
}
