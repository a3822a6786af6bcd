using System.Net;
using Wherry.Core.Model;
using Wherry.Core.Routing;

namespace Wherry.Edge.Foreign.Traefik;

/// <summary>What Traefik does with the requests of one route besides handing them on, in the order in which our own edge does it.</summary>
internal sealed class TraefikMiddlewares(string key, int route)
{
    private readonly SortedDictionary<string, TraefikMiddleware> _all = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, TraefikMiddleware> All => _all;

    /// <summary>Who may ask, and how often.</summary>
    public IReadOnlyList<string> Admission(RouteRules? rules) =>
    [
        .. Named("allow", rules?.Allow is { } allow ? new() { IpAllowList = Open(allow, null) } : null),
        .. Named("rate", rules?.RateLimit is { } limit ? new() { RateLimit = new(limit.Requests, TraefikNames.Duration(limit.Per), limit.Burst ?? limit.Requests, limit.Header is { } header ? new(header) : null) } : null),
    ];

    /// <summary>Sends every request elsewhere.</summary>
    public IReadOnlyList<string> Redirect(Redirection redirect) => Named("redirect", new() { RedirectRegex = Regex(redirect) });

    /// <summary>Sends every request to a service's one host.</summary>
    public IReadOnlyList<string> Canonical(HostName host, bool toHttps) =>
        Named(toHttps ? "canonical-https" : "canonical", new() { RedirectRegex = new("^(https?)://[^/?]*(.*)$", $"{(toHttps ? "https" : "${1}")}://{host.Value}${{2}}", Permanent: true) });

    /// <summary>Who is asked for a password, or asked about.</summary>
    public IReadOnlyList<string> Passwords(RouteRules? rules) =>
    [
        .. Named("passwords", rules?.BasicAuth is { } users ? new() { BasicAuth = new([.. users.Select(u => $"{u.Key}:{u.Value}")], "restricted", RemoveHeader: true) } : null),
        .. Named("auth", rules?.ForwardAuth is { } auth ? new() { ForwardAuth = new(auth.Url, auth.CopyHeaders is { Count: > 0 } copied ? copied : null) } : null),
    ];

    /// <summary>Closed to all but these.</summary>
    public IReadOnlyList<string> Maintenance(IReadOnlyList<string>? allow) => Named("maintenance", new() { IpAllowList = Closed(allow) });

    /// <summary>503 for everybody else.</summary>
    public static AddressList Closed(IReadOnlyList<string>? allow) => Open(allow ?? [], 503);

    /// <summary>Addresses as Go reads them; where there are none, one that no visitor has: Traefik takes no empty list.</summary>
    public static AddressList Open(IReadOnlyList<string> addresses, int? otherwise) =>
        new(addresses.Count == 0 ? ["255.255.255.255/32"] : [.. addresses.Select(a => IPAddress.TryParse(a, out var one) ? one.ToString() : IPNetwork.Parse(a).ToString())], otherwise);

    /// <summary>What becomes of a request on its way to a target, and of its answer.</summary>
    public IReadOnlyList<string> Handling(Route route, EdgeService service)
    {
        var rules = route.Rules;
        return
        [
            .. Named("compress", rules?.Compress == true ? new() { Compress = new() } : null),
            .. Named("headers", Headers(rules)),
            .. Named("bodies", Bodies(rules?.Buffer, rules?.MaxBody ?? service.MaxBodyBytes)),
            .. Named("strip", route.StripPrefix && route.Path != PathPrefix.Root ? new() { StripPrefix = new([route.Path.Value]) } : null),
            .. Named("prefix", rules?.AddPrefix is { } prefix && prefix != PathPrefix.Root ? new() { AddPrefix = new(prefix.Value) } : null),
            .. Named("retry", (rules?.Retries ?? 1) > 0 ? new() { Retry = new(1 + (rules?.Retries ?? 1)) } : null),
        ];
    }

    private IReadOnlyList<string> Named(string part, TraefikMiddleware? what)
    {
        if (what is null)
        {
            return [];
        }

        var name = TraefikNames.OfRoute(key, route, part);
        _all[name] = what;
        return [name];
    }

    /// <summary>A host alone keeps path and query; anything with a path replaces them.</summary>
    private static RegexRedirect Regex(Redirection redirect)
    {
        var to = redirect.To.Replace("$", "$$", StringComparison.Ordinal);
        return to.StartsWith('/') ? new("^(https?://[^/?]*).*$", $"${{1}}{to}", redirect.Permanent)
            : to.IndexOf('/', to.IndexOf("://", StringComparison.Ordinal) + 3) >= 0 ? new("^.*$", to, redirect.Permanent)
            : new("^https?://[^/?]*(.*)$", $"{to}${{1}}", redirect.Permanent);
    }

    private static TraefikMiddleware? Headers(RouteRules? rules)
    {
        var request = Changes(rules?.RequestHeaders);
        var response = Changes(rules?.ResponseHeaders);
        if (rules?.NoIndex == true)
        {
            response["X-Robots-Tag"] = "noindex, nofollow";
        }

        return request.Count + response.Count > 0 ? new() { Headers = new(request.Count > 0 ? request : null, response.Count > 0 ? response : null) } : null;
    }

    /// <summary>To Traefik a header without value is one to remove. What is set and removed is set.</summary>
    private static SortedDictionary<string, string> Changes(HeaderChanges? changes)
    {
        SortedDictionary<string, string> all = new(StringComparer.OrdinalIgnoreCase);
        foreach (var name in changes?.Remove ?? [])
        {
            all[name] = "";
        }

        foreach (var (name, value) in changes?.Set ?? new Dictionary<string, string>())
        {
            all[name] = value;
        }

        return all;
    }

    private static TraefikMiddleware? Bodies(BufferRule? buffer, long? largest)
    {
        const long LargestHeld = 1 << 30; // as with our own edge
        return (buffer, largest) switch
        {
            (null, null) => null,
            (null, _) => new() { Buffering = new(largest, null, null, null) },
            _ => new() { Buffering = new(Math.Min(largest ?? LargestHeld, LargestHeld), buffer.Memory, buffer.MaxResponse, buffer.Memory) },
        };
    }
}
