using Wherry.Core.Problems;
using Wherry.Docker;

namespace Wherry.Server.Logs;

/// <summary>Takes the output of all our replicas over into the logs of their environments: what was printed while the server was away too, each line once.
/// Lines are neither lost nor doubled by a restart of the server or of the engine, as far as the engine still has them.</summary>
internal sealed partial class ReplicaLogCollector(Engine engine, HomeId home, LogStore logs, ReplicaMasks masks, LogOptions options, TimeProvider time, ILogger<ReplicaLogCollector> logger) : BackgroundService
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    /// <summary>Events are asked for from a little before the list, so that no start falls in between.</summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Following> _following = [];
    private readonly Dictionary<(string, string), ReplicaLog> _open = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                try
                {
                    await WatchAsync(stoppingToken);
                }
                catch (ProblemException e)
                {
                    LogEngineAway(e.Problem.Code, e.Problem.Message);
                    await Task.Delay(RetryAfter, time, stoppingToken);
                }
            }
        }
        finally
        {
            await Task.WhenAll(Tasks());
        }
    }

    private async Task WatchAsync(CancellationToken ct)
    {
        var since = time.GetUtcNow() - Overlap;
        var ours = new Dictionary<string, string?> { [Labels.Home] = home.Value };
        var containers = await engine.Containers.ListAsync(ours, all: true, ct);
        foreach (var container in containers)
        {
            Follow(CollectedContainer.Of(container.Id, container.Labels), ct);
        }

        Forget(id => !containers.Any(c => c.Id.StartsWith(id, StringComparison.Ordinal)));
        await foreach (var e in engine.EventsAsync(since, new EventFilter { Types = ["container"], Labels = ours, Actions = ["start", "destroy"] }, ct))
        {
            if (e.Action == "start")
            {
                Follow(CollectedContainer.Of(e.Id, e.Attributes), ct);
            }
            else
            {
                Forget(id => e.Id.StartsWith(id, StringComparison.Ordinal));
            }
        }
    }

    private void Follow(CollectedContainer? container, CancellationToken ct)
    {
        if (container is null)
        {
            return;
        }

        lock (_lock)
        {
            if (_following.TryGetValue(container.Id, out var running))
            {
                // It may be about to end because the container had stopped before this start.
                running.Again = true;
                return;
            }

            var following = _following[container.Id] = new Following();
            following.Task = Task.Run(() => FollowAsync(container, following, ct), CancellationToken.None); // ends by itself when cancelled
        }
    }

    private async Task FollowAsync(CollectedContainer container, Following following, CancellationToken ct)
    {
        try
        {
            var log = Open(container);
            try
            {
                do
                {
                    await CopyAsync(container, log, ct);
                }
                while (await GoesOnAsync(container, following, ct));
            }
            finally
            {
                Close(container, log);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The server stops; the next one goes on from the cursor.
        }
        catch (ProblemException e)
        {
            // Away with the engine: the watch lists again. Gone: nothing is left to collect.
            LogEnded(container.Source, container.Environment, container.Project, e.Problem.Code);
        }
        finally
        {
            lock (_lock)
            {
                _following.Remove(container.Id);
                if (following.Again && !ct.IsCancellationRequested)
                {
                    Follow(container, ct);
                }
            }
        }
    }

    private async Task CopyAsync(CollectedContainer container, ReplicaLog log, CancellationToken ct)
    {
        var resume = log.Resume(container.ShortId);
        var mask = await masks.OfAsync(container.Project, container.Environment, ct);
        await foreach (var line in engine.Containers.LogsAsync(container.Id, new LogQuery { Follow = true, Since = resume.Since }, ct))
        {
            var at = line.At ?? time.GetUtcNow();
            if (resume.IsNew(CollectedContainer.Name(line.Stream), at))
            {
                await AppendAsync(container, log, container.Record(line.Stream, at, mask.Apply(line.Text)), ct);
            }
        }
    }

    /// <summary>Waits while the disk is full: the engine keeps the lines as long as it can.</summary>
    private async Task AppendAsync(CollectedContainer container, ReplicaLog log, LogRecord record, CancellationToken ct)
    {
        while (true)
        {
            try
            {
                log.Append(record);
                return;
            }
            catch (IOException e)
            {
                LogDiskFull(container.Environment, container.Project, e);
                await Task.Delay(RetryAfter * 10, time, ct);
            }
        }
    }

    /// <summary>The output ended. Either the container stopped, or the engine broke it off although the container runs on.</summary>
    private async Task<bool> GoesOnAsync(CollectedContainer container, Following following, CancellationToken ct)
    {
        lock (_lock)
        {
            if (following.Again)
            {
                following.Again = false;
                return true;
            }
        }

        if (await engine.Containers.FindAsync(container.Id, ct) is not { State: ContainerState.Running })
        {
            return false;
        }

        await Task.Delay(RetryAfter, time, ct);
        return true;
    }

    private ReplicaLog Open(CollectedContainer container)
    {
        lock (_lock)
        {
            var key = (container.Project, container.Environment);
            if (!_open.TryGetValue(key, out var log) || log.IsRemoved)
            {
                var folder = logs.ReplicasFolder(container.Project, container.Environment);
                _open[key] = log = new ReplicaLog(logs.OpenReplicas(container.Project, container.Environment, writes: true), folder, options, time);
            }

            log.Followers++;
            return log;
        }
    }

    private void Close(CollectedContainer container, ReplicaLog log)
    {
        lock (_lock)
        {
            if (--log.Followers == 0)
            {
                log.Dispose();
                if (_open.GetValueOrDefault((container.Project, container.Environment)) == log)
                {
                    _open.Remove((container.Project, container.Environment));
                }
            }
        }
    }

    private void Forget(Func<string, bool> isGone)
    {
        lock (_lock)
        {
            foreach (var log in _open.Values)
            {
                log.Forget(isGone);
            }
        }
    }

    private List<Task> Tasks()
    {
        lock (_lock)
        {
            return [.. _following.Values.Select(f => f.Task)];
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Logs are not collected at the moment ({Code}): {Reason}")]
    private partial void LogEngineAway(string code, string reason);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The output of {Source} of {Project}/{Environment} ended with {Code}")]
    private partial void LogEnded(string source, string environment, string project, string code);

    [LoggerMessage(Level = LogLevel.Error, Message = "The log of {Project}/{Environment} cannot be written; trying again")]
    private partial void LogDiskFull(string environment, string project, Exception exception);

    private sealed class Following
    {
        public Task Task { get; set; } = Task.CompletedTask;

        /// <summary>The container was started again.</summary>
        public bool Again { get; set; }
    }
}
