using Wherry.Server.Environments;
using Wherry.Server.Secrets;

namespace Wherry.Server.Logs;

/// <summary>What is masked in the output of an environment's replicas.</summary>
internal sealed class ReplicaMasks(EnvironmentStore environments, VariableStore variables)
{
    /// <summary>The environment's secrets as they are now: those that a replica which starts now was given.</summary>
    public async Task<SecretMask> OfAsync(string project, string environment, CancellationToken ct)
    {
        var found = (await environments.AllAsync(ct)).FirstOrDefault(e => e.Project.Value == project && e.Name.Value == environment);
        return found is null ? SecretMask.None : new SecretMask((await variables.ReadAsync(found, ct)).SecretValues);
    }
}
