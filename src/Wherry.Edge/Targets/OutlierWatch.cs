using Wherry.Core.Model;

namespace Wherry.Edge.Targets;

/// <summary>Judges a target by its answers to visitors.</summary>
internal sealed class OutlierWatch(OutlierRule rule, TimeProvider time)
{
    private const int LongestTimes = 10;

    private readonly Lock _lock = new();
    private int _failures;
    private int _times;
    private long _outUntil; // UTC ticks; 0: it never was

    public OutlierRule Rule => rule;

    /// <summary>Out of the rotation now.</summary>
    public bool IsOut => Volatile.Read(ref _outUntil) is not 0 and var until && time.GetUtcNow().UtcTicks < until;

    /// <returns>For how long it is out, when this answer was one too many.</returns>
    public TimeSpan? Answered(bool failed)
    {
        if (!failed && Volatile.Read(ref _failures) == 0 && Volatile.Read(ref _times) == 0)
        {
            return null;
        }

        lock (_lock)
        {
            var now = time.GetUtcNow().UtcTicks;
            if (!failed)
            {
                _failures = 0;
                _times = now - _outUntil > rule.EjectFor.Ticks ? 0 : _times; // it has been well for a while
                return null;
            }

            // What was sent to it before it left says nothing new.
            if (now < _outUntil || ++_failures < rule.Failures)
            {
                return null;
            }

            _failures = 0;
            _times = Math.Min(_times + 1, LongestTimes);
            Volatile.Write(ref _outUntil, now + (rule.EjectFor * _times).Ticks);
            return rule.EjectFor * _times;
        }
    }
}
