using System.Globalization;

namespace Wherry.Docker.Connection;

/// <summary>The engine's ways to write points and spans of time.</summary>
internal static class EngineTime
{
    /// <summary><see langword="null"/> for nothing and for Go's zero time.</summary>
    public static DateTimeOffset? Parse(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at) && at.Year > 1 ? at : null;

    public static DateTimeOffset OfNanoseconds(long nanoseconds) => DateTimeOffset.UnixEpoch.AddTicks(nanoseconds / TimeSpan.NanosecondsPerTick);

    /// <summary>Seconds since 1970 with seven decimals, as <c>since</c> and <c>until</c> take them.</summary>
    public static string Seconds(DateTimeOffset at)
    {
        var ticks = at.UtcTicks - DateTimeOffset.UnixEpoch.Ticks;
        return string.Create(CultureInfo.InvariantCulture, $"{ticks / TimeSpan.TicksPerSecond}.{ticks % TimeSpan.TicksPerSecond:0000000}00");
    }

    public static long Nanoseconds(TimeSpan span) => span.Ticks * TimeSpan.NanosecondsPerTick;

    /// <summary>Rounded up, so that half a second of grace is not none.</summary>
    public static long WholeSeconds(TimeSpan span) => (long)Math.Ceiling(span.TotalSeconds);
}
