using Wherry.Client;
using Wherry.Core.Deployments;
using Wherry.Core.Model;
using Wherry.Server.Access;
using Wherry.Server.Deployments;
using Wherry.Server.Environments;

namespace Wherry.Server.Secrets;

/// <summary>Changes variables and deploys what they change.</summary>
internal sealed class VariableChange(VariableStore store, ReleaseStore releases, DeploymentIntake intake, VariableUsers use, EnvironmentLocks locks)
{
    public async Task<VariablesChanged> ApplyAsync(EnvironmentRef environment, string service, IReadOnlyDictionary<VariableName, string> set, IReadOnlyList<VariableName> remove, ChangeVariables asked, Caller caller, CancellationToken ct)
    {
        await locks.CheckAsync(environment, ct);
        await store.ChangeAsync(environment, service, set, remove, asked.Secret, ct);
        if (await releases.FindCurrentAsync(environment, ct) is null)
        {
            return new VariablesChanged(null, []);
        }

        var users = await use.OfAsync(environment, ct);
        var unused = service.Length > 0 ? [] : set.Keys.Select(n => n.Value).Where(n => users.GetValueOrDefault(n, []).Count == 0).ToList();
        var deployment = asked.Deploy ? (await intake.QueueAsync(environment, caller, new DeployIntent { Kind = DeploymentKind.Env }, ct)).Id : null;
        return new VariablesChanged(deployment, unused);
    }
}
