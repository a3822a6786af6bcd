using Microsoft.Extensions.Logging;

namespace Wherry.Edge.Proxying;

/// <summary>What all bodies that are held back take of the edge's disk together: at most half of what would be free without them, or what was set. What is kept in memory takes nothing.</summary>
/// <param name="folder">On that disk; there.</param>
/// <param name="most">In bytes; <see langword="null"/>: half.</param>
internal sealed partial class KeptRoom(string folder, long? most, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ToldEvery = TimeSpan.FromMinutes(1);

    private long _taken;
    private long _half = new DriveInfo(folder).AvailableFreeSpace / 2;
    private long _looked = time.GetTimestamp();
    private long _told;

    /// <summary>The room of one body; given back when it is disposed of.</summary>
    /// <param name="memory">Bytes up to which it is kept in memory.</param>
    public Share Open(long memory) => new(this, memory);

    private void Take(long bytes)
    {
        var taken = Interlocked.Add(ref _taken, bytes);
        if (taken <= (most ?? Half(taken - bytes)))
        {
            return;
        }

        Interlocked.Add(ref _taken, -bytes);
        if (IsDue(ref _told, ToldEvery))
        {
            LogFull(logger, taken - bytes);
        }

        throw new IOException("Bodies that are held back take as much room as they may.");
    }

    private long Half(long taken)
    {
        if (IsDue(ref _looked, LookEvery))
        {
            try
            {
                Volatile.Write(ref _half, (new DriveInfo(folder).AvailableFreeSpace + taken) / 2);
            }
            catch (IOException)
            {
                // What was seen last holds on.
            }
        }

        return Volatile.Read(ref _half);
    }

    private bool IsDue(ref long last, TimeSpan every)
    {
        var (before, now) = (Volatile.Read(ref last), time.GetTimestamp());
        return (before == 0 || time.GetElapsedTime(before, now) > every) && Interlocked.CompareExchange(ref last, now, before) == before;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Bodies that are held back take {Bytes} bytes, as many as they may: what comes beyond is answered 507")]
    private static partial void LogFull(ILogger logger, long bytes);

    /// <summary>What one body takes.</summary>
    internal sealed class Share(KeptRoom room, long memory) : IDisposable
    {
        private long _seen;
        private long _bytes;

        /// <exception cref="IOException">There is no room for it.</exception>
        public void Take(long bytes)
        {
            _seen += bytes;
            if (_seen > memory)
            {
                var more = _seen - _bytes; // what was in memory goes to the file too
                room.Take(more);
                _bytes += more;
            }
        }

        public void Dispose() => Interlocked.Add(ref room._taken, -Interlocked.Exchange(ref _bytes, 0));
    }
}
