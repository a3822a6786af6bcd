using System.Net;
using System.Text.Json.Nodes;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Core.Routing;

namespace Wherry.Edge.Foreign.Caddy;

/// <summary>Other people's routes on the servers of Caddy's that ours join.</summary>
internal static class CaddyNeighbours
{
    /// <summary>What of a service would take from others what is theirs, or never be reached behind what they have.</summary>
    /// <param name="config">Without anything of ours.</param>
    /// <exception cref="ProblemException"><c>edge/proxy-refused</c>.</exception>
    public static void Check(JsonObject config, EdgeService service, EdgeListen listen)
    {
        foreach (var (name, server, isSecure) in Joined(config, listen))
        {
            List<Route> ours = [.. service.Routes.Where(r => r.Host is null || !isSecure || service.Tls is not null)];
            List<JsonObject> theirs = [.. RoutesOf(server)];
            if (ours.Select(r => r.Host?.Value).OfType<string>().FirstOrDefault(h => theirs.SelectMany(HostsOf).Contains(h, StringComparer.OrdinalIgnoreCase)) is { } host)
            {
                throw Refused($"Caddy's server {name} has a route of its own for {host}.", $"Take {host} out of Caddy's own configuration, or choose another host.");
            }

            if (ours.Any(r => r.Host is null) && theirs.Any(TakesAll))
            {
                throw Refused($"Caddy's server {name} has a route of its own that takes every host: one without a host would never be asked.", "Name the service's hosts, or take that route out of Caddy's own configuration.");
            }
        }
    }

    /// <exception cref="ProblemException"><c>edge/proxy-refused</c>: one listens where visitors come with TLS, and where they come without it.</exception>
    public static void CheckServers(JsonObject config, IReadOnlyList<IPEndPoint> plain, IReadOnlyList<IPEndPoint> secure)
    {
        if (ServersOf(config).FirstOrDefault(s => plain.Any(e => CaddyListeners.Takes(s.Server, e)) && secure.Any(e => CaddyListeners.Takes(s.Server, e))) is { Name: { } both })
        {
            throw Refused($"Caddy's server {both} listens both where Wherry's visitors come with TLS and where they come without it.", "Let two servers listen there, one for each port, or give Wherry other ports: `wherry up --port N --tls-port N`.");
        }
    }

    /// <summary>Where among the routes of a server ours for wildcards go: behind each of others that names a host below one of them.</summary>
    public static int PlaceOf(IReadOnlyList<string> wildcards, JsonArray routes)
    {
        var last = routes.Select((r, i) => (Route: r as JsonObject, Place: i + 1)).LastOrDefault(r => r.Route is { } route && !CaddyConfig.IsMarked(route) && HostsOf(route).Any(h => wildcards.Any(w => IsBelow(h, w))));
        return last.Place;
    }

    private static bool IsBelow(string host, string wildcard) => host.Length >= wildcard.Length && host.EndsWith(wildcard[1..], StringComparison.OrdinalIgnoreCase) && host[0] != '*';

    private static IEnumerable<(string Name, JsonObject Server, bool IsSecure)> Joined(JsonObject config, EdgeListen listen) =>
        from server in ServersOf(config)
        from side in new[] { (At: listen.Plain, IsSecure: false), (At: listen.Secure, IsSecure: true) }
        where side.At.Any(e => CaddyListeners.Takes(server.Server, e))
        select (server.Name, server.Server, side.IsSecure);

    private static IEnumerable<(string Name, JsonObject Server)> ServersOf(JsonObject config) =>
        from server in config["apps"]?["http"]?["servers"] as JsonObject ?? []
        where server.Value is JsonObject && !server.Key.StartsWith(CaddyConfig.Mark, StringComparison.Ordinal)
        select (server.Key, (JsonObject)server.Value!);

    private static IEnumerable<JsonObject> RoutesOf(JsonObject server) => (server["routes"] as JsonArray ?? []).OfType<JsonObject>();

    private static IEnumerable<string> HostsOf(JsonObject route) =>
        from match in (route["match"] as JsonArray ?? []).OfType<JsonObject>()
        from host in (match["host"] as JsonArray ?? []).OfType<JsonValue>()
        where host.GetValueKind() is System.Text.Json.JsonValueKind.String
        select host.GetValue<string>();

    private static bool TakesAll(JsonObject route) => route["match"] is not JsonArray { Count: > 0 } match || match.Any(m => m is JsonObject { Count: 0 });

    private static ProblemException Refused(string what, string hint) => new Problem("edge/proxy-refused", what, hint).AsException();
}
