using System.Collections.Concurrent;
using System.Globalization;
using System.Threading.Channels;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Core.Reconcile;
using Wherry.Docker;

namespace Wherry.Server.Reconcile;

/// <summary>Follows the engine's events: notes who died and whose settings changed, and wakes the reconcile loop. The stream is opened again when it breaks.</summary>
internal sealed partial class EngineWatch(Engine engine, HomeId home, SettingsWatch settings, TimeProvider time, ILogger<EngineWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private static readonly EventFilter Filter = new()
    {
        Types = ["container", "network"],
        Actions = ["die", "oom", "start", "destroy", "health_status", "update", "pause", "unpause", "connect", "disconnect"],
    };

    private readonly Channel<bool> _wakes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly ConcurrentQueue<(string Environment, Death Death)> _deaths = new();
    private readonly ConcurrentDictionary<string, bool> _outOfMemory = new();

    /// <summary>Something happened to a container of ours since the last wake.</summary>
    public ChannelReader<bool> Wakes => _wakes.Reader;

    /// <summary>Wakes the loop.</summary>
    public void Wake() => _wakes.Writer.TryWrite(true);

    /// <summary>The ends since the last call, by <c>project/environment</c>.</summary>
    public ILookup<string, Death> TakeDeaths()
    {
        var taken = new List<(string Environment, Death Death)>();
        while (_deaths.TryDequeue(out var death))
        {
            taken.Add(death);
        }

        return taken.ToLookup(d => d.Environment, d => d.Death);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var since = time.GetUtcNow();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await foreach (var e in engine.EventsAsync(since, Filter, stoppingToken))
                {
                    since = e.At;
                    Take(e);
                }
            }
            catch (ProblemException e)
            {
                LogWaiting(e.Problem.Message);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }

            settings.ForgetAll(); // what changed meanwhile, nobody said
            Wake();
            await Task.Delay(Pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Take(EngineEvent e)
    {
        if (e.Type == "network")
        {
            // An event of a network carries no labels: the container in it is known or is not ours.
            if (e.Attributes.GetValueOrDefault("container") is { } container && settings.Forget(container))
            {
                Wake();
            }

            return;
        }

        if (e.Attributes.GetValueOrDefault(Labels.Home) != home.Value)
        {
            return;
        }

        switch (e.Action)
        {
            case "oom":
                _outOfMemory[e.Id] = true;
                return; // the end follows
            case "update":
                settings.Forget(e.Id);
                break;
            case "destroy":
                _outOfMemory.TryRemove(e.Id, out _); // one that is no replica has no end to be noted
                break;
            case "die" when e.Attributes.ContainsKey(Labels.Replica):
                NoteDeath(e);
                break;
        }

        Wake();
    }

    private void NoteDeath(EngineEvent e)
    {
        if (e.Attributes.TryGetValue(Labels.Service, out var service) && int.TryParse(e.Attributes[Labels.Replica], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            int? code = int.TryParse(e.Attributes.GetValueOrDefault("exitCode"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var exit) ? exit : null;
            var death = new Death(e.Id, ServiceName.Parse(service), number, code, _outOfMemory.TryRemove(e.Id, out _), e.At);
            _deaths.Enqueue(($"{e.Attributes.GetValueOrDefault(Labels.Project)}/{e.Attributes.GetValueOrDefault(Labels.Environment)}", death));
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The engine's events are not followed for the moment: {Why}")]
    private partial void LogWaiting(string why);
}
