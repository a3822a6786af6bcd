using System.Globalization;
using System.Text.RegularExpressions;

namespace Wherry.Compose.Reading;

/// <summary>Durations by Compose's grammar: numbers with units from <c>ns</c> to <c>w</c>, added up.</summary>
internal static partial class ComposeDuration
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(3650);

    /// <summary><see langword="null"/> when the text is no duration, negative or longer than ten years. <c>0</c> needs no unit.</summary>
    public static TimeSpan? Parse(string text)
    {
        if (text == "0")
        {
            return TimeSpan.Zero;
        }

        var match = text.Length <= 100 ? Shape().Match(text) : Match.Empty;
        if (!match.Success)
        {
            return null;
        }

        var seconds = 0.0;
        for (var i = 0; i < match.Groups["unit"].Captures.Count; i++)
        {
            seconds += double.Parse(match.Groups["number"].Captures[i].ValueSpan, CultureInfo.InvariantCulture) * Seconds(match.Groups["unit"].Captures[i].Value);
        }

        return seconds <= Longest.TotalSeconds ? TimeSpan.FromTicks((long)Math.Round(seconds * TimeSpan.TicksPerSecond)) : null;
    }

    private static double Seconds(string unit) => unit switch
    {
        "ns" => 1e-9,
        "us" or "µs" or "μs" => 1e-6,
        "ms" => 1e-3,
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86400,
        _ => 604800,
    };

    [GeneratedRegex(@"\A(?:(?<number>[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?<unit>ns|us|µs|μs|ms|s|m|h|d|w))+\z")]
    private static partial Regex Shape();
}
