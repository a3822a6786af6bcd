using Wherry.Client;
using Wherry.Core.Deployments;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Core.Routing;
using Wherry.Server.Access;
using Wherry.Server.Deployments;
using Wherry.Server.Environments;
using Wherry.Server.Events;

namespace Wherry.Server.Services;

/// <summary>What an operator does to running services.</summary>
internal sealed class ServiceControl(EnvironmentStore environments, ReleaseStore releases, DeploymentIntake intake, EdgeClient edge, EnvironmentLocks locks, EventLog events)
{
    public async Task<Client.Deployment> QueueAsync(string project, string environment, DeploymentKind kind, IReadOnlyList<string>? services, Caller caller, CancellationToken ct)
    {
        var at = await environments.GetAsync(caller.Team, project, environment, ct);
        await CheckAsync(at, services ?? [], ct);
        return await intake.QueueAsync(at, caller, new DeployIntent { Kind = kind, Services = services ?? [] }, ct);
    }

    /// <summary>Sets replica counts, which outlive deployments, and deploys them.</summary>
    public async Task<Client.Deployment> ScaleAsync(string project, string environment, IReadOnlyDictionary<ServiceName, int> replicas, Caller caller, CancellationToken ct)
    {
        var at = await environments.GetAsync(caller.Team, project, environment, ct);
        await CheckAsync(at, replicas.Keys.Select(s => s.Value), ct);
        await locks.CheckAsync(at, ct); // before the counts are set: they outlive a refusal
        var before = await environments.ScaleAsync(at, ct);
        var model = (await releases.FindCurrentAsync(at, ct))!.Model;
        await environments.SetScaleAsync(at, replicas, ct);
        foreach (var (service, count) in replicas)
        {
            var was = before.GetValueOrDefault(service, model.Services[service].Replicas);
            await events.RecordAsync(at, caller.Actor, EventKinds.ServiceScaled, service.Value, $"{was}", $"{count}", ct);
        }

        return await QueueAsync(project, environment, DeploymentKind.Scale, null, caller, ct);
    }

    public Task MaintainAsync(string project, string environment, SetMaintenance body, Caller caller, CancellationToken ct)
    {
        var wanted = new MaintenanceRequest(body.Message, body.Allow, body.Until);
        var change = new Change(body.On ? EventKinds.MaintenanceOn : EventKinds.MaintenanceOff, body.Until, key => body.On ? edge.MaintenanceAsync(key, wanted, ct) : edge.ResumeAsync(key, ct));
        return ForEachRoutedAsync(project, environment, body.Services, caller, change, ct);
    }

    public Task PauseAsync(string project, string environment, SetPause body, Caller caller, CancellationToken ct)
    {
        var maxWait = body.MaxWaitSeconds switch
        {
            null => (TimeSpan?)null,
            >= 1 and <= 3600 and var seconds => TimeSpan.FromSeconds(seconds),
            var wrong => throw new Problem("service/pause", $"{wrong} s is not a time to hold requests for.", "Use 1 to 3600 seconds.").AsException(),
        };
        var wanted = new PauseRequest(maxWait, body.Allow, body.Until);
        var change = new Change(body.On ? EventKinds.PauseOn : EventKinds.PauseOff, body.Until, key => body.On ? edge.PauseAsync(key, wanted, ct) : edge.ResumeAsync(key, ct));
        return ForEachRoutedAsync(project, environment, body.Services, caller, change, ct);
    }

    /// <exception cref="ProblemException"><c>release/none</c>, <c>service/not-found</c>.</exception>
    public async Task CheckAsync(EnvironmentRef environment, IEnumerable<string> services, CancellationToken ct)
    {
        var release = await releases.FindCurrentAsync(environment, ct) ?? throw Preparation.NothingDeployed(environment.ToString());
        foreach (var name in services.Select(ServiceName.Parse).Where(n => !release.Model.Services.ContainsKey(n)))
        {
            throw new Problem("service/not-found", $"{environment} has no service {name}.", $"It has {string.Join(", ", release.Model.Services.Keys)}.").AsException();
        }
    }

    private async Task ForEachRoutedAsync(string project, string environment, IReadOnlyList<string>? services, Caller caller, Change change, CancellationToken ct)
    {
        var at = await environments.GetAsync(caller.Team, project, environment, ct);
        await CheckAsync(at, services ?? [], ct);
        var release = (await releases.FindCurrentAsync(at, ct))!;
        foreach (var service in release.Model.Services.Values.Where(s => s.IsRouted() && (services is null || services.Contains(s.Name.Value))))
        {
            await change.Act(EdgeClient.Key(at, service.Name));
            await events.RecordAsync(at, caller.Actor, change.Kind, service.Name.Value, null, change.Until is { } until ? $"until {until.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}" : null, ct);
        }
    }

    /// <summary>What is said to the edge of each service, and recorded.</summary>
    private sealed record Change(string Kind, DateTimeOffset? Until, Func<string, Task> Act);
}
