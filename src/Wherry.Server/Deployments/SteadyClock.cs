namespace Wherry.Server.Deployments;

/// <summary>The time of day when the server started, counted on from there: nobody sets it. Deadlines go by it; what is told to people goes by the machine's clock.</summary>
internal sealed class SteadyClock(TimeProvider time) : TimeProvider
{
    private readonly DateTimeOffset _start = time.GetUtcNow();
    private readonly long _since = time.GetTimestamp();

    public override long TimestampFrequency => time.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => _start + time.GetElapsedTime(_since);

    public override long GetTimestamp() => time.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => time.CreateTimer(callback, state, dueTime, period);

    /// <summary>When something began, by this clock.</summary>
    /// <param name="at">When it began, by the clock of an engine.</param>
    /// <param name="atLeast">It cannot have begun before, by this clock.</param>
    /// <param name="whenAhead">Taken instead when the engine's clock is ahead of this machine's.</param>
    public DateTimeOffset From(DateTimeOffset at, DateTimeOffset atLeast, DateTimeOffset whenAhead)
    {
        var age = time.GetUtcNow() - at;
        var began = GetUtcNow() - age;
        return age < TimeSpan.Zero ? whenAhead : began < atLeast ? atLeast : began;
    }
}
