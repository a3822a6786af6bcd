using Wherry.Core.Model;

namespace Wherry.Compose.Writing;

/// <summary>Entries of <c>x-wherry.routes</c> and <c>x-wherry.tcp</c>.</summary>
internal static class RouteWriter
{
    public static YamlMapping Write(Route route)
    {
        var written = new YamlMapping
        {
            ["host"] = route.Host?.Value,
            ["path"] = route.Path == PathPrefix.Root ? null : Escaped.Text(route.Path.Value),
            ["port"] = route.Port,
            ["protocol"] = route.Protocol == RouteProtocol.Http1 ? null : TextForm.Of(route.Protocol),
            ["strip_prefix"] = route.StripPrefix ? true : null,
        };
        if (route.Rules is { } rules)
        {
            AddRules(written, rules);
        }

        return written;
    }

    public static YamlMapping Write(TcpRoute route)
    {
        var standard = new TcpRoute(route.Listen, route.Port);
        return new()
        {
            ["listen"] = route.Listen,
            ["port"] = route.Port,
            ["address"] = route.Address,
            ["silent_for"] = route.SilentFor == standard.SilentFor ? null : TextForm.Of(route.SilentFor),
            ["max_connections"] = route.MaxConnections == standard.MaxConnections ? null : route.MaxConnections,
            ["send_proxy"] = route.SendProxy is { } version ? version : null,
        };
    }

    private static void AddRules(YamlMapping written, RouteRules rules)
    {
        written["redirect"] = rules.Redirect is { } redirect ? new YamlMapping { ["to"] = Escaped.Text(redirect.To), ["permanent"] = redirect.Permanent ? true : null } : null;
        written["add_prefix"] = Escaped.Text(rules.AddPrefix?.Value);
        written["request_headers"] = Headers(rules.RequestHeaders);
        written["response_headers"] = Headers(rules.ResponseHeaders);
        written["compress"] = rules.Compress ? true : null;
        written["allow"] = Escaped.List(rules.Allow);
        written["deny"] = Escaped.List(rules.Deny);
        written["rate_limit"] = Limit(rules.RateLimit);
        written["basic_auth"] = rules.BasicAuth is { Count: 0 } ? new YamlMapping() : Escaped.Pairs(rules.BasicAuth);
        written["forward_auth"] = rules.ForwardAuth is { } auth ? new YamlMapping { ["url"] = Escaped.Text(auth.Url), ["copy_headers"] = Escaped.List(auth.CopyHeaders) } : null;
        written["no_index"] = rules.NoIndex ? true : null;
        written["max_body"] = rules.MaxBody is { } body ? TextForm.OfSize(body) : null;
        written["first_byte_within"] = rules.FirstByteWithin is { } first ? TextForm.Of(first) : null;
        written["silent_for"] = rules.SilentFor is { } silent ? TextForm.Of(silent) : null;
        written["sticky_cookie"] = rules.StickyCookie;
        written["buffer"] = Buffer(rules.Buffer);
        written["retries"] = rules.Retries is { } retries ? retries : null;
    }

    private static YamlMapping? Headers(HeaderChanges? changes) => changes is null ? null : new() { ["set"] = Escaped.Pairs(changes.Set), ["remove"] = Escaped.Some(changes.Remove) };

    private static YamlMapping? Limit(RateLimit? limit) => limit is null ? null : new()
    {
        ["requests"] = limit.Requests,
        ["per"] = TextForm.Of(limit.Per),
        ["burst"] = limit.Burst is { } burst ? burst : null,
        ["header"] = limit.Header,
    };

    private static YamlMapping? Buffer(BufferRule? rule) => rule is null ? null : new()
    {
        ["requests"] = rule.Requests,
        ["responses"] = rule.Responses,
        ["memory"] = TextForm.OfSize(rule.Memory),
        ["max_response"] = TextForm.OfSize(rule.MaxResponse),
    };
}
