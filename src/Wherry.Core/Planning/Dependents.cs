using Wherry.Core.Model;

namespace Wherry.Core.Planning;

/// <summary>What others expect of a service.</summary>
public static class Dependents
{
    /// <summary>Somebody waits for it to complete: it is a job, not something that keeps running.</summary>
    public static bool WaitForCompletion(ProjectModel model, ServiceName service) => Of(model, service).Any(d => d.Condition == DependencyCondition.CompletedSuccessfully);

    /// <summary>Somebody waits for it to be healthy.</summary>
    public static bool WaitForHealth(ProjectModel model, ServiceName service) => Of(model, service).Any(d => d.Condition == DependencyCondition.Healthy);

    /// <summary>Its failure fails the deployment: nobody depends on it, or somebody does without <c>required: false</c>.</summary>
    public static bool Require(ProjectModel model, ServiceName service) => !Of(model, service).Any() || Of(model, service).Any(d => d.Required);

    /// <summary>Those that start only when it is healthy, or has completed.</summary>
    public static IReadOnlyList<ServiceName> Waiting(ProjectModel model, ServiceName service) =>
        [.. model.Services.Values.Where(s => s.DependsOn.Any(d => d.Service == service && d.Condition != DependencyCondition.Started)).Select(s => s.Name).OrderBy(n => n.Value, StringComparer.Ordinal)];

    public static bool Exist(ProjectModel model, ServiceName service) => Of(model, service).Any();

    private static IEnumerable<Dependency> Of(ProjectModel model, ServiceName service) =>
        model.Services.Values.SelectMany(s => s.DependsOn).Where(d => d.Service == service);
}
