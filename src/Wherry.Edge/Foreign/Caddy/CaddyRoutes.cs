using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Wherry.Core.Model;
using Wherry.Core.Routing;
using Wherry.Edge.Switching;
using static Wherry.Edge.Foreign.Caddy.CaddyJson;

namespace Wherry.Edge.Foreign.Caddy;

/// <summary>Services as routes of Caddy: the first that matches answers, so the order says what the edge's table says.</summary>
/// <param name="trusted">Proxies in front that say how a visitor came.</param>
/// <param name="tlsPort">Where https is served; <see langword="null"/>: nowhere.</param>
internal sealed class CaddyRoutes(CaddyHandlers handlers, CaddyPages pages, IReadOnlyList<string> trusted, int? tlsPort)
{
    /// <summary>Routes with a host, and those without.</summary>
    /// <param name="Hosts">All that the first ones name.</param>
    internal sealed record Sorted(IReadOnlyList<string> Hosts, JsonArray Named, JsonArray Any);

    /// <param name="services">All of them.</param>
    /// <param name="secure">For who asks over TLS; else for who does not.</param>
    public Sorted Of(IReadOnlyList<SavedService> services, bool secure)
    {
        var table = services.Aggregate(RouteTable.Empty, (t, s) => t.With(s.Key, s.Service.Routes));
        var byKey = services.ToDictionary(s => s.Key, StringComparer.Ordinal);
        var all = from saved in services from route in saved.Service.Routes select (saved, route, tls: TlsOf(table, byKey, route.Host));
        var served = all.Where(r => !secure || r.tls is not null || r.route.Host is null)
            .OrderBy(r => r.route.Host is null ? 2 : r.route.Host.IsWildcard ? 1 : 0)
            .ThenBy(r => r.route.Host?.Value, StringComparer.Ordinal)
            .ThenByDescending(r => r.route.Path == PathPrefix.Root ? 0 : r.route.Path.Value.Split('/').Length)
            .ThenBy(r => r.route.Path.Value, StringComparer.Ordinal)
            .ToList();
        return new(
            [.. served.Select(r => r.route.Host?.Value).OfType<string>().Distinct()],
            [.. served.Where(r => r.route.Host is not null).Select(Translate)],
            [.. served.Where(r => r.route.Host is null).Select(Translate)]);

        JsonNode Translate((SavedService Saved, Route Route, TlsSettings? Tls) r) => Whole(r.Saved, r.Route, secure, !secure && tlsPort is not null && r.Tls is { Redirect: true });
    }

    /// <summary>Names targets without sending them anything, so that Caddy does not forget what it still works on for them.</summary>
    public static JsonObject Leaving(IEnumerable<string> dials) => Route(
        Not([]),
        new JsonObject { ["handler"] = "reverse_proxy", ["upstreams"] = new JsonArray([.. dials.Order(StringComparer.Ordinal).Select(d => new JsonObject { ["dial"] = d })]) });

    private static TlsSettings? TlsOf(RouteTable table, Dictionary<string, SavedService> byKey, HostName? host) =>
        host is null ? null : table.FindSpeaker(host.Value) is { } speaker ? byKey[speaker.Key].Service.Tls : null;

    private JsonObject Whole(SavedService saved, Route route, bool secure, bool toTls)
    {
        List<JsonNode> steps = [];
        steps.AddRange(Moves(saved.Service, secure, toTls));
        if (!toTls || trusted.Count > 0)
        {
            steps.AddRange(handlers.Of(saved, route));
        }

        return Route(Match(route), [.. steps]);
    }

    /// <summary>To https and to the canonical host, in one step where both are wanted.</summary>
    private IEnumerable<JsonObject> Moves(EdgeService service, bool secure, bool toTls)
    {
        var port = toTls ? tlsPort == 443 ? "" : string.Create(CultureInfo.InvariantCulture, $":{tlsPort}") : null;
        var canonical = service.CanonicalHost?.Value;
        if (toTls)
        {
            var came = Ranges(trusted);
            came["header"] = new JsonObject { ["X-Forwarded-Proto"] = Array("https") };
            yield return Subroute(Route(trusted.Count > 0 ? Not(came) : null, Redirect($"https://{canonical ?? "{http.request.host}"}{port}{{http.request.uri}}", permanent: true)));
        }
        else if (canonical is not null)
        {
            // The port that was asked for stays.
            var elsewhere = Not(new() { ["host"] = Array(canonical) });
            var scheme = secure ? "https" : "http";
            yield return Subroute(Route(elsewhere, Subroute(
                Route(new() { ["header_regexp"] = new JsonObject { ["Host"] = new JsonObject { ["name"] = "wherry_port", ["pattern"] = ":([0-9]+)$" } } }, Redirect($"{scheme}://{canonical}:{{http.regexp.wherry_port.1}}{{http.request.uri}}", permanent: true)),
                Route(null, Redirect($"{scheme}://{canonical}{{http.request.uri}}", permanent: true)))));
        }
    }

    private static JsonObject Match(Route route)
    {
        var match = new JsonObject();
        if (route.Host is { } host)
        {
            match["host"] = Array(host.Value);
        }

        if (route.Path != PathPrefix.Root)
        {
            // Caddy's own matcher of paths takes upper and lower case for the same.
            match["path_regexp"] = new JsonObject { ["pattern"] = $"^{Regex.Escape(Uri.UnescapeDataString(route.Path.Value))}(?:/|$)" };
        }

        return match;
    }

    /// <summary>A path that climbs is refused: the route would be chosen by what it climbs to, and the target see what it says.</summary>
    public JsonObject Climbing() => Route(
        new() { ["vars_regexp"] = new JsonObject { ["{http.request.uri.path}"] = new JsonObject { ["pattern"] = "/\\.\\.?(?:/|$)" } } },
        pages.Answer(400, "The request's address is malformed."));

    /// <summary>What is answered where no route takes a request.</summary>
    public JsonObject Nothing() => Route(null, pages.Answer(404, "Nothing is served at this address."));
}
