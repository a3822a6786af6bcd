using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Wherry.Core.Model;
using Wherry.Core.Routing;
using Wherry.Edge.Switching;
using static Wherry.Edge.Foreign.Caddy.CaddyJson;

namespace Wherry.Edge.Foreign.Caddy;

/// <summary>What is done with the requests of one route, in the edge's order: addresses, redirect, passwords, maintenance, then the way to a target.</summary>
internal sealed class CaddyHandlers(CaddyPages pages, CaddyUpstreams upstreams, IReadOnlyList<string> trusted)
{
    private static readonly string[] SetByCaddy = ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host"];

    /// <summary>What only the edge may say, and a proxy that is trusted.</summary>
    private static readonly string[] Claims = [.. SetByCaddy, "X-Forwarded-Port", "X-Forwarded-Prefix", "X-Forwarded-Server", "X-Forwarded-Ssl", "X-Real-Ip", "Forwarded", "X-Wherry-Target", "X-Wherry-Mirror"];

    public IEnumerable<JsonObject> Of(SavedService saved, Route route)
    {
        var (service, rules) = (saved.Service, route.Rules ?? new());
        var own = service.Rules?.ErrorPages;
        foreach (var guard in Addresses(rules, own))
        {
            yield return guard;
        }

        if (rules.Redirect is { } redirect)
        {
            yield return Redirect(Place(redirect.To), redirect.Permanent);
            yield break;
        }

        if (rules.BasicAuth is { } users)
        {
            yield return Passwords(users);
            yield return new() { ["handler"] = "headers", ["request"] = new JsonObject { ["delete"] = Array("Authorization") } }; // it was for the edge
        }

        if (rules.ForwardAuth is { } auth)
        {
            yield return CaddyForwardAuth.Of(auth);
        }

        if (saved.Mode is ServiceMode.Maintenance)
        {
            yield return Closed(saved, route);
        }

        if (service.Targets.Count == 0)
        {
            yield return pages.Answer(503, "This service is stopped.", own);
            yield break;
        }

        if ((rules.MaxBody ?? service.MaxBodyBytes) is { } most)
        {
            // What says its length is told so; of the rest Caddy finds out while it reads.
            const string Length = "{http.request.header.Content-Length}";
            yield return Subroute(Route(new() { ["expression"] = string.Create(CultureInfo.InvariantCulture, $"{Length}.matches('^[0-9]+$') && int({Length}) > {most}") }, pages.Answer(413, "The request is larger than this service takes.", own)));
            yield return new() { ["handler"] = "request_body", ["max_size"] = most };
        }

        foreach (var step in Way(service, route, rules))
        {
            yield return step;
        }
    }

    private IEnumerable<JsonObject> Addresses(RouteRules rules, IReadOnlyDictionary<string, string>? own)
    {
        const string Message = "This address is not open to you.";
        if (rules.Deny is { Count: > 0 } deny)
        {
            yield return Subroute(Route(Ranges(deny), pages.Answer(403, Message, own)));
        }

        if (rules.Allow is { } allow)
        {
            yield return Subroute(Route(allow.Count == 0 ? null : Not(Ranges(allow)), pages.Answer(403, Message, own)));
        }
    }

    private static JsonObject Passwords(IReadOnlyDictionary<string, string> users) => new()
    {
        ["handler"] = "authentication",
        ["providers"] = new JsonObject
        {
            ["http_basic"] = new JsonObject
            {
                ["hash"] = new JsonObject { ["algorithm"] = "bcrypt" },
                ["hash_cache"] = new JsonObject(),
                ["accounts"] = new JsonArray([.. users.OrderBy(u => u.Key, StringComparer.Ordinal).Select(u => new JsonObject
                {
                    ["username"] = Plain(u.Key),
                    ["password"] = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(u.Value)),
                })]),
            },
        },
    };

    /// <summary>The path of its probe goes on answering: a load balancer in front must not take the machine out.</summary>
    private JsonObject Closed(SavedService saved, Route route)
    {
        List<JsonNode> routes = [];
        if (saved.Service.Probe.Path is { } probe && route.Rules?.AddPrefix is null)
        {
            var seen = route is { StripPrefix: true } && route.Path != PathPrefix.Root ? route.Path.Value + probe : probe;
            var match = Methods("GET", "HEAD");
            match["path_regexp"] = new JsonObject { ["pattern"] = $"^{Regex.Escape(seen)}$" };
            routes.Add(Route(match, new JsonObject { ["handler"] = "static_response", ["status_code"] = 200 }));
        }

        var page = pages.Answer(503, saved.Message ?? "This service is under maintenance and will be back soon.", saved.Service.Rules?.ErrorPages, saved.Until);
        routes.Add(Route(saved.Allow is { Count: > 0 } allow ? Not(Ranges(allow)) : null, page));
        return Subroute([.. routes]);
    }

    private IEnumerable<JsonObject> Way(EdgeService service, Route route, RouteRules rules)
    {
        if (route.StripPrefix && route.Path != PathPrefix.Root)
        {
            yield return new() { ["handler"] = "rewrite", ["strip_path_prefix"] = Plain(route.Path.Value) };
        }

        if (rules.AddPrefix is { } prefix && prefix != PathPrefix.Root)
        {
            // Where nothing is left of a path whose prefix was taken off, it is the root.
            var empty = Route(new() { ["vars"] = new JsonObject { ["{http.request.uri.path}"] = Array("") } }, new JsonObject { ["handler"] = "rewrite", ["uri"] = $"{Plain(prefix.Value)}/?{{http.request.uri.query}}" });
            var other = Route(null, new JsonObject { ["handler"] = "rewrite", ["uri"] = $"{Plain(prefix.Value)}{{http.request.uri}}" });
            (empty["group"], other["group"]) = ("prefix", "prefix"); // the first that matches, alone
            yield return Subroute(empty, other);
        }

        if (rules.Compress)
        {
            yield return new() { ["handler"] = "encode", ["encodings"] = new JsonObject { ["gzip"] = new JsonObject(), ["zstd"] = new JsonObject() }, ["prefer"] = Array("zstd", "gzip") };
        }

        yield return Subroute(Route(Not(new() { ["header"] = new JsonObject { ["X-Request-Id"] = Array("*") } }), SetHeader("X-Request-Id", "{http.request.uuid}")));
        yield return Subroute(Route(Not(new() { ["header"] = new JsonObject { ["X-Request-Start"] = Array("*") } }), SetHeader("X-Request-Start", "{time.now.unix_ms}")));
        var claims = new JsonObject { ["handler"] = "headers", ["request"] = new JsonObject { ["delete"] = Array(Names(Claims).Select(n => n!.GetValue<string>()).Except(SetByCaddy)) } };
        yield return trusted.Count == 0 ? claims : Subroute(Route(Not(Ranges(trusted)), claims));
        yield return upstreams.Of(service, route, rules, trusted);
    }

    private static JsonObject SetHeader(string name, string value) => new() { ["handler"] = "headers", ["request"] = new JsonObject { ["set"] = new JsonObject { [name] = Array(value) } } };

    /// <summary>A host alone keeps path and query; anything with a path replaces them.</summary>
    private static string Place(string to) =>
        to.StartsWith('/') || to.IndexOf('/', to.IndexOf("://", StringComparison.Ordinal) + 3) >= 0 ? Plain(to) : Plain(to) + "{http.request.uri}";
}
