using Wherry.Client;
using Wherry.Core.Deployments;
using Wherry.Core.Model;
using Wherry.Server.Access;
using Wherry.Server.Deployments;
using Wherry.Server.Environments;
using Wherry.Server.Events;

namespace Wherry.Server.Secrets;

/// <summary>Changes variables and deploys what they change.</summary>
internal sealed class VariableChange(VariableStore store, ReleaseStore releases, DeploymentIntake intake, VariableUsers use, EnvironmentLocks locks, EventLog events)
{
    public async Task<VariablesChanged> ApplyAsync(EnvironmentRef environment, string service, IReadOnlyDictionary<VariableName, string> set, IReadOnlyList<VariableName> remove, ChangeVariables asked, Caller caller, CancellationToken ct)
    {
        await locks.CheckAsync(environment, ct);
        await store.ChangeAsync(environment, service, set, remove, asked.Secret, ct);
        await TellAsync(environment, service, set.Keys, remove, asked.Secret, caller, ct);
        if (await releases.FindCurrentAsync(environment, ct) is null)
        {
            return new VariablesChanged(null, []);
        }

        var users = await use.OfAsync(environment, ct);
        var unused = service.Length > 0 ? [] : set.Keys.Select(n => n.Value).Where(n => users.GetValueOrDefault(n, []).Count == 0).ToList();
        var deployment = asked.Deploy ? (await intake.QueueAsync(environment, caller, new DeployIntent { Kind = DeploymentKind.Env }, ct)).Id : null;
        return new VariablesChanged(deployment, unused);
    }

    /// <summary>Names only: what a value is, is nobody's business.</summary>
    private async Task TellAsync(EnvironmentRef environment, string service, IEnumerable<VariableName> set, IEnumerable<VariableName> remove, bool secret, Caller caller, CancellationToken ct)
    {
        var at = service.Length > 0 ? $" for {service}" : "";
        foreach (var name in set)
        {
            await events.RecordAsync(environment, caller.Actor, secret ? EventKinds.SecretSet : EventKinds.VariableSet, $"{name}{at}", null, null, ct);
        }

        foreach (var name in remove)
        {
            await events.RecordAsync(environment, caller.Actor, EventKinds.VariableRemoved, $"{name}{at}", null, null, ct);
        }
    }
}
