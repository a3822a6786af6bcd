using Wherry.Core.Model;
using Wherry.Core.Routing;

namespace Wherry.Edge.Foreign.Traefik;

/// <summary>What of a service Traefik cannot do by a file, or would do otherwise than our own edge in a way that somebody relies on.</summary>
internal static class TraefikRefusals
{
    private static readonly TcpRoute PlainTcp = new(1, 1);

    public static IEnumerable<Unsupported> Of(EdgeService service) =>
    [
        .. service.Routes.SelectMany(Of),
        .. (service.Tcp ?? []).SelectMany(Of),
        .. Of(service.Split),
        .. Of(service.Rules),
        .. When(service.Files is not null && service.Rules?.Files is null, "files"),
        .. When(service.Targets.Any(t => t.Address.Contains('%', StringComparison.Ordinal)), "an address with a zone"),
        .. When(service.MaxBodyBytes == 0, "max_body of 0", "Traefik takes 0 for no limit; allow one byte"),
        .. When(service.Tls?.OnDemand is not null, "tls.on_demand", "List the hosts: Traefik's resolver obtains their certificates"),
    ];

    public static IEnumerable<Unsupported> Of(ServiceMode mode, string? message, IReadOnlyList<string>? allow) =>
    [
        .. When(mode is ServiceMode.Paused, "pause: holding requests until the service is back", "Use `wherry maintenance on`: it answers 503"),
        .. When(mode is ServiceMode.Maintenance && message is not null, "a message in maintenance", "Leave it out: Traefik answers 503 in its own words"),
        .. When(HasZone(allow), "an address with a zone"),
    ];

    private static IEnumerable<Unsupported> Of(Route route)
    {
        var rules = route.Rules;
        return
        [
            .. When(!TraefikRule.CanMatchPath(route.Path.Value), "a path with encoded or reserved characters", "Use letters, digits and . _ ~ - in it: Traefik compares other characters sometimes encoded, sometimes not"),
            .. When(rules?.AddPrefix is { } prefix && !TraefikRule.CanMatchPath(prefix.Value), "add_prefix with encoded or reserved characters", "Use letters, digits and . _ ~ - in it"),
            .. When(rules?.Deny is not null, "deny", "List who may ask under `allow`"),
            .. When(HasZone(rules?.Allow), "allow: an address with a zone"),
            .. When(rules?.SilentFor is not null, "silent_for", "Leave it out; `first_byte_within` is kept"),
            .. When(rules?.MaxBody == 0, "max_body of 0", "Traefik takes 0 for no limit; allow one byte"),
            .. When(rules?.Buffer is { Requests: false } or { Responses: false }, "buffer for requests or answers alone", "Hold both back, or neither"),
            .. When(rules?.Buffer is { Memory: 0 } or { MaxResponse: 0 }, "buffer of 0", "Traefik takes 0 for its default; say one byte"),
            .. When(Sets(rules).Any(v => v.Length == 0 || !v.All(c => c is >= ' ' and <= '~')), "a header without value, or with one that is not ASCII"),
            .. When(rules?.BasicAuth?.Any(u => !u.Value.StartsWith("$2", StringComparison.Ordinal)) == true, "basic_auth with hashes other than bcrypt", "Make them with `htpasswd -nB`"),
            .. When(rules?.BasicAuth?.Any(u => !u.Key.All(c => c is >= '!' and <= '~')) == true, "basic_auth with a name that is not ASCII"),
            .. When(rules?.BasicAuth is { Count: 0 }, "basic_auth without a name", "Shut everybody out with `allow: [127.0.0.1]`"),
        ];
    }

    private static IEnumerable<Unsupported> Of(TcpRoute route) =>
    [
        .. When(route.Address is not null, "tcp.address", $"Give Traefik's entry point {TraefikNames.EntryPoint(route)} that address"),
        .. When(route.SilentFor != PlainTcp.SilentFor, "tcp.silent_for"),
        .. When(route.MaxConnections != PlainTcp.MaxConnections, "tcp.max_connections"),
    ];

    private static IEnumerable<Unsupported> Of(TrafficSplit? split) =>
    [
        .. When(split?.Cookie is not null, "canary.cookie", "Leave it out: Traefik remembers visitors by a cookie of its own"),
        .. When(split?.Header is not null, "canary.header", "Leave it out: Traefik remembers visitors by a cookie of its own"),
        .. When(split?.Allow is { Count: > 0 }, "canary.allow"),
        .. When(split is { Mirror: not null } && split.Share != Math.Floor(split.Share), "a mirrored share in fractions of a percent", "Use whole percents"),
        .. When(split?.Mirror?.Methods.All(TraefikRule.CanMatchMethod) == false, "mirrored methods other than of capital letters"),
    ];

    private static IEnumerable<Unsupported> Of(ServiceRules? rules) =>
    [
        .. When(rules?.ErrorPages is not null, "error_pages", "Configure the errors middleware in Traefik itself"),
        .. When(rules is { Balance: not Balance.RoundRobin }, "balance: least-requests", "Leave it out: replicas take turns"),
        .. When(rules?.Readers is not null, "readers"),
        .. When(rules?.Files is not null, "files", "Let a web server in the image serve them"),
        .. When(rules?.Quiet is not null, "quiet", "Configure metrics and access log in Traefik itself"),
        .. When(rules?.Outliers is not null, "outliers", "Leave it out: probes alone take a replica out"),
    ];

    private static IEnumerable<Unsupported> When(bool asked, string what, string? instead = null) => asked ? [new(what, instead)] : [];

    private static IEnumerable<string> Sets(RouteRules? rules) => [.. rules?.RequestHeaders?.Set.Values ?? [], .. rules?.ResponseHeaders?.Set.Values ?? []];

    private static bool HasZone(IReadOnlyList<string>? addresses) => addresses?.Any(a => a.Contains('%', StringComparison.Ordinal)) == true;
}
