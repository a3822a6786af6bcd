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

    /// <summary>Run release commands of services that change. Default yes.</summary>
    public bool ReleaseCommands { get; init; } = true;

    /// <summary>Let canaries of services that ask for them wait for their promotion. Default yes; going back does not wait.</summary>
    public bool Canaries { get; init; } = true;

    /// <summary>Somebody asked for a trial on some visitors; <see langword="null"/>: as each service says itself.</summary>
    public Trial? Trial { get; init; }

    /// <summary>Goes back: what runs already gets its traffic back before anything else starts, and no release command runs.</summary>
    public bool Undo { get; init; }
}

/// <summary>A new release is tried on some visitors until it is promoted.</summary>
/// <param name="Share">Percent of the visitors; <see langword="null"/>: the stages that a service names, else 10.</param>
public sealed record Trial(double? Share);

/// <summary>Compares what is wanted with what runs and lists the steps between.</summary>
/// <remarks>Pure: same input, same plan. First everything new is started and gated, in dependency order; then traffic moves; then the old is taken away. A failure before the first switch costs nothing.</remarks>
public static class Planner
{
    /// <exception cref="ProblemException"><c>service/cycle</c>.</exception>
    public static Plan Make(PlanInput input)
    {
        var model = input.Wanted.Model;
        var services = Services(input.Undo ? input with { ReleaseCommands = false } : input);
        var back = input.Undo ? services.Where(s => s.IsComplete).ToList() : [];
        var ahead = services.Except(back).ToList();
        var orphans = input.Seen.Replicas.Select(r => r.Service).Concat(input.Seen.Routed).Distinct()
            .Where(s => !model.Services.ContainsKey(s)).OrderBy(s => s.Value, StringComparer.Ordinal).ToList();

        List<Step> steps =
        [
            .. Foundations(input),
            .. back.SelectMany(s => s.Start.Concat(s.Gate)),
            .. SwitchOrder.Of(back, input).SelectMany(s => s.Switch),
            .. Starts(ahead, services, model),
            .. SwitchOrder.Of(ahead, input).SelectMany(s => s.Canary),
            .. ahead.SelectMany(s => s.Promotion),
            .. SwitchOrder.Of(ahead, input).SelectMany(s => s.Switch),
            .. services.SelectMany(s => s.Monitor),
            .. input.RemoveOrphans ? orphans.SelectMany(o => Removal(o, input.Seen)) : [],
            .. services.Reverse<ServiceSteps>().SelectMany(s => s.Retire),
        ];
        return new Plan
        {
            Steps = [.. new RouteClaims(input).Settle(steps)],
            Changes =
            [
                .. services.Select(s => s.Change),
                .. input.RemoveOrphans ? orphans.Select(o => new Change(o, ChangeKind.Remove, "not in the model any more")) : [],
            ],
            Orphans = input.RemoveOrphans ? [] : orphans,
            Rollouts = [.. services.Where(s => s.Change.Kind != ChangeKind.None).Select(s => Rollout.Of(s.Spec))],
            Notes = [.. services.Select(s => s.Note).OfType<string>()],
        };
    }

    /// <summary>Back from a deployment that failed to what was before it.</summary>
    /// <param name="before">The release that was current; <see langword="null"/> before the first: all of the candidate goes.</param>
    /// <param name="candidate">The release that could not be made current.</param>
    /// <param name="seen">What there is now. Services that neither release has are left alone.</param>
    public static Plan MakeUndo(Release? before, Release candidate, Observed seen)
    {
        var back = before ?? new Release(0, new ProjectModel { Services = new Dictionary<ServiceName, ServiceSpec>() });
        var ours = back.Model.Services.Keys.Concat(candidate.Model.Services.Keys).ToHashSet();
        return Make(new PlanInput
        {
            Current = candidate,
            Wanted = back,
            Seen = seen with { Replicas = [.. seen.Replicas.Where(r => ours.Contains(r.Service))], Routed = seen.Routed.Where(ours.Contains).ToHashSet() },
            RemoveOrphans = true,
            Undo = true,
        });
    }

    /// <summary>In dependency order; a service whose dependency is replaced is replaced too when it asks for that, or lives in a namespace of it.</summary>
    private static List<ServiceSteps> Services(PlanInput input)
    {
        var services = new List<ServiceSteps>();
        foreach (var spec in ServiceOrder.Of(input.Wanted.Model))
        {
            var restarts = spec.DependsOn.Any(d => d.Restart && services.Any(s => s.Spec.Name == d.Service && s.IsReplaced));
            restarts |= spec.Sharing?.Providers().Any(p => services.Any(s => s.Spec.Name == p && !s.IsComplete && s.Kept.Count == 0)) is true;
            services.Add(ServiceSteps.For(spec, restarts ? input with { Restart = input.Restart.Append(spec.Name).ToHashSet() } : input));
        }

        return services;
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
    private static IEnumerable<Step> Starts(List<ServiceSteps> services, List<ServiceSteps> all, ProjectModel model)
    {
        var late = new List<Step>();
        var known = new HashSet<ServiceName>();
        foreach (var service in services)
        {
            if (!service.IsComplete || service.Proves)
            {
                foreach (var gate in HealthyDependencies(service, all).Where(g => known.Add(g.Service)))
                {
                    yield return gate;
                }
            }

            foreach (var step in service.Start)
            {
                yield return step;
            }

            if (service.Spec.IsRouted() || Dependents.WaitForHealth(model, service.Spec.Name))
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
    private static IEnumerable<Step.AwaitHealthy> HealthyDependencies(ServiceSteps service, List<ServiceSteps> all) =>
        from dependency in service.Spec.DependsOn
        where dependency.Condition == DependencyCondition.Healthy
        let awaited = all.FirstOrDefault(a => a.Spec.Name == dependency.Service)
        where awaited is { IsJob: false, Start.Count: 0, Kept.Count: > 0 }
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
