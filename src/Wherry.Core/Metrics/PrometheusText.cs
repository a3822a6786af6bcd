using System.Globalization;
using System.Text;

namespace Wherry.Core.Metrics;

/// <summary>Writes numbers in Prometheus' text format: the one way of the server and of the edge.</summary>
public sealed class PrometheusText
{
    /// <summary>What an answer with this text is called.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly StringBuilder _text = new();

    /// <summary>Begins a family: what it means, and what it is.</summary>
    /// <param name="kind"><c>counter</c>, <c>gauge</c> or <c>histogram</c>.</param>
    public void Family(string name, string kind, string help) => _text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {kind}\n");

    /// <param name="labels">As <see cref="Label"/> makes them, joined by commas; empty for none.</param>
    public void Sample(string name, string labels, double value) =>
        _text.Append(name).Append(labels.Length > 0 ? $"{{{labels}}}" : "").Append(' ').Append(value.ToString(CultureInfo.InvariantCulture)).Append('\n');

    /// <summary>A family with one number.</summary>
    public void One(string name, string kind, string help, double value)
    {
        Family(name, kind, help);
        Sample(name, "", value);
    }

    /// <param name="buckets">How many fell below each bound and above the one before it; the last is what lies above all bounds.</param>
    public void Histogram(string name, string labels, IReadOnlyList<double> bounds, IReadOnlyList<long> buckets, double sum)
    {
        var before = labels.Length > 0 ? $"{labels}," : "";
        var count = 0L;
        for (var i = 0; i < buckets.Count; i++)
        {
            count += buckets[i];
            var bound = i < bounds.Count ? bounds[i].ToString(CultureInfo.InvariantCulture) : "+Inf";
            Sample($"{name}_bucket", $"{before}{Label("le", bound)}", count);
        }

        Sample($"{name}_sum", labels, sum);
        Sample($"{name}_count", labels, count);
    }

    public static string Label(string name, string value) =>
        $"{name}=\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\"";

    public override string ToString() => _text.ToString();
}
