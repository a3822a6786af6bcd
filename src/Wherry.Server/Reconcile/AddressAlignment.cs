using Wherry.Core.Planning;
using Wherry.Server.Deployments;
using Wherry.Server.Environments;

namespace Wherry.Server.Reconcile;

/// <summary>Makes the edge's addresses of an environment's replicas those of the engine.</summary>
internal sealed partial class AddressAlignment(EdgeClient edge, ReleaseStore releases, DeploymentStore deployments, WorldObserver observer, ILogger<AddressAlignment> logger)
{
    /// <summary>Tells the edge the present addresses of the targets it has; adds and removes none.</summary>
    public async Task AlignAsync(EnvironmentRef environment, CancellationToken ct)
    {
        // A deployment at work moves the traffic itself.
        if (await deployments.FindNextAsync(environment, ct) is not null || await releases.FindCurrentAsync(environment, ct) is not { } release)
        {
            return;
        }

        var known = (await edge.ListAsync(ct)).ToDictionary(s => s.Key);
        var seen = await observer.ReplicasAsync(environment, ct);
        foreach (var spec in release.Model.Services.Values.Where(s => s.IsRouted()))
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
}
