using System.Globalization;

namespace Wherry.Docker.Connection;

/// <summary>The engine's ways to write points and spans of time.</summary>
internal static class EngineTime
{
    /// <summary><see langword="null"/> for nothing and for Go's zero time.</summary>
    public static DateTimeOffset? Parse(string? text) =>
        text is not null && DateTimeOffset.TryParse(WithoutNanoseconds(text), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at) && at.Year > 1 ? at : null;

    /// <summary>Cut to seven decimals: the framework would round up, and asking again from a moment after an event would miss it.</summary>
    private static string WithoutNanoseconds(string text)
    {
        var point = text.IndexOf('.', StringComparison.Ordinal);
        var end = point + 1;
        while (point >= 0 && end < text.Length && char.IsAsciiDigit(text[end]))
        {
            end++;
        }

        return point >= 0 && end > point + 8 ? string.Concat(text.AsSpan(0, point + 8), text.AsSpan(end)) : text;
    }

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
