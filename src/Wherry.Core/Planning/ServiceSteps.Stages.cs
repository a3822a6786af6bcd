using Wherry.Core.Model;
using Wherry.Core.Problems;

namespace Wherry.Core.Planning;

/// <summary>A new release gets its visitors a share at a time.</summary>
internal sealed partial class ServiceSteps
{
    /// <summary>Share of a trial that somebody asked for without a number.</summary>
    private const double UsualShare = 10;

    private IReadOnlyList<CanaryStage> Stages => (_input.Trial, Spec.Canary) switch
    {
        _ when !IsRouted || _input is not { Canaries: true, Undo: false } => [],
        ({ Share: { } share }, _) => [new CanaryStage(share)],
        (_, { Stages.Count: > 0 } own) => own.Stages,
        ({ }, _) => [new CanaryStage(UsualShare)],
        _ => [],
    };

    /// <summary>As many of the new replicas as the share needs take it beside all old ones, for a time or until somebody promotes them; then those of the next stage join.</summary>
    /// <inheritdoc cref="SendCanaries"/>
    private void SendStages(Queue<int> fresh, HashSet<int> live, HashSet<int> targets)
    {
        List<int> canaries = [];
        foreach (var (i, stage) in Stages.Index())
        {
            // Only the first is gated with everything else that starts: nothing has been moved yet.
            var (start, gate, send) = i == 0 ? (_start, _gate, _canary) : (_promotion, _promotion, _promotion);
            if (Take(fresh, Needed(stage) - canaries.Count) is { Count: > 0 } batch)
            {
                start.Add(new Step.StartReplicas(Spec.Name, batch));
                gate.Add(Await(batch));
                canaries.AddRange(batch);
                live.UnionWith(batch);
                targets.UnionWith(batch);
            }

            IReadOnlyList<int> now = [.. canaries];
            send.Add(new Step.SwitchTraffic(Spec.Name, [.. targets.Order()], new TrafficShare(now, stage)));
            _promotion.Add(new Step.AwaitPromotion(Spec.Name, now, new StageWait(i + 1, Stages.Count, stage)));
        }
    }

    private int Needed(CanaryStage stage) => Math.Max(Math.Max(1, Spec.Deploy.Canary), (int)Math.Ceiling(Count * stage.Share / 100));

    private bool SendsStages(Queue<int> fresh, List<ObservedReplica> old) => Stages.Count > 0 && fresh.Count > 0 && HasPredecessor(old) && !PortsChanged();

    private bool HasPredecessor(IEnumerable<ObservedReplica> old) => old.Any(r => r.Serving && IsRunning(r) && r.Hash != _hash);

    /// <summary>A trial that somebody asked for in so many words does not become a whole deployment.</summary>
    /// <exception cref="ProblemException"><c>deployment/canary-impossible</c>.</exception>
    private void RefuseWholeTrial(string why)
    {
        if (_input.Trial is not null && Stages.Count > 0 && Missing > 0 && HasPredecessor(_stale))
        {
            throw new Problem("deployment/canary-impossible", $"{Spec.Name} cannot be tried on some visitors: {why}.", "Deploy it without --canary, or change what stands in the way.").AsException();
        }
    }
}
