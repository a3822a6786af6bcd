using Wherry.Core.Model;
using Wherry.Core.Planning;

namespace Wherry.Core.Reconcile;

/// <summary>What brings an environment back to its current release, and touches nothing else.</summary>
public static class HealPlans
{
    /// <param name="input">As for a deployment of the current release.</param>
    /// <param name="order">What was decided; what has changed since is left out.</param>
    public static Plan Make(PlanInput input, HealOrder order)
    {
        order = order with { Replace = [.. order.Replace.Union(Dwellers(input.Wanted.Model, [.. order.Services, .. order.Wake, .. order.Replace]))] };
        var model = Only(input.Wanted.Model, order.Services.Concat(order.Replace).Select(ServiceName.Parse).ToHashSet());
        var gone = input.Seen.Replicas.Where(r => !r.Serving && order.Remove.Contains(r.Id)).Select(r => r.Id).ToHashSet();
        var woken = Woken(model, input.Seen, order, gone);
        var seen = input.Seen.Replicas.Where(r => model.Services.ContainsKey(r.Service)).Select(r =>
            gone.Contains(r.Id) ? r with { Hash = "" }
            : woken.Contains(r) || order.Leave.Contains(r.Id) ? r with { State = ReplicaState.Running }
            : r);
        var rest = Planner.Make(input with
        {
            Wanted = input.Wanted with { Model = model },
            Seen = input.Seen with { Routed = input.Seen.Routed.Where(model.Services.ContainsKey).ToHashSet(), Replicas = [.. seen] },
            Restart = order.Replace.Select(ServiceName.Parse).Where(model.Services.ContainsKey).ToHashSet(),
            RemoveOrphans = false,
        });
        var wakes = ServiceOrder.Of(model).Select(s => (s.Name, Numbers: (IReadOnlyList<int>)[.. woken.Where(r => r.Service == s.Name).Select(r => r.Number)])).Where(w => w.Numbers.Count > 0);
        return rest with
        {
            Steps =
            [
                .. wakes.SelectMany(w => new Step[] { new Step.WakeReplicas(w.Name, w.Numbers), new Step.AwaitHealthy(w.Name, w.Numbers) }),
                .. rest.Steps.Select(s => s is Step.RemoveReplicas remove ? Allowed(remove, model, input.Seen, order, gone) : s).Where(s => !IsIdle(s, woken)),
                .. from r in input.Seen.Replicas
                   where gone.Contains(r.Id) && !model.Services.ContainsKey(r.Service)
                   group r.Number by r.Service into extra
                   select new Step.RemoveReplicas(extra.Key, [.. extra.Order()]),
            ],
        };
    }

    /// <summary>Services that live in a namespace of one of these: a container that starts again has new ones.</summary>
    private static IEnumerable<string> Dwellers(ProjectModel model, IReadOnlyList<string> started) => ServiceOrder.Of(model)
        .Where(s => s.Sharing is not null)
        .Aggregate(started.ToHashSet(), (all, s) => s.Sharing!.Providers().Any(p => all.Contains(p.Value)) ? [.. all, s.Name.Value] : all)
        .Except(started);

    /// <summary>As many of the stopped containers as are lacking.</summary>
    private static HashSet<ObservedReplica> Woken(ProjectModel model, Observed seen, HealOrder order, HashSet<string> gone)
    {
        var woken = new HashSet<ObservedReplica>();
        foreach (var spec in model.Services.Values.Where(s => order.Wake.Contains(s.Name.Value)))
        {
            var hash = SpecHash.Of(spec);
            var same = seen.Of(spec.Name).Where(r => r.Hash == hash && !gone.Contains(r.Id)).ToList();
            var alive = same.Where(r => r.State == ReplicaState.Running || order.Leave.Contains(r.Id)).ToList();
            woken.UnionWith(same.Except(alive).OrderBy(r => r.Number).Take(Math.Max(0, spec.Replicas - alive.Count)));
        }

        return woken;
    }

    /// <summary>Taken away is what does not run, what is of other settings, and what was named; not what somebody might still look at.</summary>
    private static Step.RemoveReplicas Allowed(Step.RemoveReplicas step, ProjectModel model, Observed seen, HealOrder order, HashSet<string> gone)
    {
        var hash = SpecHash.Of(model.Services[step.Service]);
        return step with
        {
            Numbers = [.. from r in seen.Of(step.Service)
                          where step.Numbers.Contains(r.Number) && (r.State != ReplicaState.Running || r.Hash != hash || gone.Contains(r.Id) || order.Replace.Contains(step.Service.Value))
                          select r.Number],
        };
    }

    private static bool IsIdle(Step step, HashSet<ObservedReplica> woken) => step switch
    {
        Step.RemoveReplicas remove => remove.Numbers.Count == 0,
        Step.AwaitHealthy gate => gate.Numbers.All(n => woken.Any(r => r.Service == gate.Service && r.Number == n)),
        _ => false,
    };

    /// <summary>Jobs have run: they are not run again.</summary>
    private static ProjectModel Only(ProjectModel model, HashSet<ServiceName> only) => model with
    {
        Services = model.Services.Where(s => only.Contains(s.Key) && !Dependents.WaitForCompletion(model, s.Key)).ToDictionary(),
    };
}
