using Wherry.Core.Model;

namespace Wherry.Core.Planning;

/// <summary>Stopping and starting by hand: containers stay, nothing is built.</summary>
public static class PowerPlans
{
    /// <summary>Takes traffic off, then stops, dependents before what they depend on. What is stopped already is left alone.</summary>
    /// <param name="model">The current release's model.</param>
    /// <param name="seen">What runs.</param>
    /// <param name="only">Services to stop; empty is all.</param>
    public static Plan Stop(ProjectModel model, Observed seen, IReadOnlySet<ServiceName> only)
    {
        var steps = new List<Step>();
        foreach (var spec in ServiceOrder.Of(model).Reverse().Where(s => only.Count == 0 || only.Contains(s.Name)))
        {
            var running = seen.Of(spec.Name).Where(r => r.State == ReplicaState.Running).ToList();
            if (seen.Routed.Contains(spec.Name) && running.Any(r => r.Serving))
            {
                steps.Add(new Step.SwitchTraffic(spec.Name, []));
            }

            if (running.Count > 0)
            {
                steps.Add(new Step.StopReplicas(spec.Name, [.. running.Select(r => r.Number)]));
            }
        }

        return new Plan { Steps = steps };
    }

    /// <summary>Starts stopped containers of the current release again; what is missing is planned as usual.</summary>
    /// <param name="input">As for a deployment of the current release.</param>
    /// <param name="only">Services to start; empty is all.</param>
    public static Plan Start(PlanInput input, IReadOnlySet<ServiceName> only)
    {
        var woken = input.Seen.Replicas.Where(r => (only.Count == 0 || only.Contains(r.Service)) && CanWake(r, input.Wanted.Model)).ToList();
        var ids = woken.Select(r => r.Id).ToHashSet();
        var rest = Planner.Make(input with
        {
            Wanted = input.Wanted with { Model = Only(input.Wanted.Model, only) },
            Seen = input.Seen with
            {
                Routed = input.Seen.Routed.Where(s => only.Count == 0 || only.Contains(s)).ToHashSet(),
                Replicas = [.. input.Seen.Replicas.Where(r => only.Count == 0 || only.Contains(r.Service)).Select(r => ids.Contains(r.Id) ? r with { State = ReplicaState.Running } : r)],
            },
        });

        // Traffic is sent after all are awake: the rest of the plan does that, because none of them serves yet.
        var wakes = ServiceOrder.Of(input.Wanted.Model).Select(s => (s.Name, Numbers: woken.Where(r => r.Service == s.Name).Select(r => r.Number).ToList())).Where(w => w.Numbers.Count > 0);
        return rest with
        {
            Steps =
            [
                .. wakes.SelectMany(w => new Step[] { new Step.WakeReplicas(w.Name, w.Numbers), new Step.AwaitHealthy(w.Name, w.Numbers) }),
                .. rest.Steps.Where(s => s is not Step.AwaitHealthy gate || !gate.Numbers.All(n => woken.Any(r => r.Service == gate.Service && r.Number == n))),
            ],
        };
    }

    private static bool CanWake(ObservedReplica replica, ProjectModel model) =>
        replica.State is not ReplicaState.Running
        && model.Services.GetValueOrDefault(replica.Service) is { } spec
        && SpecHash.Of(spec) == replica.Hash
        && !Dependents.WaitForCompletion(model, spec.Name);

    private static ProjectModel Only(ProjectModel model, IReadOnlySet<ServiceName> only) => only.Count == 0
        ? model
        : model with { Services = model.Services.Where(s => only.Contains(s.Key)).ToDictionary(s => s.Key, s => s.Value with { DependsOn = [.. s.Value.DependsOn.Where(d => only.Contains(d.Service))] }) };
}
