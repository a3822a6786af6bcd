namespace Wherry.Edge.Proxying;

/// <summary>Bytes of a request's bodies, both ways.</summary>
internal sealed class ByteCount
{
    private long _in;
    private long _out;

    public long In => Volatile.Read(ref _in);

    public long Out => Volatile.Read(ref _out);

    public void Read(int bytes) => Interlocked.Add(ref _in, bytes);

    public void Wrote(int bytes) => Interlocked.Add(ref _out, bytes);

    public void Reset()
    {
        _in = 0;
        _out = 0;
    }
}
