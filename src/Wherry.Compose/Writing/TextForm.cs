using System.Globalization;
using System.Text;
using Wherry.Core.Model;

namespace Wherry.Compose.Writing;

/// <summary>Values of the model in Compose's notation.</summary>
internal static class TextForm
{
    private static readonly (string Unit, long Ticks)[] Units =
        [("h", TimeSpan.TicksPerHour), ("m", TimeSpan.TicksPerMinute), ("s", TimeSpan.TicksPerSecond), ("ms", TimeSpan.TicksPerMillisecond), ("us", TimeSpan.TicksPerMicrosecond)];

    private static readonly (string Unit, int Shift)[] Sizes = [("g", 30), ("m", 20), ("k", 10)];

    public static string Of(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary><c>1m30s</c>, <c>500ms</c>; zero is <c>0s</c>.</summary>
    public static string Of(TimeSpan time)
    {
        var text = new StringBuilder();
        var rest = time.Ticks;
        foreach (var (unit, ticks) in Units)
        {
            if (rest >= ticks)
            {
                text.Append(Of(rest / ticks)).Append(unit);
                rest %= ticks;
            }
        }

        return rest > 0 ? text.Append(Of(rest * TimeSpan.NanosecondsPerTick)).Append("ns").ToString() : text.Length > 0 ? text.ToString() : "0s";
    }

    /// <summary><c>256m</c>: the largest unit that needs no fraction.</summary>
    public static string OfSize(long bytes)
    {
        var (unit, shift) = Sizes.FirstOrDefault(s => bytes > 0 && bytes % (1L << s.Shift) == 0);
        return Of(bytes >> shift) + unit;
    }

    public static string? Of(ByteSize? size) => size is null ? null : OfSize(size.Bytes);

    /// <summary>Without an exponent, which Compose does not take.</summary>
    public static string Of(double number)
    {
        var text = number.ToString("R", CultureInfo.InvariantCulture);
        return text.Contains('E', StringComparison.Ordinal) ? number.ToString("F30", CultureInfo.InvariantCulture).TrimEnd('0').TrimEnd('.') : text;
    }

    /// <summary><c>BlueGreen</c> as <c>blue-green</c>.</summary>
    public static string Of(Enum value) => string.Concat(value.ToString().Select((c, i) => char.IsUpper(c) && i > 0 ? $"-{char.ToLowerInvariant(c)}" : $"{char.ToLowerInvariant(c)}"));

    /// <summary>Permission bits in octal: <c>0440</c>.</summary>
    public static string OfMode(int mode) => $"0{Convert.ToString(mode, 8)}";
}
