using System.Globalization;

namespace Wherry.Cli.Output;

/// <summary>Times as a person says them.</summary>
internal static class Ago
{
    public static string Of(DateTimeOffset? at, DateTimeOffset now) => at is { } then ? $"{Short(now - then)} ago" : "-";

    /// <summary>The largest unit only: <c>3 min</c>, <c>2 h</c>, <c>5 days</c>.</summary>
    public static string Short(TimeSpan span) => span switch
    {
        { TotalSeconds: < 1 } => "0 s",
        { TotalMinutes: < 1 } => Count(span.TotalSeconds, "s"),
        { TotalHours: < 1 } => Count(span.TotalMinutes, "min"),
        { TotalDays: < 2 } => Count(span.TotalHours, "h"),
        _ => Count(span.TotalDays, "days"),
    };

    /// <summary>With tenths below ten seconds: <c>1.4 s</c>, <c>12 s</c>, <c>3 min</c>.</summary>
    public static string Took(TimeSpan span) => span.TotalSeconds < 10 ? span.TotalSeconds.ToString("0.0 's'", CultureInfo.InvariantCulture) : Short(span);

    private static string Count(double count, string unit) => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(count):0} {unit}");
}
