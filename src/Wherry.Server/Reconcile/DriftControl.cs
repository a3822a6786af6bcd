using Wherry.Core.Deployments;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Core.Reconcile;
using Wherry.Server.Access;
using Wherry.Server.Deployments;
using Wherry.Server.Environments;
using Wherry.Server.Events;
using Wherry.Server.Store;
using Drift = Wherry.Core.Reconcile.Drift;

namespace Wherry.Server.Reconcile;

/// <summary>Shows drift, takes it back, or takes it over as what is wanted.</summary>
internal sealed class DriftControl(ReconcilePass pass, DriftBoard board, DeploymentIntake intake, EnvironmentStore environments, EventLog events, SteadyClock clock)
{
    /// <summary>Looks, then tells.</summary>
    /// <param name="team">Whose.</param>
    /// <param name="project">Only this one's.</param>
    /// <param name="ct">Stops looking.</param>
    public async Task<IReadOnlyList<Client.Drift>> ShowAsync(TeamId team, string? project, CancellationToken ct)
    {
        var only = project is null ? null : ProjectName.Parse(project);
        if (only is { } named && (await environments.ListAsync(team, ct)).All(e => e.Project != named.Value))
        {
            throw new Problem("project/not-found", $"There is no project {named}.", "See `wherry projects list`.").AsException();
        }

        await pass.RunAsync(clock.GetUtcNow(), ct);
        return [.. board.All.Where(o => o.Environment.Team == team && (only is null || o.Environment.Project == only)).SelectMany(o => o.Drifts.Select(d => ToContract(o.Environment, d)))];
    }

    /// <exception cref="ProblemException"><c>drift/none</c>.</exception>
    public async Task<Client.Deployment> RevertAsync(EnvironmentRef environment, Caller caller, CancellationToken ct)
    {
        var found = await OpenAsync(environment, ct);
        var open = found.Drifts;
        if (open.Any(d => d.Kind == DriftKind.Running) && (await environments.GetRowAsync(environment.Team, environment.Project, environment.Name, ct)).Stopped != 0)
        {
            return await intake.QueueAsync(environment, caller, new DeployIntent { Kind = DeploymentKind.Stop }, ct);
        }

        if (Services(open, DriftKind.Running) is { Count: > 0 } running)
        {
            return await intake.QueueAsync(environment, caller, new DeployIntent { Kind = DeploymentKind.Stop, Services = running }, ct);
        }

        var replace = Services(open, DriftKind.Settings);
        var order = new HealOrder { Services = Services(open, DriftKind.Missing, DriftKind.Traffic), Replace = replace, Remove = found.Extra };
        return await intake.QueueAsync(environment, caller, new DeployIntent { Kind = DeploymentKind.Heal, Heal = order }, ct);
    }

    /// <summary>Takes what is over as what is wanted, where that has a meaning: how many run, and what is stopped.</summary>
    /// <returns>What was taken over, for a person.</returns>
    public async Task<IReadOnlyList<string>> AdoptAsync(EnvironmentRef environment, Caller caller, CancellationToken ct)
    {
        var found = await OpenAsync(environment, ct);
        var adopted = new List<string>();
        foreach (var (service, count, wanted) in found.Counts.Where(c => found.Drifts.Any(d => d.Service == c.Service && d.Kind is DriftKind.Missing or DriftKind.Extra or DriftKind.Running)))
        {
            adopted.Add(await TakeOverAsync(found, service, count, wanted, ct));
            await events.RecordAsync(environment, caller.Actor, EventKinds.ReplicaAdopted, service.Value, $"{wanted}", $"{count}", ct);
        }

        return adopted;
    }

    private async Task<string> TakeOverAsync(OpenDrift found, ServiceName service, int count, int wanted, CancellationToken ct)
    {
        if (count == 0)
        {
            await environments.StopServicesAsync(found.Environment, [service], ct);
            return $"{service} stays stopped";
        }

        await environments.ResumeServiceAsync(found.Environment, service, found.Counts.Select(c => c.Service), ct);
        if (count != wanted)
        {
            await environments.SetScaleAsync(found.Environment, new Dictionary<ServiceName, int> { [service] = count }, ct);
        }

        return $"{service} has {count} {(count == 1 ? "replica" : "replicas")}";
    }

    private async Task<OpenDrift> OpenAsync(EnvironmentRef environment, CancellationToken ct)
    {
        await pass.RunAsync(clock.GetUtcNow(), ct);
        return board.Find(environment) is { Busy: false, Drifts.Count: > 0 } found ? found : throw new Problem("drift/none", $"{environment} runs as it should.", "Nothing is to be done. While a deployment is at work nothing counts as drift.").AsException();
    }

    private static IReadOnlyList<string> Services(IReadOnlyList<Drift> open, params DriftKind[] kinds) => [.. open.Where(d => kinds.Contains(d.Kind)).Select(d => d.Service!.Value).Distinct()];

    private static Client.Drift ToContract(EnvironmentRef environment, Drift d) => new(
        environment.Project.Value,
        environment.Name.Value,
        d.Service?.Value,
        d.Kind == DriftKind.CrashLoop ? "crash-loop" : d.Kind.ToString().ToLowerInvariant(),
        d.Wanted,
        d.Found,
        d.Since,
        d.Heals);
}
