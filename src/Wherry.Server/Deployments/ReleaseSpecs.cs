using Wherry.Core.Model;
using Wherry.Server.Environments;
using Wherry.Server.Sessions;

namespace Wherry.Server.Deployments;

/// <summary>One-off containers as the current release has them.</summary>
internal sealed class ReleaseSpecs(ReleaseStore releases, ContainerSpecs specs) : IReleaseSpecs
{
    public async Task<OneOffSpec?> OneOffAsync(EnvironmentRef environment, string service, IReadOnlyList<string> command, IReadOnlyDictionary<string, string> variables, CancellationToken ct)
    {
        var release = await releases.FindCurrentAsync(environment, ct);
        if (release?.Model.Services.GetValueOrDefault(ServiceName.Parse(service)) is not { } spec)
        {
            return null;
        }

        var merged = new SortedDictionary<string, string>(spec.Environment.ToDictionary(), StringComparer.Ordinal);
        foreach (var (name, value) in variables)
        {
            merged[VariableName.Parse(name).Value] = value;
        }

        var container = specs.OneOff(environment, release, spec with { Environment = merged }, RunSessions.Purpose, command, "session");
        return new OneOffSpec(container, spec.Files.Count > 0 ? () => ReplicaDriver.Pack(spec.Files) : null);
    }
}
