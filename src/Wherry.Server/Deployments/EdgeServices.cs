using Wherry.Core.Model;
using Wherry.Core.Planning;
using Wherry.Core.Problems;
using Wherry.Core.Routing;

namespace Wherry.Server.Deployments;

/// <summary>Says to the edge what a service and some of its replicas are.</summary>
internal static class EdgeServices
{
    /// <summary>The edge's name for a container.</summary>
    public static string TargetId(string containerId) => containerId[..12];

    /// <param name="spec">What it is.</param>
    /// <param name="replicas">Who serves.</param>
    /// <param name="share">Who of them is on the other side of a split: each side has its own writers.</param>
    /// <exception cref="ProblemException"><c>service/no-address</c> when a replica is on no network that the edge reaches.</exception>
    public static EdgeService For(ServiceSpec spec, IEnumerable<ObservedReplica> replicas, TrafficShare? share = null)
    {
        var health = spec.Health ?? new HealthSpec();
        var all = replicas.ToList();
        return new EdgeService
        {
            Routes = spec.Routes,
            Tcp = spec.Tcp is { Count: > 0 } ? spec.Tcp : null,
            Targets = [.. all.Select(r => new Target(TargetId(r.Id), r.Address ?? throw NoAddress(r)))],
            Probe = new Probe { Path = health.Path, Port = health.Port, Host = health.Host, Interval = health.Interval, Timeout = health.Timeout, Deadline = health.Deadline },
            DrainFor = spec.Deploy.Drain,
            Tls = spec.Tls,
            CanonicalHost = spec.CanonicalHost,
            Rules = spec.Rules,
            Readers = spec.Rules?.Readers is { } readers ? [.. all.GroupBy(r => share?.Numbers.Contains(r.Number) == true).SelectMany(side => side.OrderBy(r => r.Number).Skip(readers.Writers)).Select(r => TargetId(r.Id))] : null,
        };
    }

    /// <summary>The same while a deployment moves its traffic: what the release gives to this service, the environment's others give up in the same moment.</summary>
    /// <inheritdoc cref="For"/>
    public static EdgeService In(DeploymentRun run, ServiceSpec spec, IEnumerable<ObservedReplica> replicas, TrafficShare? share = null) =>
        For(spec, replicas, share) with { TakesFrom = [.. run.World.Routed.Where(s => s != spec.Name).Select(s => EdgeClient.Key(run.Environment, s))] };

    /// <summary>The part of the visitors that some of these replicas get; <see langword="null"/> when none of them is left.</summary>
    public static TrafficSplit? Split(ServiceSpec spec, TrafficShare share, IEnumerable<ObservedReplica> replicas)
    {
        var ids = replicas.Where(r => share.Numbers.Contains(r.Number)).Select(r => TargetId(r.Id)).ToList();
        var canary = spec.Canary ?? new CanarySpec();
        return ids.Count == 0 ? null : new TrafficSplit
        {
            Targets = ids,
            Share = share.Stage.Share,
            Cookie = canary.Cookie,
            Header = canary.Header,
            Allow = canary.Allow is { Count: > 0 } named ? named : null,
            Mirror = !share.Stage.Mirrored ? null : new TrafficMirror { Methods = canary.Mirror.Methods, MaxBodyBytes = canary.Mirror.MaxBody?.Bytes ?? new TrafficMirror().MaxBodyBytes },
        };
    }

    private static ProblemException NoAddress(ObservedReplica replica) => new Problem(
        "service/no-address",
        $"{replica.Service}-{replica.Number} has a route but no address on a network.",
        "It exited, or has no network: see `wherry logs`, and give the service a bridge network.").AsException();
}
