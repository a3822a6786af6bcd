using Wherry.Core.Model;
using Wherry.Server.Environments;

namespace Wherry.Server.Deployments;

/// <summary>Names on the engine of what belongs to an environment.</summary>
internal static class EngineNames
{
    public static string Network(EnvironmentRef environment, ProjectModel model, string name) =>
        model.Networks.GetValueOrDefault(name) switch
        {
            { ExplicitName: { } given } => given,
            { External: true } => name,
            _ => $"{environment.Prefix}_{name}",
        };

    public static string Volume(EnvironmentRef environment, ProjectModel model, string name) =>
        model.Volumes.GetValueOrDefault(name) switch
        {
            { ExplicitName: { } given } => given,
            { External: true } => name,
            _ => $"{environment.Prefix}_{name}",
        };

    /// <summary>Ends with the deployment's own digits, so that a retry never meets the name of what it left.</summary>
    public static string Container(EnvironmentRef environment, ServiceName service, string number, string deployment) =>
        $"{environment.Prefix}-{service}-{number}-{deployment[^6..]}";

    /// <summary>Tag that keeps a built image while its release can be gone back to.</summary>
    public static string Repository(EnvironmentRef environment, ServiceName service) =>
        $"wherry/{environment.Prefix}-{service.Value.ToLowerInvariant().Trim('.', '_', '-')}";
}
