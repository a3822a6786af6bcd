using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Wherry.Core.Model;
using Wherry.Core.Routing;
using static Wherry.Edge.Foreign.Caddy.CaddyJson;

namespace Wherry.Edge.Foreign.Caddy;

/// <summary>The way to the targets of a service.</summary>
internal sealed class CaddyUpstreams(TimeSpan connectWithin)
{
    /// <summary>As often the edge itself asks another target when one refuses the connection.</summary>
    private const int MostRefusals = 3;

    public JsonObject Of(EdgeService service, Route route, RouteRules rules, IReadOnlyList<string> trusted)
    {
        var proxy = new JsonObject
        {
            ["handler"] = "reverse_proxy",
            ["upstreams"] = new JsonArray([.. service.Targets.Select(t => new JsonObject { ["dial"] = new IPEndPoint(IPAddress.Parse(t.Address), route.Port).ToString() })]),
            ["load_balancing"] = Balancing(service, rules),
            ["transport"] = Transport(route, rules), // no flush_interval: -1 has Caddy 2.6 break off what is in flight when its configuration changes
        };
        if (service.Targets.Count > 1)
        {
            // The only one that there is gets the requests whatever a probe says.
            proxy["health_checks"] = Health(service, route);
        }

        if (Headers(route, rules) is { Count: > 0 } headers)
        {
            proxy["headers"] = headers;
        }

        if (trusted.Count > 0)
        {
            proxy["trusted_proxies"] = Array(trusted);
        }

        return proxy;
    }

    private static JsonObject Balancing(EdgeService service, RouteRules rules)
    {
        var policy = rules.StickyCookie is { } cookie
            ? new JsonObject { ["policy"] = "cookie", ["name"] = cookie, ["secret"] = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(cookie))) } // it hides an address from visitors, no more
            : new JsonObject { ["policy"] = service.Rules?.Balance is Balance.LeastRequests ? "least_conn" : "round_robin" };
        return new()
        {
            ["selection_policy"] = policy,
            ["retries"] = rules.Retries ?? MostRefusals,
            ["retry_match"] = Array(Methods("GET", "HEAD", "OPTIONS", "TRACE")),
        };
    }

    private JsonObject Transport(Route route, RouteRules rules)
    {
        var transport = new JsonObject
        {
            ["protocol"] = "http",
            ["dial_timeout"] = Duration(connectWithin),
            ["versions"] = route.Protocol is RouteProtocol.H2c ? Array("h2c", "2") : Array("1.1"),
        };
        if (rules.FirstByteWithin is { } first)
        {
            transport["response_header_timeout"] = Duration(first);
        }

        return transport;
    }

    private static JsonObject Health(EdgeService service, Route route)
    {
        var probe = service.Probe;
        if (probe.Path is null)
        {
            return new() { ["passive"] = new JsonObject { ["fail_duration"] = "10s", ["max_fails"] = 3 } };
        }

        var active = new JsonObject
        {
            ["uri"] = probe.Path,
            ["interval"] = Duration(probe.Interval),
            ["timeout"] = Duration(probe.Timeout),
        };
        if (probe.Port is { } port && port != route.Port)
        {
            active["port"] = port;
        }

        if ((probe.Host ?? service.Routes.Select(r => r.Host).FirstOrDefault(h => h is { IsWildcard: false })?.Value) is { } host)
        {
            active["headers"] = new JsonObject { ["Host"] = Array(host) };
        }

        return new() { ["active"] = active };
    }

    private static JsonObject Headers(Route route, RouteRules rules)
    {
        var headers = new JsonObject();
        if (Changes(rules.RequestHeaders, [], isRequest: true) is { } request)
        {
            headers["request"] = request;
        }

        var response = Changes(rules.ResponseHeaders, rules.NoIndex ? [("X-Robots-Tag", "noindex, nofollow")] : []);
        if (route.StripPrefix && route.Path != PathPrefix.Root)
        {
            // A cookie for a path of the service is one for a path below the prefix.
            (response ??= [])["replace"] = new JsonObject { ["Set-Cookie"] = Below(route.Path.Value) };
        }

        if (response is not null)
        {
            headers["response"] = response;
        }

        return headers;
    }

    /// <summary>One step after the other; what is done already is marked, and the mark comes off at the end.</summary>
    private static JsonArray Below(string prefix)
    {
        var (own, written) = (Regex.Escape(prefix), prefix.Replace("$", "$$", StringComparison.Ordinal));
        return
        [
            Step("(?i)^(__Host-.*)$", "\u0001$1"),
            Step($"(?i)^([^\u0001].*?;\\s*)path=({own}(?:/[^;]*)?\\s*(?:;.*)?)$", "\u0001${1}Path=${2}"),
            Step("(?i)^([^\u0001].*?;\\s*)path=/\\s*(;.*)?$", $"\u0001${{1}}Path={written}${{2}}"),
            Step("(?i)^([^\u0001].*?;\\s*)path=(/.*)$", $"\u0001${{1}}Path={written}${{2}}"),
            Step("^([^\u0001].*)$", $"${{1}}; Path={written}"),
            Step("^\u0001", ""),
        ];

        static JsonNode Step(string search, string replace) => new JsonObject { ["search_regexp"] = search, ["replace"] = replace };
    }

    private static JsonObject? Changes(HeaderChanges? changes, IReadOnlyList<(string Name, string Value)> more, bool isRequest = false)
    {
        var set = (changes?.Set ?? new Dictionary<string, string>()).Select(h => (h.Key, h.Value)).Where(h => !more.Any(m => IsSame(m.Name, h.Key))).Concat(more).ToList();
        if (set.Count == 0 && changes is not { Remove.Count: > 0 })
        {
            return null;
        }

        var written = new JsonObject();
        if (set.Count > 0)
        {
            var fields = new JsonObject();
            foreach (var (name, value) in set)
            {
                fields[name] = Array(Plain(value));
            }

            written["set"] = fields;
        }

        // Caddy sets first and deletes then: what is set stays, and of it only what looks like its name may go.
        IEnumerable<string> gone = isRequest ? Names([.. changes?.Remove ?? [], .. set.Select(h => h.Item1)]).Select(n => n!.GetValue<string>()) : changes?.Remove ?? [];
        if (gone.Where(n => !set.Any(h => IsSame(h.Item1, n))).ToList() is { Count: > 0 } deleted)
        {
            written["delete"] = Array(deleted);
        }

        return written;
    }

    private static bool IsSame(string one, string other) => one.Equals(other, StringComparison.OrdinalIgnoreCase);
}
