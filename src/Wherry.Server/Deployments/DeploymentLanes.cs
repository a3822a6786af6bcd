using System.Collections.Concurrent;
using System.Threading.Channels;
using Wherry.Core.Deployments;
using Wherry.Core.Problems;
using Wherry.Server.Environments;
using Wherry.Server.Logs;
using Wherry.Server.Receipts;
using Wherry.Server.Sources;

namespace Wherry.Server.Deployments;

/// <summary>One lane per environment: its deployments run one at a time, in order; environments side by side.</summary>
internal sealed partial class DeploymentLanes(DeploymentStore deployments, EnvironmentStore environments, DeployWorker worker, DeploymentNews news, LogStore logs, TimeProvider time, ILogger<DeploymentLanes> logger) : BackgroundService
{
    private static readonly TimeSpan StorePause = TimeSpan.FromSeconds(2);

    private readonly Channel<EnvironmentRef> _wakes = Channel.CreateUnbounded<EnvironmentRef>();
    private readonly ConcurrentDictionary<long, Task> _lanes = new();
    private readonly ConcurrentDictionary<string, SourceTree> _trees = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _ends = new();

    /// <summary>Queues a deployment and wakes its lane.</summary>
    /// <param name="environment">Where.</param>
    /// <param name="actor">Who.</param>
    /// <param name="intent">What.</param>
    /// <param name="tree">Source that came with the request; the lane lets it go.</param>
    /// <param name="ct">Cancels the queueing only.</param>
    /// <exception cref="ProblemException"><c>deployment/queue-full</c>.</exception>
    public async Task<string> EnqueueAsync(EnvironmentRef environment, string actor, DeployIntent intent, SourceTree? tree, CancellationToken ct)
    {
        var id = deployments.NextId();
        _ends[id] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (tree is not null)
        {
            _trees[id] = tree; // before the row is there: a lane at work may take it at once
        }

        IReadOnlyList<string> superseded;
        try
        {
            superseded = await deployments.EnqueueAsync(environment, id, actor, intent, ct);
        }
        catch
        {
            _trees.TryRemove(id, out _);
            End(id);
            throw;
        }

        foreach (var old in superseded)
        {
            await LetGoAsync(environment, old, $"superseded by {id}");
        }

        await news.QueuedAsync(environment, actor, id, intent, superseded, ct);
        _wakes.Writer.TryWrite(environment);
        return id;
    }

    /// <summary>Completes when the deployment has ended, or the server stops.</summary>
    public Task EndOfAsync(string id) => _ends.GetValueOrDefault(id)?.Task ?? Task.CompletedTask;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        foreach (var environment in await environments.AllAsync(stoppingToken))
        {
            _wakes.Writer.TryWrite(environment);
        }

        try
        {
            await foreach (var environment in _wakes.Reader.ReadAllAsync(stoppingToken))
            {
                // A lane takes everything that is queued before it ends, and a wake behind it opens it again: none is lost.
                var before = _lanes.GetValueOrDefault(environment.Id, Task.CompletedTask);
                _lanes[environment.Id] = RunLaneAsync(environment, before, stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(_lanes.Values);
            foreach (var id in _trees.Keys)
            {
                await DropTreeAsync(id);
            }

            foreach (var id in _ends.Keys)
            {
                End(id);
            }
        }
    }

    private async Task RunLaneAsync(EnvironmentRef environment, Task before, CancellationToken ct)
    {
        await before;
        try
        {
            while (await deployments.FindNextAsync(environment, ct) is { } row)
            {
                await RunAsync(environment, row, ct);
                End(row.Id);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The server stops; the deployment is taken up again by the next process.
        }
        catch (ProblemException e) when (IsOfStore(e))
        {
            // What it was doing stands in the journal: it goes on there when the store is back.
            LogStore(environment.ToString(), e.Problem.Message);
            await Task.Delay(StorePause, time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _wakes.Writer.TryWrite(environment);
        }
    }

    private async Task RunAsync(EnvironmentRef environment, DeploymentRow row, CancellationToken ct)
    {
        var taken = row.StartedAt is not null;
        if (!taken && !await deployments.ClaimAsync(environment.Team, row.Id, ct))
        {
            return;
        }

        var log = logs.OpenDeployment(environment.Project.Value, environment.Name.Value, row.Id, SecretMask.None);
        await using var run = new DeploymentRun(environment, deployments.Intent(row), Restored(row), log, new StepWatch(time)) { Actor = row.Actor, TakenUp = taken, Tree = _trees.TryRemove(row.Id, out var tree) ? tree : null };
        try
        {
            if (taken)
            {
                await worker.TakeUpAsync(run, row, ct);
            }
            else
            {
                await news.StartedAsync(run, ct);
            }

            await worker.DriveAsync(run, ct);
            log.Complete();
        }
        catch (Exception e) when (!IsOfStore(e) && (e is not OperationCanceledException || !ct.IsCancellationRequested))
        {
            LogBroken(row.Id, e);
            var problem = (e as ProblemException)?.Problem ?? new Problem("server/bug", $"The deployment failed in a way it should not: {e.GetType().Name}.", "What serves goes on serving. The server's log has the details; please report them.");
            await worker.GiveUpAsync(run, run.Log.Mask.Apply(problem), ct);
            log.Complete();
        }
    }

    /// <summary>Ends a deployment that never began.</summary>
    private async Task LetGoAsync(EnvironmentRef environment, string id, string why)
    {
        await DropTreeAsync(id);
        var log = logs.OpenDeployment(environment.Project.Value, environment.Name.Value, id, SecretMask.None);
        await log.WriteAsync("deploy", "wherry", why);
        log.Complete();
        End(id);
    }

    private ValueTask DropTreeAsync(string id) => _trees.TryRemove(id, out var tree) ? tree.DisposeAsync() : ValueTask.CompletedTask;

    private void End(string id)
    {
        if (_ends.TryRemove(id, out var end))
        {
            end.SetResult();
        }
    }

    private Deployment Restored(DeploymentRow row) => new()
    {
        Id = row.Id,
        Kind = Enum.Parse<DeploymentKind>(row.Kind),
        Stage = Enum.Parse<Stage>(row.Stage),
        StageSince = time.GetUtcNow(),
        Plan = row.OpenPlan(),
        Problem = row.OpenProblem(),
    };

    private static bool IsOfStore(Exception e) => e is ProblemException { Problem.Code: "store/unreachable" or "store/disk-full" or "store/busy" };

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Environment} waits: {Problem}")]
    private partial void LogStore(string environment, string problem);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Deployment} broke off")]
    private partial void LogBroken(string deployment, Exception exception);
}
