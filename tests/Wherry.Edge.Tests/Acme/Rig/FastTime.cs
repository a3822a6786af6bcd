namespace Wherry.Edge.Tests.Acme.Rig;

/// <summary>A clock on which time passes faster; timers fire accordingly.</summary>
internal sealed class FastTime(double factor) : TimeProvider
{
    private DateTimeOffset _start = System.GetUtcNow();

    /// <summary>From now on it passes so much faster; timers that run already keep their pace.</summary>
    public void Hurry(double by) => (_start, factor) = (System.GetUtcNow(), by);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => _start + ((System.GetUtcNow() - _start) * factor);

    public override long GetTimestamp() => GetUtcNow().Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        System.CreateTimer(callback, state, Faster(dueTime), Faster(period));

    private TimeSpan Faster(TimeSpan time) => time == Timeout.InfiniteTimeSpan ? time : time / factor;
}

/// <summary>Real timers, another date.</summary>
internal sealed class ShiftedTime(DateTimeOffset start) : TimeProvider
{
    private readonly long _started = System.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => start + System.GetElapsedTime(_started);
}
