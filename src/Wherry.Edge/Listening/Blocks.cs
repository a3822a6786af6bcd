using System.Buffers;
using Microsoft.AspNetCore.Connections;

namespace Wherry.Edge.Listening;

/// <summary>Memory for what comes in and goes out. Large pieces while there are few of them, so that a body takes few calls to the kernel; where there are thousands of connections, each gets the server's usual size.</summary>
/// <remarks>All of it is the process's shared pool's, which gives back to the system what is not used for a while.</remarks>
internal sealed class Blocks : MemoryPool<byte>, IMemoryPoolFactory<byte>
{
    private const int Usual = 4 << 10;
    private const int Large = 128 << 10;

    /// <summary>16 MB together.</summary>
    private const int MostLarge = 128;

    private int _large;

    public override int MaxBufferSize => Shared.MaxBufferSize;

    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => this;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        if (minBufferSize <= Large && Interlocked.Increment(ref _large) <= MostLarge)
        {
            return new LargeBlock(this);
        }

        if (minBufferSize <= Large)
        {
            Interlocked.Decrement(ref _large);
        }

        return Shared.Rent(Math.Max(minBufferSize, Usual));
    }

    protected override void Dispose(bool disposing)
    {
        // It holds nothing.
    }

    private sealed class LargeBlock(Blocks blocks) : IMemoryOwner<byte>
    {
        private byte[]? _bytes = ArrayPool<byte>.Shared.Rent(Large);

        public Memory<byte> Memory => _bytes;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _bytes, null) is { } bytes)
            {
                ArrayPool<byte>.Shared.Return(bytes);
                Interlocked.Decrement(ref blocks._large);
            }
        }
    }
}
