using Wherry.Core.Model;
using Wherry.Server.Environments;

namespace Wherry.Server.Deployments;

/// <summary>Names on the engine of what belongs to an environment. They depend on nothing that changes: a volume is found again by its name.</summary>
internal sealed class EngineNames(HomeId home)
{
    public string Network(EnvironmentRef environment, ProjectModel model, string name) =>
        model.Networks.GetValueOrDefault(name) switch
        {
            { ExplicitName: { } given } => given,
            { External: true } => name,
            _ => $"{Prefix(environment)}_{name}",
        };

    public string Volume(EnvironmentRef environment, ProjectModel model, string name) =>
        model.Volumes.GetValueOrDefault(name) switch
        {
            { ExplicitName: { } given } => given,
            { External: true } => name,
            _ => $"{Prefix(environment)}_{name}",
        };

    /// <summary>Ends with the deployment's own digits, so that a retry never meets the name of what it left.</summary>
    public string Container(EnvironmentRef environment, ServiceName service, string number, string deployment) =>
        $"{Prefix(environment)}-{service}-{number}-{deployment[^6..]}";

    /// <summary>Tag that keeps a built image while its release can be gone back to.</summary>
    public string Repository(EnvironmentRef environment, ServiceName service) =>
        $"{Repositories(environment)}{service.Value.ToLowerInvariant().Trim('.', '_', '-')}";

    /// <summary>What the repositories of all its services, and of nobody else, start with: joined by dashes, those of <c>b</c> would start like those of <c>b-c</c>.</summary>
    public string Repositories(EnvironmentRef environment) => $"wherry/{home.NamePrefix}{environment.Project}/{environment.Name}/";

    private string Prefix(EnvironmentRef environment) => $"{home.NamePrefix}{environment.Prefix}";
}
