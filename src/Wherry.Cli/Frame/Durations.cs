using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Wherry.Cli.Frame;

/// <summary>Times on the command line: <c>90s</c>, <c>10m</c>, <c>24h</c>, <c>30d</c>, <c>2w</c>; for <c>--since</c> also a date.</summary>
internal static class Durations
{
    public static Option<TimeSpan?> Option(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "TIME",
        CustomParser = argument => Read(argument, text => Parse(text), "a time such as 90s, 10m, 24h or 30d"),
    };

    /// <summary>A point in time; a duration counts back from now.</summary>
    public static Option<DateTimeOffset?> Since(string name, string description, TimeProvider time) => new(name)
    {
        Description = description,
        HelpName = "TIME",
        CustomParser = argument => Read(argument, text => ParseSince(text, time.GetUtcNow()), "a time such as 10m or 2026-11-20T08:00:00Z"),
    };

    /// <summary>A point in time; a duration counts from now on.</summary>
    public static Option<DateTimeOffset?> Until(string name, string description, TimeProvider time) => new(name)
    {
        Description = description,
        HelpName = "TIME",
        CustomParser = argument => Read(argument, text => Parse(text) is { } on ? time.GetUtcNow() + on : ParseSince(text, time.GetUtcNow()), "a time such as 10m or 2026-11-20T08:00:00Z"),
    };

    /// <returns><see langword="null"/> when <paramref name="text"/> is no duration.</returns>
    public static TimeSpan? Parse(string text)
    {
        var seconds = text.Length < 2 ? 0 : text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86_400, 'w' => 604_800, _ => 0 };
        return seconds > 0 && int.TryParse(text.AsSpan(..^1), NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count <= int.MaxValue / seconds
            ? TimeSpan.FromSeconds((long)count * seconds)
            : null;
    }

    public static DateTimeOffset? ParseSince(string text, DateTimeOffset now) =>
        Parse(text) is { } back ? now - back
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at
        : null;

    private static T? Read<T>(ArgumentResult argument, Func<string, T?> parse, string expected)
        where T : struct
    {
        var text = argument.Tokens.Count == 1 ? argument.Tokens[0].Value : "";
        var value = parse(text);
        if (value is null)
        {
            argument.AddError($"\"{text}\" is not {expected}.");
        }

        return value;
    }
}
