using Wherry.Core.Planning;
using Wherry.Core.Problems;
using Wherry.Docker;
using Wherry.Server.Deployments;
using Wherry.Server.Environments;

namespace Wherry.Server.Reconcile;

/// <summary>Keeps the edge's addresses true: a container that the engine started again (after a crash or a reboot) may have another one.</summary>
internal sealed partial class AddressWatch(Engine engine, EdgeClient edge, EnvironmentStore environments, ReleaseStore releases, WorldObserver observer, TimeProvider time, ILogger<AddressWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                var since = time.GetUtcNow();
                foreach (var environment in await environments.AllAsync(stoppingToken))
                {
                    await AlignAsync(environment, stoppingToken);
                }

                await FollowAsync(since, stoppingToken);
            }
            catch (ProblemException e)
            {
                LogWaiting(e.Problem.Message);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }

            await Task.Delay(Pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task FollowAsync(DateTimeOffset since, CancellationToken ct)
    {
        var filter = new EventFilter { Types = ["container"], Actions = ["start"], Labels = new Dictionary<string, string?> { [Labels.Replica] = null } };
        await foreach (var started in engine.EventsAsync(since, filter, ct))
        {
            var all = await environments.AllAsync(ct);
            if (all.FirstOrDefault(e => e.Project.Value == started.Attributes.GetValueOrDefault(Labels.Project) && e.Name.Value == started.Attributes.GetValueOrDefault(Labels.Environment)) is { } environment)
            {
                await AlignAsync(environment, ct);
            }
        }
    }

    /// <summary>Tells the edge the present addresses of the targets it has; adds and removes none.</summary>
    private async Task AlignAsync(EnvironmentRef environment, CancellationToken ct)
    {
        if (await releases.FindCurrentAsync(environment, ct) is not { } release)
        {
            return;
        }

        var known = (await edge.ListAsync(ct)).ToDictionary(s => s.Key);
        var seen = await observer.ReplicasAsync(environment, ct);
        foreach (var spec in release.Model.Services.Values.Where(s => s.Routes.Count > 0))
        {
            var serving = seen.Of(spec.Name).Where(r => r is { Serving: true, State: ReplicaState.Running, Address: not null }).ToList();
            if (known.TryGetValue(EdgeClient.Key(environment, spec.Name), out var state) && serving.Any(r => state.Targets.First(t => t.Id == EdgeServices.TargetId(r.Id)).Address != r.Address))
            {
                LogMoved(environment, spec.Name.Value);
                await edge.SwitchAsync(state.Key, state.Service with { Targets = EdgeServices.For(spec, serving).Targets }, ct);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Environment}: {Service} came back at another address; the edge is told")]
    private partial void LogMoved(EnvironmentRef environment, string service);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Addresses are not watched for the moment: {Why}")]
    private partial void LogWaiting(string why);
}
