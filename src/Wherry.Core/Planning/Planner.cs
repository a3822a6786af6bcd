using Wherry.Core.Model;
using Wherry.Core.Problems;

namespace Wherry.Core.Planning;

/// <summary>What the planner is asked.</summary>
public sealed record PlanInput
{
    /// <summary>The release that serves; <see langword="null"/> before the first.</summary>
    public Release? Current { get; init; }

    public required Release Wanted { get; init; }

    public required Observed Seen { get; init; }

    /// <summary>Services whose replicas are replaced even if nothing changed.</summary>
    public IReadOnlySet<ServiceName> Restart { get; init; } = new HashSet<ServiceName>();

    /// <summary>Remove services that run but are not wanted. Default: they are only reported.</summary>
    public bool RemoveOrphans { get; init; }
}

/// <summary>Compares what is wanted with what runs and lists the steps between.</summary>
/// <remarks>Pure: same input, same plan. First everything new is started and gated, in dependency order; then traffic moves; then the old is taken away. A failure before the first switch costs nothing.</remarks>
public static class Planner
{
    /// <exception cref="ProblemException"><c>service/cycle</c>.</exception>
    public static Plan Make(PlanInput input)
    {
        var model = input.Wanted.Model;
        var services = ServiceOrder.Of(model).Select(s => ServiceSteps.For(s, input)).ToList();
        var orphans = input.Seen.Replicas.Select(r => r.Service).Concat(input.Seen.Routed).Distinct()
            .Where(s => !model.Services.ContainsKey(s)).OrderBy(s => s.Value, StringComparer.Ordinal).ToList();

        return new Plan
        {
            Steps =
            [
                .. Foundations(input),
                .. Starts(services, model),
                .. services.SelectMany(s => s.Switch),
                .. input.RemoveOrphans ? orphans.SelectMany(o => Removal(o, input.Seen)) : [],
                .. services.Reverse<ServiceSteps>().SelectMany(s => s.Retire),
            ],
            Changes =
            [
                .. services.Select(s => s.Change),
                .. input.RemoveOrphans ? orphans.Select(o => new Change(o, ChangeKind.Remove, "not in the model any more")) : [],
            ],
            Orphans = input.RemoveOrphans ? [] : orphans,
        };
    }

    private static IEnumerable<Step> Foundations(PlanInput input)
    {
        var model = input.Wanted.Model;
        var networks = model.Services.Values.SelectMany(s => s.Networks.Keys).Distinct().Order(StringComparer.Ordinal);
        var volumes = model.Services.Values.SelectMany(s => s.Mounts).Where(m => m is { Kind: MountKind.Volume, Source: not null }).Select(m => m.Source!).Distinct().Order(StringComparer.Ordinal);
        return
        [
            .. networks.Where(n => !input.Seen.Networks.Contains(n)).Select(n => new Step.EnsureNetwork(n)),
            .. volumes.Where(v => !input.Seen.Volumes.Contains(v)).Select(v => new Step.EnsureVolume(v)),
        ];
    }

    /// <summary>Starts in dependency order. A gate stands right behind a start where something depends on it or traffic will; the other gates come last, so that their waiting overlaps.</summary>
    private static IEnumerable<Step> Starts(List<ServiceSteps> services, ProjectModel model)
    {
        var late = new List<Step>();
        foreach (var service in services)
        {
            if (service.Start.Count > 0)
            {
                foreach (var gate in HealthyDependencies(service, services))
                {
                    yield return gate;
                }
            }

            foreach (var step in service.Start)
            {
                yield return step;
            }

            if (service.Spec.Routes.Count > 0 || Dependents.WaitForHealth(model, service.Spec.Name))
            {
                foreach (var step in service.Gate)
                {
                    yield return step;
                }
            }
            else
            {
                late.AddRange(service.Gate);
            }
        }

        foreach (var step in late)
        {
            yield return step;
        }
    }

    /// <summary>Gates on unchanged services that must be healthy before this one starts.</summary>
    private static IEnumerable<Step> HealthyDependencies(ServiceSteps service, List<ServiceSteps> all) =>
        from dependency in service.Spec.DependsOn
        where dependency.Condition == DependencyCondition.Healthy
        let awaited = all.FirstOrDefault(a => a.Spec.Name == dependency.Service)
        where awaited is { Start.Count: 0, Kept.Count: > 0 }
        select new Step.AwaitHealthy(awaited.Spec.Name, awaited.Kept, dependency.Required);

    private static IEnumerable<Step> Removal(ServiceName orphan, Observed seen)
    {
        if (seen.Routed.Contains(orphan))
        {
            yield return new Step.RemoveRoutes(orphan);
        }

        if (seen.Of(orphan).Select(r => r.Number).Order().ToList() is { Count: > 0 } numbers)
        {
            yield return new Step.RemoveReplicas(orphan, numbers);
        }
    }
}
