using System.Collections.Concurrent;
using System.Threading.Channels;
using Wherry.Core.Deployments;
using Wherry.Core.Problems;
using Wherry.Server.Environments;
using Wherry.Server.Logs;
using Wherry.Server.Receipts;
using Wherry.Server.Sources;
using Wherry.Server.Store;

namespace Wherry.Server.Deployments;

/// <summary>One lane per environment: its deployments run one at a time, in order; environments side by side.</summary>
internal sealed partial class DeploymentLanes(DeploymentStore deployments, EnvironmentStore environments, DeployWorker worker, DeploymentNews news, LogStore logs, SteadyClock clock, ILogger<DeploymentLanes> logger) : BackgroundService
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly Channel<EnvironmentRef> _wakes = Channel.CreateUnbounded<EnvironmentRef>();
    private readonly ConcurrentDictionary<long, Task> _lanes = new();
    private readonly ConcurrentDictionary<string, SourceTree> _trees = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _ends = new();
    private readonly ConcurrentDictionary<string, DeploymentRun> _running = new();
    private readonly ConcurrentDictionary<long, CancellationTokenSource> _halts = new();

    /// <summary>Queues a deployment and wakes its lane.</summary>
    /// <param name="environment">Where.</param>
    /// <param name="actor">Who.</param>
    /// <param name="intent">What.</param>
    /// <param name="tree">Source that came with the request; the lane lets it go.</param>
    /// <param name="ct">Cancels the queueing only.</param>
    /// <exception cref="ProblemException"><c>deployment/queue-full</c>, <c>environment/locked</c>, <c>environment/leaving</c>, <c>environment/not-found</c>.</exception>
    public async Task<string> EnqueueAsync(EnvironmentRef environment, string actor, DeployIntent intent, SourceTree? tree, CancellationToken ct)
    {
        environments.RefuseLeaving(environment);
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

        _wakes.Writer.TryWrite(environment);
        foreach (var old in superseded)
        {
            await LetGoAsync(environment, old, $"superseded by {id}");
        }

        await news.QueuedAsync(environment, actor, id, intent, superseded, ct);
        return id;
    }

    /// <summary>Completes when the deployment has ended, or the server stops.</summary>
    public Task EndOfAsync(string id) => _ends.GetValueOrDefault(id)?.Task ?? Task.CompletedTask;

    /// <summary>Tells the worker of a deployment, when there is one, what people want of it now.</summary>
    public async Task TellAsync(TeamId team, string id, CancellationToken ct)
    {
        if (_running.TryGetValue(id, out var run))
        {
            run.Hear(await deployments.WishesAsync(team, id, ct));
        }
    }

    /// <summary>Lets go what is held for a deployment that ended before it began: its source, who watches it.</summary>
    public async Task LetGoAsync(EnvironmentRef environment, string id, string why)
    {
        await DropTreeAsync(id);
        var log = logs.OpenDeployment(environment.Project.Value, environment.Name.Value, id, SecretMask.None);
        await log.WriteAsync("deploy", "wherry", why);
        log.Complete();
        End(id);
    }

    /// <summary>Breaks off the work in an environment between two steps, or where a step waits, and begins none until <see cref="Reopen"/>.</summary>
    /// <remarks>Nothing is undone. A step that makes containers is let end, so that nothing of it comes to be later.</remarks>
    public async Task HaltAsync(EnvironmentRef environment, CancellationToken ct)
    {
        await HaltOf(environment).CancelAsync();
        await _lanes.GetValueOrDefault(environment.Id, Task.CompletedTask).WaitAsync(ct);
        foreach (var id in await deployments.OpenAsync(environment, ct))
        {
            await DropTreeAsync(id);
            End(id);
        }
    }

    /// <summary>Takes up again what <see cref="HaltAsync"/> broke off, if it is still there.</summary>
    public void Reopen(EnvironmentRef environment, bool gone)
    {
        _halts.TryRemove(environment.Id, out _);
        if (!gone) // the store gives the id again
        {
            _wakes.Writer.TryWrite(environment);
        }
    }

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

    /// <summary>Works until nothing waits. What breaks it, a store that cannot be written say, is tried again: a deployment that was begun is taken up like one of an earlier process.</summary>
    private async Task RunLaneAsync(EnvironmentRef environment, Task before, CancellationToken stopping)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, HaltOf(environment).Token);
        var ct = either.Token;
        await before.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // first it must be known that there is a lane
        for (var pause = FirstPause; !ct.IsCancellationRequested; pause = pause < LongestPause ? 2 * pause : LongestPause)
        {
            try
            {
                while (await deployments.FindNextAsync(environment, ct) is { } row)
                {
                    await RunAsync(environment, row, stopping, ct);
                    End(row.Id);
                    pause = FirstPause;
                }

                return;
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return; // The server stops, and the next process takes it up again; or the environment goes.
            }
            catch (Exception e)
            {
                LogLane(environment, e);
                await Task.WhenAny(Task.Delay(pause, clock, ct));
            }
        }
    }

    private async Task RunAsync(EnvironmentRef environment, DeploymentRow row, CancellationToken stopping, CancellationToken ct)
    {
        var taken = row.StartedAt is not null;
        if (!taken && !await deployments.ClaimAsync(environment.Team, row.Id, ct))
        {
            return;
        }

        try
        {
            await using var run = Open(environment, row, taken, stopping);
            _running[row.Id] = run;
            run.Hear(await deployments.WishesAsync(environment.Team, row.Id, ct)); // what was said before it could be told
            await WorkAsync(run, row, ct);
        }
        catch (Exception e) when (e is not (IOException or UnauthorizedAccessException) && !StoreProblems.IsOutage(e) && !ct.IsCancellationRequested)
        {
            // Not even its end could be reached in the ordinary way.
            LogBroken(row.Id, e);
            await deployments.FailAsync(environment.Team, row.Id, InWords(e), ct);
        }
        finally
        {
            _running.TryRemove(row.Id, out _);
        }
    }

    /// <summary>Brings it to its end. A store that does not work at the moment is not the deployment's fault: the lane tries again.</summary>
    private async Task WorkAsync(DeploymentRun run, DeploymentRow row, CancellationToken ct)
    {
        try
        {
            if (run.TakenUp)
            {
                await worker.TakeUpAsync(run, row, ct);
            }
            else
            {
                await news.StartedAsync(run, ct);
            }

            await worker.DriveAsync(run, ct);
        }
        catch (Exception e) when (!StoreProblems.IsOutage(e) && !ct.IsCancellationRequested)
        {
            LogBroken(row.Id, e);
            await worker.GiveUpAsync(run, run.Log.Mask.Apply(InWords(e)), ct);
        }

        run.Log.Complete();
    }

    private CancellationTokenSource HaltOf(EnvironmentRef environment) => _halts.GetOrAdd(environment.Id, _ => new CancellationTokenSource());

    private DeploymentRun Open(EnvironmentRef environment, DeploymentRow row, bool taken, CancellationToken stopping) => new(
        environment, deployments.Intent(row), Restored(row), logs.OpenDeployment(environment.Project.Value, environment.Name.Value, row.Id, SecretMask.None), new StepWatch(clock))
    {
        Began = clock.GetUtcNow(),
        Actor = row.Actor,
        Stopping = stopping,
        TakenUp = taken,
        Tree = _trees.TryRemove(row.Id, out var tree) ? tree : null,
    };

    private static Problem InWords(Exception e) => (e as ProblemException)?.Problem
        ?? new Problem("server/bug", $"The deployment failed in a way it should not: {e.GetType().Name}.", "What serves goes on serving. The server's log has the details; please report them.");

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
        StageSince = clock.GetUtcNow(),
        Plan = row.OpenPlan(),
        CancelledBy = row.CancelledBy,
        PausedBy = row.PausedBy,
        Problem = row.OpenProblem(),
    };

    [LoggerMessage(Level = LogLevel.Error, Message = "The lane of {Environment} broke off; it is tried again")]
    private partial void LogLane(EnvironmentRef environment, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Deployment} broke off")]
    private partial void LogBroken(string deployment, Exception exception);
}
