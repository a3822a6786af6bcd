using Wherry.Core.Model;
using Wherry.Core.Routing;

namespace Wherry.Edge.Foreign.Caddy;

/// <summary>What of a service Caddy cannot do.</summary>
internal static class CaddyRefusals
{
    /// <param name="service">What is asked for.</param>
    /// <param name="behindProxies">Others stand in front, so that the peer's address is not the visitor's.</param>
    public static IEnumerable<Unsupported> Of(EdgeService service, bool behindProxies)
    {
        if (service.Tcp is { Count: > 0 })
        {
            yield return new("TCP routes", "Publish the port with Compose's `ports`");
        }

        if (service.Split is { } split)
        {
            yield return new(split.Mirror is null ? "a share of the visitors for some replicas (canary)" : "copies of requests (mirror)", "Deploy without a trial");
        }

        if (service.Tls?.OnDemand is not null)
        {
            yield return new("certificates on demand (`tls.on_demand`)", "List the hosts");
        }

        if (service.Files is not null || service.Rules?.Files is not null)
        {
            yield return new("`files`", "Let the service answer for its files");
        }

        if (service.Rules?.Readers is not null)
        {
            yield return new("`readers`");
        }

        if (service.Rules?.Quiet is not null)
        {
            yield return new("`quiet`");
        }

        if (service.Rules?.Outliers is not null)
        {
            yield return new("`outliers`", "A probe takes a failing replica out as well");
        }

        if (service.Rules?.ErrorPages is not null)
        {
            yield return new("`error_pages`");
        }

        foreach (var refusal in service.Routes.Select(r => r.Rules).OfType<RouteRules>().SelectMany(r => Of(r, behindProxies)).DistinctBy(r => r.What))
        {
            yield return refusal;
        }

        if (service is { Rules.Balance: Balance.LeastRequests } && service.Routes.Any(r => r.Rules?.StickyCookie is not null))
        {
            yield return new("`sticky_cookie` with `balance: least_requests`", "Leave one of them out");
        }
    }

    private static IEnumerable<Unsupported> Of(RouteRules rules, bool behindProxies)
    {
        if (rules.RateLimit is not null)
        {
            yield return new("`rate_limit`");
        }

        if (rules.Buffer is not null)
        {
            yield return new("`buffer`");
        }

        if (rules.SilentFor is not null)
        {
            yield return new("`timeouts.silence`");
        }

        if (rules.BasicAuth is { } users && users.Values.Any(h => !h.StartsWith("$2", StringComparison.Ordinal)))
        {
            yield return new("`basic_auth` with other hashes than bcrypt's", "Make them with `htpasswd -nB`");
        }

        if (new[] { rules.RequestHeaders, rules.ResponseHeaders }.OfType<HeaderChanges>().SelectMany(c => (c.Set?.Keys ?? []).Concat(c.Remove ?? [])).Any(n => n.Contains('*', StringComparison.Ordinal)))
        {
            yield return new("a header whose name has a `*`", "Name each header: Caddy takes `*` for any text");
        }

        if (behindProxies && (rules.Allow ?? rules.Deny) is not null)
        {
            yield return new("`allow` and `deny` behind a trusted proxy");
        }
    }
}
