using System.Collections.Immutable;
using Wherry.Core.Model;
using Wherry.Core.Problems;

namespace Wherry.Core.Routing;

/// <summary>Which service a request belongs to.</summary>
/// <param name="Key">Key of the service.</param>
public sealed record RouteMatch(string Key, Route Route);

/// <summary>Which service answers for a host and a path. Immutable: a change gives a new table, and the old one stays good for whoever reads it.</summary>
/// <remarks>An exact host goes before a wildcard, a wildcard before routes without host; within a host the longest path prefix of whole segments wins. A host whose routes do not cover the path leaves it to the next in that order.</remarks>
public sealed class RouteTable
{
    private readonly ImmutableDictionary<string, PathNode> _hosts;
    private readonly ImmutableDictionary<string, PathNode> _wildcards;
    private readonly PathNode _anyHost;
    private readonly ImmutableDictionary<string, IReadOnlyList<Route>> _routes;

    private RouteTable(
        ImmutableDictionary<string, PathNode> hosts, ImmutableDictionary<string, PathNode> wildcards, PathNode anyHost, ImmutableDictionary<string, IReadOnlyList<Route>> routes)
    {
        _hosts = hosts;
        _wildcards = wildcards;
        _anyHost = anyHost;
        _routes = routes;
    }

    public static RouteTable Empty { get; } = new(
        ImmutableDictionary.Create<string, PathNode>(StringComparer.OrdinalIgnoreCase),
        ImmutableDictionary.Create<string, PathNode>(StringComparer.OrdinalIgnoreCase),
        PathNode.Empty,
        ImmutableDictionary.Create<string, IReadOnlyList<Route>>(StringComparer.Ordinal));

    /// <summary>The service for a request, or <see langword="null"/> when no route covers it.</summary>
    /// <param name="host">The <c>Host</c> header as sent, with or without port.</param>
    /// <param name="path">Decoded path.</param>
    public RouteMatch? Find(string host, string path)
    {
        var name = NameIn(host);
        if (_hosts.TryGetValue(name, out var paths) && paths.Longest(path) is { } exact)
        {
            return exact;
        }

        if (!_wildcards.IsEmpty
            && name.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot
            && _wildcards.TryGetValue(name[(dot + 1)..], out paths)
            && paths.Longest(path) is { } wildcard)
        {
            return wildcard;
        }

        return _anyHost.Longest(path);
    }

    /// <summary>Who speaks for a host as a whole: the service at its root, else one on a path of it.</summary>
    /// <param name="name">Host without port.</param>
    public RouteMatch? FindSpeaker(string name) =>
        Find(name, "/") ?? _hosts.GetValueOrDefault(name)?.Any
        ?? (name.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot ? _wildcards.GetValueOrDefault(name[(dot + 1)..])?.Any : null);

    /// <summary>The name in a <c>Host</c> header, without port and closing dot.</summary>
    public static string NameIn(string host)
    {
        // The last colon starts a port, except inside the brackets of an IPv6 address.
        var colon = host.LastIndexOf(':');
        var end = colon > host.LastIndexOf(']') ? colon : host.Length;
        if (end > 1 && host[end - 1] == '.')
        {
            end--;
        }

        return end == host.Length ? host : host[..end];
    }

    /// <summary>The routes of a service; none when it is not in the table.</summary>
    public IReadOnlyList<Route> RoutesOf(string key) => _routes.GetValueOrDefault(key, []);

    /// <summary>The table in which the services of <paramref name="from"/> have given up the hosts and paths of these routes. One that keeps none is gone.</summary>
    public RouteTable Yielding(IReadOnlyList<Route> routes, IReadOnlyCollection<string> from)
    {
        var given = routes.Select(Holder).OfType<RouteMatch>().Where(h => from.Contains(h.Key)).ToLookup(h => h.Key, h => h.Route);
        return given.Aggregate(this, (table, lost) => table._routes[lost.Key].Except(lost).ToList() is { Count: > 0 } kept ? table.With(lost.Key, kept) : table.Without(lost.Key));
    }

    /// <summary>The table in which <paramref name="key"/> has exactly these routes.</summary>
    /// <exception cref="ProblemException"><c>route/host-taken</c> when another service, or the same one twice, claims a host and path.</exception>
    public RouteTable With(string key, IReadOnlyList<Route> routes)
    {
        var table = Without(key);
        var hosts = table._hosts;
        var wildcards = table._wildcards;
        var anyHost = table._anyHost;
        foreach (var route in routes)
        {
            switch (route.Host)
            {
                case null:
                    anyHost = Claim(anyHost, key, route);
                    break;
                case { IsWildcard: true } host:
                    wildcards = wildcards.SetItem(host.Value[2..], Claim(wildcards.GetValueOrDefault(host.Value[2..]), key, route));
                    break;
                default:
                    hosts = hosts.SetItem(route.Host.Value, Claim(hosts.GetValueOrDefault(route.Host.Value), key, route));
                    break;
            }
        }

        return new(hosts, wildcards, anyHost, table._routes.SetItem(key, routes));
    }

    /// <summary>The table without the routes of <paramref name="key"/>; the same table when it has none.</summary>
    public RouteTable Without(string key)
    {
        if (!_routes.TryGetValue(key, out var routes))
        {
            return this;
        }

        var hosts = _hosts;
        var wildcards = _wildcards;
        var anyHost = _anyHost;
        foreach (var route in routes)
        {
            switch (route.Host)
            {
                case null:
                    anyHost = anyHost.Without(route.Path);
                    break;
                case { IsWildcard: true } host:
                    wildcards = Release(wildcards, host.Value[2..], route.Path);
                    break;
                default:
                    hosts = Release(hosts, route.Host.Value, route.Path);
                    break;
            }
        }

        return new(hosts, wildcards, anyHost, _routes.Remove(key));
    }

    /// <summary>Who has exactly this host and path.</summary>
    private RouteMatch? Holder(Route route) => (route.Host switch
    {
        null => _anyHost,
        { IsWildcard: true } host => _wildcards.GetValueOrDefault(host.Value[2..]),
        var host => _hosts.GetValueOrDefault(host.Value),
    })?.Exactly(route.Path);

    private static ImmutableDictionary<string, PathNode> Release(ImmutableDictionary<string, PathNode> hosts, string host, PathPrefix path)
    {
        var paths = hosts[host].Without(path);
        return paths.IsEmpty ? hosts.Remove(host) : hosts.SetItem(host, paths);
    }

    private static PathNode Claim(PathNode? paths, string key, Route route)
    {
        paths ??= PathNode.Empty;
        if (paths.Exactly(route.Path) is not { } holder)
        {
            return paths.With(route.Path, new(key, route));
        }

        var place = $"{route.Host?.Value ?? "any host"}{route.Path}";
        throw (holder.Key == key
            ? new Problem("route/host-taken", $"{key} claims {place} twice.", "Name every host and path once.")
            : new Problem("route/host-taken", $"{place} is taken by {holder.Key}.", $"Choose another host or path for {key}, or take the route from {holder.Key} first.")).AsException();
    }
}
