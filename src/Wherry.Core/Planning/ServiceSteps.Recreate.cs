namespace Wherry.Core.Planning;

/// <summary>Old first, then new: for what cannot run twice.</summary>
internal sealed partial class ServiceSteps
{
    /// <summary>The old replicas are stopped, not removed, before the new ones start. Requests are held meanwhile.</summary>
    private void Recreate()
    {
        Interrupts = true;
        var stop = new Step.StopReplicas(Spec.Name, [.. Numbers(_stale.Where(MayRun)).Order()]);
        var fresh = new Step.StartReplicas(Spec.Name, Free(Missing));
        if (!IsRouted)
        {
            RemoveRoutes(_start);
            _start.AddRange([stop, fresh]);
            _gate.Add(Await(fresh.Numbers));
        }
        else
        {
            // What others depend on has to be back before they start; else it moves with the rest of the traffic.
            var phase = Dependents.Exist(_input.Wanted.Model, Spec.Name) ? _start : _switch;
            GateKept(phase);
            phase.AddRange((IsKnownToEdge, TakesPortOver()) switch
            {
                (false, _) => [stop, fresh, Await(fresh.Numbers), new Step.SwitchTraffic(Spec.Name, [.. Kept, .. fresh.Numbers])],

                // The edge cannot have the port for held visitors while the old replicas are there: for this once they are told that nobody serves.
                (_, true) => [new Step.RemoveRoutes(Spec.Name), stop, fresh, Await(fresh.Numbers), new Step.SwitchTraffic(Spec.Name, [.. Kept, .. fresh.Numbers])],
                _ =>
                [
                    new Step.HoldTraffic(Spec.Name),
                    new Step.SwitchTraffic(Spec.Name, Kept),
                    stop,
                    fresh,
                    Await(fresh.Numbers),
                    new Step.SwitchTraffic(Spec.Name, [.. Kept, .. fresh.Numbers]),
                    new Step.ReleaseTraffic(Spec.Name),
                ],
            });
        }

        Remove(_retire, _stale);
    }
}
