namespace Wherry.Edge.Metrics;

/// <summary>How a connection to a TCP route ended.</summary>
internal enum TcpEnd
{
    /// <summary>Both sides had said all.</summary>
    Finished,

    /// <summary>One side broke off; the other is told so.</summary>
    Broken,

    /// <summary>Paused too long, in maintenance, stopped, or the edge stops.</summary>
    Closed,

    /// <summary>More connections than the route takes.</summary>
    Limit,

    /// <summary>A load balancer that is trusted did not say whose connection it is.</summary>
    Malformed,

    /// <summary>No target took it.</summary>
    Unreachable,

    /// <summary>Neither side sent anything for too long.</summary>
    Silent,

    /// <summary>It outlived the drain of its target.</summary>
    Cut,
}

/// <summary>What a service's TCP routes added up to since the edge started.</summary>
internal sealed class TcpCounters
{
    /// <summary>Their names in the metrics, in the order of <see cref="TcpEnd"/>.</summary>
    public static readonly string[] Ends = ["finished", "broken", "closed", "limit", "malformed", "unreachable", "silent", "cut"];

    private readonly long[] _ended = new long[Ends.Length];
    private long _open;
    private long _in;
    private long _out;

    public long Open => Volatile.Read(ref _open);

    /// <summary>Bytes from clients.</summary>
    public long BytesIn => Volatile.Read(ref _in);

    /// <summary>Bytes to clients.</summary>
    public long BytesOut => Volatile.Read(ref _out);

    public void Began() => Interlocked.Increment(ref _open);

    /// <summary>The connection goes on as another service's.</summary>
    public void Left() => Interlocked.Decrement(ref _open);

    public void Ended(TcpEnd end)
    {
        Interlocked.Decrement(ref _open);
        Interlocked.Increment(ref _ended[(int)end]);
    }

    public void CameIn(int bytes) => Interlocked.Add(ref _in, bytes);

    public void WentOut(int bytes) => Interlocked.Add(ref _out, bytes);

    public long Of(TcpEnd end) => Volatile.Read(ref _ended[(int)end]);
}
