using System.Net;
using Wherry.Core.Model;
using Wherry.Core.Routing;
using Wherry.Edge.Targets;

namespace Wherry.Edge.Foreign.Traefik;

/// <summary>Where Traefik sends the requests of one route.</summary>
internal sealed class TraefikServices(string key, int number, Route route, EdgeService service)
{
    private readonly SortedDictionary<string, TraefikService> _all = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, ServersTransport> _transports = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, TraefikService> All => _all;

    public IReadOnlyDictionary<string, ServersTransport> Transports => _transports;

    /// <summary>Targets that answer visitors.</summary>
    public static IReadOnlyList<Target> Answering(EdgeService service) => [.. service.Targets.Where(t => service.Split?.Mirror is null || !HasShare(service, t))];

    /// <summary>Targets that take what is no request.</summary>
    public static IReadOnlyList<Target> ForTcp(EdgeService service) => service.Targets.Where(t => !HasShare(service, t)).ToList() is { Count: > 0 } others ? others : Answering(service);

    /// <summary>The service that answers.</summary>
    public string Add()
    {
        var shared = service.Targets.Where(t => HasShare(service, t)).ToList();
        var others = service.Targets.Except(shared).ToList();
        return service.Split is not { Mirror: null } split || shared.Count == 0 || others.Count == 0
            ? AddBalancer("", Answering(service))
            : AddWeighted(split, AddBalancer("shared", shared), AddBalancer("others", others));
    }

    /// <summary>The service that sends copies besides; <see langword="null"/>: nothing is copied.</summary>
    /// <param name="answers">The one that answers.</param>
    public string? AddMirror(string answers)
    {
        var shared = service.Targets.Where(t => HasShare(service, t)).ToList();
        if (service.Split is not { Mirror: { Methods.Count: > 0 } mirror, Share: > 0 } split || shared.Count == 0)
        {
            return null;
        }

        var name = TraefikNames.OfRoute(key, number, "mirrored");
        _all[name] = new() { Mirroring = new(answers, mirror.MaxBodyBytes, [new(AddBalancer("copies", shared), (int)split.Share)]) };
        return name;
    }

    private string AddWeighted(TrafficSplit split, string shared, string others)
    {
        const int Whole = 10_000;
        var share = (int)Math.Round(split.Share * Whole / 100);
        share = split.Share > 0 ? Math.Max(share, 1) : 0;
        var name = TraefikNames.OfRoute(key, number);
        _all[name] = new()
        {
            Weighted = new([.. new WeightedPart[] { new(shared, share), new(others, Whole - share) }.Where(p => p.Weight > 0)], new(new("wherry-split", HttpOnly: true)), Probes ? new() : null),
        };
        return name;
    }

    private string AddBalancer(string part, IReadOnlyList<Target> targets)
    {
        var name = TraefikNames.OfRoute(key, number, part);
        var transport = route.Rules?.FirstByteWithin is { } within ? AddTransport(within) : null;
        _all[name] = new()
        {
            LoadBalancer = new([.. targets.Select(t => new LoadServer(UrlOf(t)))], Probes ? Health(targets[0]) : null, route.Rules?.StickyCookie is { } cookie ? new(new(cookie, HttpOnly: true)) : null, transport),
        };
        return name;
    }

    private string AddTransport(TimeSpan within)
    {
        var name = TraefikNames.OfRoute(key, number);
        _transports[name] = new(new(TraefikNames.Duration(within)));
        return name;
    }

    /// <summary>Traefik's probes ask for a path, in HTTP/1.1. Without one, and where a port speaks HTTP/2 alone, the edge's own probes are those that there are.</summary>
    private bool Probes => service.Probe.Path is not null && service.Routes.All(r => r.Protocol is RouteProtocol.Http1);

    private ServiceHealth Health(Target target)
    {
        var plan = ProbePlan.Of(service, target);
        return new(plan.Path!, plan.Port, plan.Host == target.Address ? null : plan.Host, TraefikNames.Duration(plan.Interval), TraefikNames.Duration(plan.Timeout), FollowRedirects: false);
    }

    private string UrlOf(Target target) => $"{(route.Protocol is RouteProtocol.H2c ? "h2c" : "http")}://{new IPEndPoint(IPAddress.Parse(target.Address), route.Port)}";

    private static bool HasShare(EdgeService service, Target target) => service.Split?.Targets.Contains(target.Id) == true;
}
