using System.Globalization;

namespace Wherry.Bench;

/// <summary>One line of the table.</summary>
/// <param name="Hand">The same done by hand; empty when there is nothing to compare with.</param>
internal sealed record Row(string What, string Wherry, string Hand, string Ratio, string Limit, bool Holds)
{
    /// <summary>Medians side by side.</summary>
    /// <param name="limit">Largest ratio of the medians; <see langword="null"/>: only told.</param>
    public static Row Compare(string what, IReadOnlyList<TimeSpan> wherry, IReadOnlyList<TimeSpan> hand, double? limit)
    {
        var ratio = Median(wherry) / Median(hand);
        return new(what, Text(wherry), Text(hand), F($"{ratio:0.00}"), limit is null ? "" : F($"{limit:0.0} times"), limit is null || ratio <= limit);
    }

    /// <param name="worst">Every run must keep the limit, not the median alone.</param>
    public static Row Within(string what, IReadOnlyList<TimeSpan> took, TimeSpan limit, bool worst = false) =>
        new(what, Text(took), "", "", F($"{limit.TotalMilliseconds:0} ms{(worst ? " each" : "")}"), (worst ? took.Max() : Median(took)) <= limit);

    public override string ToString() => $"| {What} | {Wherry} | {Hand} | {Ratio} | {Limit} | {(Limit.Length == 0 ? "" : Holds ? "yes" : "**no**")} |";

    public static string F(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static TimeSpan Median(IEnumerable<TimeSpan> values)
    {
        var sorted = values.Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }

    private static string Text(IReadOnlyList<TimeSpan> values) =>
        F($"{Median(values).TotalMilliseconds:0} ms ({values.Min().TotalMilliseconds:0} to {values.Max().TotalMilliseconds:0}, n = {values.Count})");
}
