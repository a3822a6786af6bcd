using System.Net;
using System.Text.Json.Nodes;
using static Wherry.Edge.Foreign.Caddy.CaddyJson;

namespace Wherry.Edge.Foreign.Caddy;

/// <summary>Wherry's part within a whole configuration of Caddy's: everything in it is marked, the rest belongs to others and stays as it is.</summary>
internal static class CaddyConfig
{
    /// <summary>Begins the <c>@id</c> of each object and the name of each server that is ours.</summary>
    public const string Mark = "wherry_";

    private const string Plain = Mark + "http";
    private const string Secure = Mark + "https";

    /// <summary>What goes in.</summary>
    /// <param name="PlainAt">Where visitors come without TLS.</param>
    /// <param name="SecureAt">Where they come with it.</param>
    /// <param name="Nothing">The route that answers what no other takes; only on servers of our own.</param>
    /// <param name="First">Routes that all requests of ours go through.</param>
    /// <param name="Leaving">Route that names targets which get nothing any more.</param>
    internal sealed record Part(IReadOnlyList<IPEndPoint> PlainAt, IReadOnlyList<IPEndPoint> SecureAt, CaddyRoutes.Sorted PlainRoutes, CaddyRoutes.Sorted SecureRoutes, Func<JsonObject> Nothing, Func<IEnumerable<JsonNode>> First, JsonObject? Leaving, JsonArray Policies, JsonArray Certificates);

    /// <summary>Whether any of it is there, other than targets that get nothing.</summary>
    public static bool HasPart(JsonObject config) => config["apps"]?["http"]?["servers"] is JsonObject servers
        && servers.Any(s => s.Key.StartsWith(Mark, StringComparison.Ordinal) || (s.Value?["routes"] is JsonArray routes && routes.Any(IsMarked)));

    /// <summary>Takes out everything that is marked.</summary>
    public static void Remove(JsonObject config)
    {
        if (config["apps"] is not JsonObject apps)
        {
            return;
        }

        if (apps["http"] is JsonObject { } http && http["servers"] is JsonObject servers)
        {
            foreach (var name in servers.Select(s => s.Key).Where(n => n.StartsWith(Mark, StringComparison.Ordinal)).ToList())
            {
                servers.Remove(name);
            }

            foreach (var server in servers.Select(s => s.Value).OfType<JsonObject>())
            {
                RemoveMarked(server, "routes");
            }
        }

        if (apps["tls"] is JsonObject tls)
        {
            if (tls["automation"] is JsonObject automation && RemoveMarked(automation, "policies") && automation.Count == 0)
            {
                tls.Remove("automation");
            }

            if (tls["certificates"] is JsonObject certificates && RemoveMarked(certificates, "load_pem") && certificates.Count == 0)
            {
                tls.Remove("certificates");
            }

            if (tls.Count == 0)
            {
                apps.Remove("tls");
            }
        }
    }

    /// <summary>Puts our part into a configuration that has none.</summary>
    /// <exception cref="Wherry.Core.Problems.ProblemException"><c>edge/proxy-refused</c>: a server is in the way.</exception>
    public static void Add(JsonObject config, Part part)
    {
        CaddyNeighbours.CheckServers(config, part.PlainAt, part.SecureAt);
        var apps = Child(config, "apps");
        var servers = Child(Child(apps, "http"), "servers");
        var leaving = part.Leaving;
        foreach (var (name, server, isOurs) in ServersFor(servers, part.PlainAt, Plain, () => new() { ["automatic_https"] = new JsonObject { ["disable"] = true } }))
        {
            AddRoutes(name, server, part.PlainRoutes, isOurs, part, leaving);
            leaving = null; // once is enough
        }

        foreach (var (name, server, isOurs) in ServersFor(servers, part.SecureAt, Secure, () => new() { ["automatic_https"] = new JsonObject { ["disable_redirects"] = true }, ["tls_connection_policies"] = Array(new JsonObject()) }))
        {
            AddRoutes(name, server, part.SecureRoutes, isOurs, part, leaving);
            leaving = null;
        }

        if (part.Policies.Count > 0)
        {
            Prepend(Child(Child(apps, "tls"), "automation"), "policies", part.Policies);
        }

        if (part.Certificates.Count > 0)
        {
            Prepend(Child(Child(apps, "tls"), "certificates"), "load_pem", part.Certificates);
        }
    }

    /// <summary>Those that listen there already, else one of our own.</summary>
    private static List<(string Name, JsonObject Server, bool IsOurs)> ServersFor(JsonObject servers, IReadOnlyList<IPEndPoint> endpoints, string name, Func<JsonObject> own)
    {
        var others = servers.Where(s => !s.Key.StartsWith(Mark, StringComparison.Ordinal) && s.Value is JsonObject).Select(s => (s.Key, Server: (JsonObject)s.Value!)).ToList();
        var taken = others.Where(o => endpoints.Any(e => CaddyListeners.Takes(o.Server, e))).ToList();
        List<(string, JsonObject, bool)> found = [.. taken.Select(t => (t.Key, t.Server, false))];
        if (endpoints.Where(e => !taken.Any(t => CaddyListeners.Takes(t.Server, e))).ToList() is { Count: > 0 } free)
        {
            var server = own();
            server["listen"] = Array(CaddyListeners.Written(free));
            server["protocols"] = Array("h1", "h2");
            servers[name] = server;
            found.Add((name, server, true));
        }

        return found;
    }

    private static void AddRoutes(string server, JsonObject into, CaddyRoutes.Sorted routes, bool isOurs, Part part, JsonObject? leaving)
    {
        var list = into["routes"] as JsonArray;
        if (list is null)
        {
            into["routes"] = list = [];
        }

        var id = server.StartsWith(Mark, StringComparison.Ordinal) ? server : Mark + server;
        // A host that somebody else names goes before our wildcard.
        List<string> wildcards = [.. routes.Hosts.Where(IsWildcard)];
        var place = CaddyNeighbours.PlaceOf(wildcards, list);
        if (place > 0)
        {
            var match = new JsonObject { ["host"] = Array(wildcards) };
            list.Insert(place, Marked(id + "_wildcards", Route(match, Subroute([.. part.First(), .. Copies(routes.Named.Where(r => IsWildcard(HostOf(r))))]))));
        }

        List<string> hosts = [.. routes.Hosts.Where(h => place == 0 || !IsWildcard(h))];
        if (hosts.Count > 0)
        {
            var match = new JsonObject { ["host"] = Array(hosts) };
            list.Insert(0, Marked(id, Route(match, Subroute([.. part.First(), .. Copies(routes.Named.Where(r => place == 0 || !IsWildcard(HostOf(r))))]))));
        }

        if (routes.Any.Count > 0)
        {
            list.Add((JsonNode)Marked(id + "_any", Route(null, Subroute([.. part.First(), .. Copies(routes.Any)]))));
        }

        if (leaving is not null)
        {
            list.Insert(0, Marked(id + "_leaving", leaving));
        }

        if (isOurs)
        {
            list.Add((JsonNode)Marked(id + "_nothing", Route(null, Subroute([.. part.First(), part.Nothing()]))));
        }
    }

    /// <summary>A node has one place only.</summary>
    private static IEnumerable<JsonNode> Copies(IEnumerable<JsonNode?> routes) => routes.Select(r => r!.DeepClone());

    /// <summary>Of a route with one.</summary>
    private static string HostOf(JsonNode? route) => route!["match"]![0]!["host"]![0]!.GetValue<string>();

    private static bool IsWildcard(string host) => host.StartsWith('*');

    public static JsonObject Marked(string id, JsonObject node)
    {
        node["@id"] = id;
        return node;
    }

    public static bool IsMarked(JsonNode? node) => node is JsonObject o && o["@id"] is JsonValue id && id.TryGetValue<string>(out var text) && text.StartsWith(Mark, StringComparison.Ordinal);

    /// <returns>Whether the list went with its last entry.</returns>
    private static bool RemoveMarked(JsonObject parent, string list)
    {
        if (parent[list] is not JsonArray array || array.RemoveAll(IsMarked) == 0 || array.Count > 0)
        {
            return false;
        }

        parent.Remove(list);
        return true;
    }

    private static void Prepend(JsonObject parent, string list, JsonArray nodes)
    {
        var before = parent[list] as JsonArray ?? [];
        parent.Remove(list);
        parent[list] = new JsonArray([.. nodes.Concat(before).Select(n => n?.DeepClone())]);
    }

    private static JsonObject Child(JsonObject parent, string name)
    {
        if (parent[name] is not JsonObject child)
        {
            parent[name] = child = [];
        }

        return child;
    }
}
