using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Wherry.Core.Metrics;

namespace Wherry.Server.Metrics;

/// <summary>Adds up what the meters measure, from the server's start on.</summary>
internal sealed class MeterBook : IDisposable
{
    private readonly Lock _look = new();
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, MeterFamily> _families = new(StringComparer.Ordinal);

    /// <param name="numbers">The server's own gauges; those of another server in the same process are not ours.</param>
    public MeterBook(ServerNumbers numbers)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == ServerMeter.Name && (instrument.Meter.Scope is null || instrument.Meter.Scope == numbers))
            {
                listener.EnableMeasurementEvents(instrument, _families.GetOrAdd(instrument.Name, _ => new MeterFamily(instrument)));
            }
        };
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, family) => ((MeterFamily)family!).Add(value, tags));
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, family) => ((MeterFamily)family!).Add(value, tags));
        _listener.Start();
    }

    /// <summary>Names of the families as Prometheus knows them.</summary>
    public IReadOnlyList<string> Names => [.. _families.Values.Select(f => f.Name).Order(StringComparer.Ordinal)];

    public void Write(PrometheusText text)
    {
        lock (_look)
        {
            foreach (var family in _families.Values)
            {
                family.BeforeLook();
            }

            _listener.RecordObservableInstruments();
        }

        foreach (var family in _families.Values.OrderBy(f => f.Name, StringComparer.Ordinal))
        {
            family.Write(text);
        }
    }

    public void Dispose() => _listener.Dispose();
}
