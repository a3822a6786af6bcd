namespace Wherry.Bench.Edges;

/// <summary>One line of the table: the same measured for each proxy.</summary>
/// <param name="Values">As shown, in the order of the columns; empty where it was not measured.</param>
internal sealed record EdgeRow(string What, IReadOnlyList<string> Values, string Verdict, bool Holds)
{
    /// <param name="values">By proxy, Wherry first; medians.</param>
    /// <param name="unit">Behind each number.</param>
    /// <param name="limits">Least (or, where <paramref name="less"/> is better, largest) ratio of Wherry's value to another's.</param>
    public static EdgeRow Of(string what, IReadOnlyList<(string Name, double Value)> values, string unit, bool less, params (string Name, double Limit)[] limits)
    {
        var own = values[0].Value;
        var holds = true;
        var verdicts = new List<string>();
        foreach (var (name, limit) in limits)
        {
            var ratio = own / values.First(v => v.Name == name).Value;
            var good = less ? ratio <= limit : ratio >= limit;
            holds &= good;
            verdicts.Add(Row.F($"{ratio:0.00} of {name} ({(less ? "at most" : "at least")} {limit:0.00}{(good ? "" : ", **missed**")})"));
        }

        return new(what, [.. values.Select(v => Row.F($"{v.Value:#,0.##} {unit}").Trim())], string.Join("; ", verdicts), holds);
    }

    public override string ToString() => $"| {What} | {string.Join(" | ", Values.Concat(Enumerable.Repeat("", 4)).Take(4))} | {Verdict} |";
}
