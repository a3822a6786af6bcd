using Wherry.Core.Planning;
using Wherry.Core.Problems;

namespace Wherry.Core.Deployments;

/// <summary>Who can take the traffic that a step sends: the step was planned earlier, and replicas die.</summary>
public static class SwitchTargets
{
    /// <summary>The step's replicas without old ones that run no more: their successors are on the way, and a broken one does not stop that.</summary>
    /// <remarks>When all of them died: who serves now goes on, until new ones come.</remarks>
    /// <exception cref="ProblemException"><c>service/replica-gone</c>: a new one is gone, or none is left and none comes.</exception>
    public static IReadOnlyList<int> Of(Deployment d, Observed world, Step.SwitchTraffic step)
    {
        var there = world.Of(step.Service).ToDictionary(r => r.Number);
        var left = step.Numbers.Where(n => d.Starts(step.Service, n) || there.GetValueOrDefault(n) is { State: ReplicaState.Running }).ToList();
        foreach (var gone in left.Where(n => !there.ContainsKey(n)))
        {
            throw Gone($"{step.Service}-{gone}").AsException();
        }

        if (left.Count > 0 || step.Numbers.Count == 0)
        {
            return left;
        }

        return d.Plan.Steps.Skip(d.Done).Any(s => s is Step.StartReplicas start && start.Service == step.Service)
            ? [.. there.Values.Where(r => r is { Serving: true, State: ReplicaState.Running }).Select(r => r.Number)]
            : throw Gone(string.Join(", ", step.Numbers.Select(n => $"{step.Service}-{n}"))).AsException();
    }

    private static Problem Gone(string which) => new("service/replica-gone", $"{which} is gone.", "It was removed from outside while it was deployed: deploy again.");
}
