using Wherry.Server.Deployments;
using Wherry.Server.Environments;

namespace Wherry.Server.Secrets;

/// <summary>Which services of the current release take which variable.</summary>
internal sealed class VariableUsers(ReleaseStore releases, VariableStore variables)
{
    public async Task<IReadOnlyDictionary<string, IReadOnlyList<string>>> OfAsync(EnvironmentRef environment, CancellationToken ct)
    {
        if (await releases.FindCurrentAsync(environment, ct) is not { } release)
        {
            return new Dictionary<string, IReadOnlyList<string>>();
        }

        var values = await variables.ReadAsync(environment, ct);
        var prepared = ModelReader.ReadAgain(await releases.InputAsync(environment, release.Number, ct), values);
        return prepared.Input.ComposeFile is null
            ? values.Shared.Keys.ToDictionary(n => n, _ => (IReadOnlyList<string>)[ModelReader.Web.Value])
            : prepared.Uses.GroupBy(u => u.Name).ToDictionary(g => g.Key, g => (IReadOnlyList<string>)[.. g.Select(u => u.Service ?? "the file").Distinct()]);
    }
}
