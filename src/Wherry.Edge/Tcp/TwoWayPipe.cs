using System.Buffers;
using System.Net.Sockets;
using Wherry.Edge.Metrics;

namespace Wherry.Edge.Tcp;

/// <summary>Carries bytes between two connections until both sides have said all. One that is done with sending may go on listening (half-close).</summary>
internal sealed class TwoWayPipe(Socket client, Socket target, TcpCounters counters, TimeProvider time)
{
    private const int Chunk = 32 << 10;

    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(10);

    private long _lastHeard = time.GetTimestamp();
    private volatile bool _silent;

    /// <summary>Returns how it ended; the caller closes both.</summary>
    /// <param name="first">Bytes of the client that were read before.</param>
    /// <param name="silentFor">Longest silence in both directions.</param>
    /// <param name="cut">Ends it.</param>
    public async Task<TcpEnd> RunAsync(ReadOnlyMemory<byte> first, TimeSpan silentFor, CancellationToken cut)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cut);
        var period = silentFor / 4 > Shortest ? silentFor / 4 : Shortest;
        await using var timer = time.CreateTimer(_ => EndWhenSilent(silentFor, end), null, period, period);
        var whole = await Task.WhenAll(
            CarryAsync(client, target, first, counters.CameIn, end),
            CarryAsync(target, client, default, counters.WentOut, end));
        return whole.All(w => w) ? TcpEnd.Finished
            : cut.IsCancellationRequested ? TcpEnd.Cut
            : _silent ? TcpEnd.Silent
            : TcpEnd.Broken;
    }

    /// <returns>False when it broke off or was ended; the other direction ends with it.</returns>
    private async Task<bool> CarryAsync(Socket from, Socket to, ReadOnlyMemory<byte> first, Action<int> count, CancellationTokenSource end)
    {
        try
        {
            if (!first.IsEmpty)
            {
                await SendAsync(to, first, count, end.Token);
            }

            while (await CarrySomeAsync(from, to, count, end.Token))
            {
            }

            to.Shutdown(SocketShutdown.Send);
            return true;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            await end.CancelAsync();
            return false;
        }
    }

    /// <returns>False at the end.</returns>
    private async Task<bool> CarrySomeAsync(Socket from, Socket to, Action<int> count, CancellationToken ct)
    {
        // A connection that waits has no buffer.
        if (from.Available == 0)
        {
            await from.ReceiveAsync(Memory<byte>.Empty, ct);
        }

        var buffer = ArrayPool<byte>.Shared.Rent(Chunk);
        try
        {
            var length = await from.ReceiveAsync(buffer, ct);
            Volatile.Write(ref _lastHeard, time.GetTimestamp());
            if (length > 0)
            {
                await SendAsync(to, buffer.AsMemory(0, length), count, ct);
            }

            return length > 0;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task SendAsync(Socket to, ReadOnlyMemory<byte> bytes, Action<int> count, CancellationToken ct)
    {
        for (var sent = 0; sent < bytes.Length;)
        {
            sent += await to.SendAsync(bytes[sent..], ct);
            Volatile.Write(ref _lastHeard, time.GetTimestamp());
        }

        count(bytes.Length);
    }

    private void EndWhenSilent(TimeSpan silentFor, CancellationTokenSource end)
    {
        if (time.GetElapsedTime(Volatile.Read(ref _lastHeard)) >= silentFor)
        {
            _silent = true;
            end.Cancel();
        }
    }
}
