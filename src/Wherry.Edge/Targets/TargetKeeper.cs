using Wherry.Core.Routing;
using Wherry.Edge.Health;
using Wherry.Edge.Switching;

namespace Wherry.Edge.Targets;

/// <summary>Opens targets, keeps those that go on serving, watches and retires them.</summary>
internal sealed class TargetKeeper(Upstream upstream, HealthWatch watch, int ejectAfter, TimeProvider time)
{
    public long Timestamp => time.GetTimestamp();

    public TimeSpan ElapsedSince(long start) => time.GetElapsedTime(start);

    public LiveTarget Open(Target target, EdgeService service)
    {
        var live = new LiveTarget(target, service, ejectAfter);
        Judge(live, service);
        upstream.Open(live);
        return live;
    }

    /// <summary>The targets for a new version of a service: those that already serve it with the same ports are kept, with their counts.</summary>
    public (IReadOnlyList<LiveTarget> All, IReadOnlyList<LiveTarget> Fresh) KeepOrOpen(EdgeService service, ServiceSlot? current)
    {
        List<LiveTarget> all = [];
        List<LiveTarget> fresh = [];
        var samePorts = current is not null && Ports(service).IsSubsetOf(Ports(current.Service));
        foreach (var target in service.Targets)
        {
            var kept = samePorts ? current!.Targets.FirstOrDefault(t => t.Id == target.Id && t.Address == target.Address) : null;
            if (kept is null)
            {
                fresh.Add(kept = Open(target, service));
            }

            all.Add(kept);
        }

        return (all, fresh);
    }

    public void Watch(string key, IReadOnlyList<LiveTarget> targets)
    {
        foreach (var target in targets)
        {
            watch.Start(key, target);
        }
    }

    /// <summary>Judges a target from now on as this version of its service says. One that goes on in the same way keeps what was seen.</summary>
    public void Judge(LiveTarget target, EdgeService service)
    {
        if (target.Outlier?.Rule != service.Rules?.Outliers)
        {
            target.Outlier = service.Rules?.Outliers is { } rule ? new(rule, time) : null;
        }
    }

    /// <summary>Gives up targets that never took traffic.</summary>
    public void Close(IReadOnlyList<LiveTarget> targets)
    {
        foreach (var target in targets)
        {
            upstream.Close(target);
        }
    }

    /// <summary>Gives up drained targets: no watch and no connection is left when it returns.</summary>
    public async Task RetireAsync(IReadOnlyList<LiveTarget> targets)
    {
        foreach (var target in targets)
        {
            await watch.EndAsync(target);
        }

        Close(targets);
    }

    private static HashSet<int> Ports(EdgeService service) =>
        [.. service.Routes.Select(r => r.Port), .. (service.Tcp ?? []).Select(r => r.Port), ProbePlan.PortOf(service)];
}
