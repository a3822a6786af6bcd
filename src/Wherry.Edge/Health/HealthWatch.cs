using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Wherry.Edge.Targets;

namespace Wherry.Edge.Health;

/// <summary>Probes every target for as long as it serves; failing ones leave the rotation and come back with the first success.</summary>
internal sealed partial class HealthWatch(Prober prober, TimeProvider time, ILogger<HealthWatch> logger) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<LiveTarget, Task> _watches = new();
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Watches until the target is retired.</summary>
    public void Start(string key, LiveTarget target) => _watches.TryAdd(target, WatchAsync(key, target));

    /// <summary>Waits for the end of the watch over a retired target.</summary>
    public async Task EndAsync(LiveTarget target)
    {
        if (_watches.TryRemove(target, out var watch))
        {
            await watch;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_watches.Values);
        _stopping.Dispose();
    }

    private async Task WatchAsync(string key, LiveTarget target)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(target.Retired, _stopping.Token);
        try
        {
            while (true)
            {
                await Task.Delay(target.Probe.Interval, time, end.Token);
                Record(key, target, await prober.ProbeAsync(target, target.Probe.Timeout, end.Token));
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // Retired, or the edge stops: nothing is left to watch.
        }
    }

    private void Record(string key, LiveTarget target, ProbeResult result)
    {
        if (!result.Passed)
        {
            if (target.Failed(result.Says))
            {
                LogEjected(key, target.Id, result.Says);
            }

            return;
        }

        if (!target.Healthy)
        {
            LogReturned(key, target.Id);
        }

        target.Passed();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Service}: target {Target} left the rotation: {Why}")]
    private partial void LogEjected(string service, string target, string why);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Service}: target {Target} is back in the rotation")]
    private partial void LogReturned(string service, string target);
}
