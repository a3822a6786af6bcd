using Wherry.Core.Model;

namespace Wherry.Core.Reconcile;

/// <summary>Compares what should run with what does, and decides what is mended now.</summary>
/// <remarks>Pure: same arguments, same answer. The engine's own restart policy comes first; a deployment at work is never interfered with; what serves is never removed.</remarks>
public static class ReconcileFlow
{
    private const string SessionPurpose = "run";

    public static Reconciliation Next(EnvironmentMemory memory, EnvironmentView view, DateTimeOffset now)
    {
        if (view.Busy)
        {
            return new(memory with { Services = memory.Services.ToDictionary(s => s.Key, s => s.Value with { DueAt = null }) }, [], null, [], [], [], null);
        }

        var since = new Sightings(memory.Since, now);
        var looks = view.Services.Where(s => !s.IsJob).Select(s => ServiceLook.At(s, view, memory.Services.GetValueOrDefault(s.Name) ?? ServiceMemory.Empty, since, now)).ToList();
        var outside = Outside(view, since).ToList();
        var extras = looks.SelectMany(l => l.Removable).Concat(outside.Where(c => c.Abandoned && !c.Serving)).ToList();
        var oneOffs = view.Containers.Where(c => c.OneOff is not (null or SessionPurpose)).ToList();
        var due = Ordered(looks.Where(l => l.IsDue(now)).ToList());
        var order = new HealOrder
        {
            Services = [.. due.Select(l => l.Name.Value)],
            Wake = [.. due.Where(l => l.CanWake).Select(l => l.Name.Value)],
            Leave = [.. due.SelectMany(l => l.Kept).Where(c => c.Doing != Doing.Running).Select(c => c.Id)],
            Remove = [.. extras.Where(c => since.IsOlder($"extra {c.Id}", Backoff.Grace)).Select(c => c.Id)],
        };
        var healed = due.Select(l => l.Name).ToHashSet();
        return new(
            new EnvironmentMemory { Services = looks.ToDictionary(l => l.Name, l => healed.Contains(l.Name) ? l.Memory with { Attempts = l.Memory.Attempts + 1, DueAt = null, Healing = true } : l.Memory), Since = since.Seen },
            [.. looks.SelectMany(l => l.Drifts), .. outside.Select(c => Foreign(c, since)), .. view.MissingNetworks.Select(n => new Drift(DriftKind.Network, null, $"network {n}", "missing", since.Of($"network {n}"), false))],
            order.IsEmpty ? null : order,
            [.. oneOffs.Where(c => since.IsOlder($"extra {c.Id}", Backoff.Grace)).Select(c => c.Id)],
            [.. looks.SelectMany(l => l.Surplus).Concat(outside.Where(c => c.Abandoned && !c.Serving)).Select(c => c.Id)],
            [.. looks.SelectMany(l => l.Happenings)],
            looks.Select(l => l.Memory.DueAt).Concat(extras.Concat(oneOffs).Concat(looks.SelectMany(l => l.Waited)).Select(c => (DateTimeOffset?)since.Of($"extra {c.Id}") + Backoff.Grace)).Where(t => t > now).Min());
    }

    /// <summary>Containers of services that the model does not have.</summary>
    private static IEnumerable<SeenContainer> Outside(EnvironmentView view, Sightings since)
    {
        var names = view.Services.Select(s => s.Name).ToHashSet();
        foreach (var container in view.Containers.Where(c => c.OneOff is null && !names.Contains(c.Service)))
        {
            since.Of($"extra {container.Id}");
            yield return container;
        }
    }

    private static Drift Foreign(SeenContainer container, Sightings since) => container is { Abandoned: true, Serving: false }
        ? new(DriftKind.Extra, container.Service, "nothing", $"{container.Service}-{container.Number} of a deployment that failed", since.Of($"extra {container.Id}"), true)
        : new(DriftKind.Orphan, container.Service, "nothing: the service is not in the model any more", $"{container.Service}-{container.Number} of r{container.Release}", since.Of($"extra {container.Id}"), false);

    /// <summary>Those that are due now: what waits for a container that has yet to be made comes behind it, in a heal of its own.</summary>
    private static List<ServiceLook> Ordered(List<ServiceLook> due)
    {
        var made = due.Where(l => !l.CanWake).Select(l => l.Name).ToHashSet();
        return [.. due.Where(l => !l.CanWake || !DependsOn(l, made, due, []))];
    }

    private static bool DependsOn(ServiceLook look, HashSet<ServiceName> made, List<ServiceLook> due, HashSet<ServiceName> visited) => visited.Add(look.Name) && look.Wanted.Spec.DependsOn.Any(d =>
        made.Contains(d.Service) || due.FirstOrDefault(l => l.Name == d.Service) is { } other && DependsOn(other, made, due, visited));
}
