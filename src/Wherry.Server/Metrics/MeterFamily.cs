using System.Diagnostics.Metrics;
using System.Globalization;
using Wherry.Core.Metrics;

namespace Wherry.Server.Metrics;

/// <summary>One instrument and its series.</summary>
internal sealed class MeterFamily
{
    /// <summary>Upper bounds of durations, in seconds: from one call to a long build.</summary>
    private static readonly double[] Bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800];

    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, Series> _series = new(StringComparer.Ordinal);
    private readonly string _help;
    private readonly string _kind;
    private readonly bool _observed;

    public MeterFamily(Instrument instrument)
    {
        _help = instrument.Description ?? instrument.Name;
        _observed = instrument.IsObservable;
        _kind = instrument switch { Counter<long> => "counter", Histogram<double> => "histogram", _ => "gauge" };
        Name = NameOf(instrument.Name, instrument.Unit, _kind == "counter");
    }

    /// <summary>As Prometheus knows it.</summary>
    public string Name { get; }

    public void Add(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = Labels(tags);
        lock (_lock)
        {
            if (!_series.TryGetValue(labels, out var series))
            {
                _series[labels] = series = new Series(_kind == "histogram" ? new long[Bounds.Length + 1] : []);
            }

            series.Sum = _observed ? value : series.Sum + value;
            if (series.Buckets.Length > 0)
            {
                series.Buckets[Bounds.Count(b => value > b)]++;
            }
        }
    }

    /// <summary>What is observed is told anew each time; an environment that is gone is not told any more.</summary>
    public void BeforeLook()
    {
        lock (_lock)
        {
            if (_observed)
            {
                _series.Clear();
            }
        }
    }

    public void Write(PrometheusText text)
    {
        lock (_lock)
        {
            if (_series.Count == 0)
            {
                return;
            }

            text.Family(Name, _kind, _help);
            foreach (var (labels, series) in _series)
            {
                if (series.Buckets.Length > 0)
                {
                    text.Histogram(Name, labels, Bounds, series.Buckets, series.Sum);
                }
                else
                {
                    text.Sample(Name, labels, series.Sum);
                }
            }
        }
    }

    /// <summary>Prometheus' conventions: underscores, the base unit, and <c>_total</c> for what only rises.</summary>
    private static string NameOf(string name, string? unit, bool counts) =>
        name.Replace('.', '_') + unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" } + (counts ? "_total" : "");

    private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var parts = new List<string>(tags.Length);
        foreach (var (name, value) in tags)
        {
            parts.Add(PrometheusText.Label(name, Convert.ToString(value, CultureInfo.InvariantCulture) ?? ""));
        }

        return string.Join(',', parts);
    }

    private sealed class Series(long[] buckets)
    {
        public long[] Buckets { get; } = buckets;

        public double Sum { get; set; }
    }
}
