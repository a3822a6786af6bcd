using System.Collections.Immutable;
using Wherry.Core.Model;
using Wherry.Core.Problems;

namespace Wherry.Core.Routing;

/// <summary>Which service a connection belongs to.</summary>
/// <param name="Key">Key of the service.</param>
public sealed record TcpMatch(string Key, TcpRoute Route);

/// <summary>Which service has which port of the edge. Immutable, like <see cref="RouteTable"/>.</summary>
public sealed class TcpTable
{
    private readonly ImmutableDictionary<int, TcpMatch> _ports;

    private TcpTable(ImmutableDictionary<int, TcpMatch> ports) => _ports = ports;

    public static TcpTable Empty { get; } = new(ImmutableDictionary<int, TcpMatch>.Empty);

    public IEnumerable<TcpRoute> Routes => _ports.Values.Select(m => m.Route);

    public TcpMatch? Find(int listen) => _ports.GetValueOrDefault(listen);

    /// <summary>The ports of a service; none when it has none.</summary>
    public IReadOnlyList<TcpRoute> RoutesOf(string key) => [.. _ports.Values.Where(m => m.Key == key).Select(m => m.Route)];

    /// <summary>The table in which the services of <paramref name="from"/> have given up these ports.</summary>
    public TcpTable Yielding(IReadOnlyList<TcpRoute>? routes, IReadOnlyCollection<string> from) =>
        new(_ports.RemoveRange((routes ?? []).Select(r => Find(r.Listen)).OfType<TcpMatch>().Where(m => from.Contains(m.Key)).Select(m => m.Route.Listen)));

    /// <summary>The table in which <paramref name="key"/> has exactly these ports.</summary>
    /// <exception cref="ProblemException"><c>route/port-taken</c> when another service has one.</exception>
    public TcpTable With(string key, IReadOnlyList<TcpRoute>? routes)
    {
        var ports = Without(key)._ports;
        foreach (var route in routes ?? [])
        {
            ports = ports.GetValueOrDefault(route.Listen) is { } holder
                ? throw new Problem("route/port-taken", $"Port {route.Listen} of the edge is taken by {holder.Key}.", $"Choose another port for {key}, or take it from {holder.Key} first.").AsException()
                : ports.Add(route.Listen, new(key, route));
        }

        return ports == _ports ? this : new(ports);
    }

    public TcpTable Without(string key) => new(_ports.RemoveRange(_ports.Where(p => p.Value.Key == key).Select(p => p.Key)));
}
