using System.Text.Json;
using System.Text.Json.Nodes;
using Wherry.Core.Model;

namespace Wherry.Core.Planning;

/// <summary>New beside old: rolling and blue-green.</summary>
internal sealed partial class ServiceSteps
{
    /// <summary>Starts as many as the surge allows, moves traffic, takes as many old ones away, until all are new.</summary>
    private void Roll()
    {
        var old = _stale.Where(IsRunning).ToList();
        var fresh = new Queue<int>(Free(Math.Max(Missing, 0)));
        var live = _kept.Where(IsRunning).Concat(old).Select(r => r.Number).ToHashSet();
        var targets = _kept.Where(IsRunning).Concat(old.Where(r => r.Serving)).Select(r => r.Number).ToHashSet();
        var most = AllAtOnce() ? int.MaxValue : Count + Math.Max(1, Spec.Deploy.Surge);

        // Until the first new one has been tried, only what stands in its way is taken off.
        var phase = fresh.Count > 0 ? _start : _switch;
        GateKept(_start);
        if (SendsStages(fresh, old))
        {
            SendStages(fresh, live, targets);
            (phase, most) = (_switch, int.MaxValue); // with the last stage behind it, the switch is a whole one
        }
        else
        {
            RefuseWholeTrial("its replicas are to listen on another port");
        }

        if (Stages.Count == 0 && SendsCanaries(fresh, old))
        {
            SendCanaries(fresh, live, targets);
            phase = _switch;
        }

        while (fresh.Count > 0 || old.Count > 0)
        {
            if (Take(fresh, most - live.Count) is { Count: > 0 } batch)
            {
                phase.Add(new Step.StartReplicas(Spec.Name, batch));
                (phase == _start ? _gate : _switch).Add(Await(batch));
                phase = _switch;
                live.UnionWith(batch);
                targets.UnionWith(batch);
            }

            var drop = fresh.Count == 0 ? [.. old] : old.Take(Math.Max(0, live.Count - Count)).ToList();
            old.RemoveRange(0, drop.Count);
            live.ExceptWith(Numbers(drop));
            targets.ExceptWith(Numbers(drop));
            Send(phase, targets);
            RemoveRoutes(phase);
            Remove(fresh.Count == 0 ? _retire : phase, drop);
        }

        Send(_switch, targets);
        if (IsRouted && (RoutingChanged() || !IsKnownToEdge || _input.Seen.Sides.ContainsKey(Spec.Name)) && !_canary.Concat(_switch).Any(s => s is Step.SwitchTraffic))
        {
            _switch.Add(new Step.SwitchTraffic(Spec.Name, [.. targets.Order()]));
        }

        Remove(_retire, _stale.Where(r => !IsRunning(r)));
    }

    /// <summary>Of the replicas that stay, those that do not serve yet are judged before they may, and all when they are to answer on another port.</summary>
    private void GateKept(List<Step> phase)
    {
        if (IsRouted && Numbers(_kept.Where(r => !r.Serving || PortsChanged())) is { Count: > 0 } numbers)
        {
            phase.Add(Await(numbers));
        }
    }

    private void Send(List<Step> phase, HashSet<int> targets)
    {
        var last = _start.Concat(_canary).Concat(_switch).OfType<Step.SwitchTraffic>().LastOrDefault();
        if (IsRouted && (last is { Share: not null } || !targets.SetEquals(last?.Numbers ?? Numbers(_all.Where(r => r.Serving)))))
        {
            phase.Add(new Step.SwitchTraffic(Spec.Name, [.. targets.Order()]));
        }
    }

    /// <summary>Blue-green; also rolling when a route's port changed, because the edge knows one port per route for old and new alike.</summary>
    private bool AllAtOnce() => UpdateOrder.Of(Spec) == DeployStrategy.BlueGreen || PortsChanged();

    private bool PortsChanged() => RoutesNow.Count + TcpNow.Count > 0
        && !RoutesNow.Select(r => r.Port).Concat(TcpNow.Select(r => r.Port)).SequenceEqual(Spec.Routes.Select(r => r.Port).Concat((Spec.Tcp ?? []).Select(r => r.Port)));

    private bool RoutingChanged() => Before is null || !RoutesNow.SequenceEqual(Spec.Routes) || !TcpNow.SequenceEqual(Spec.Tcp ?? []) || !JsonNode.DeepEquals(Routing(Before), Routing(Spec));

    private static JsonNode? Routing(ServiceSpec spec) =>
        JsonSerializer.SerializeToNode(new ServiceSpec { Name = spec.Name, Routes = spec.Routes, Tcp = spec.Tcp, Tls = spec.Tls, CanonicalHost = spec.CanonicalHost, Rules = spec.Rules, Health = spec.Health, Deploy = new() { Drain = spec.Deploy.Drain } }, ModelJson.Default.ServiceSpec);

    private static List<int> Take(Queue<int> from, int atMost)
    {
        var taken = new List<int>();
        while (taken.Count < atMost && from.TryDequeue(out var number))
        {
            taken.Add(number);
        }

        return taken;
    }
}
