using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Wherry.Core.Model;

namespace Wherry.Edge.Proxying;

/// <summary>The path and query that a target gets to see.</summary>
internal static class RequestPath
{
    /// <summary>As the client wrote it, byte for byte, less the route's prefix when that is stripped, behind the one that is added.</summary>
    public static string ForTarget(HttpContext http, Route route)
    {
        var path = route.StripPrefix && route.Path != PathPrefix.Root ? Stripped(AsSent(http), route) : AsSent(http);
        return route.Rules?.AddPrefix is { } prefix && prefix != PathPrefix.Root ? prefix + path : path;
    }

    private static string Stripped(string path, Route route)
    {
        // Whole segments are cut, because the client may have encoded the prefix in another way than the route.
        var end = 0;
        for (var segments = route.Path.Value.AsSpan().Count('/'); segments > 0; segments--)
        {
            var next = path.AsSpan(end + 1).IndexOfAny('/', '?');
            end = next < 0 ? path.Length : end + 1 + next;
            if (end < path.Length && path[end] == '?')
            {
                break;
            }
        }

        return end == path.Length ? "/" : path[end] == '/' ? path[end..] : "/" + path[end..];
    }

    /// <summary>As the client wrote it, with dot segments resolved.</summary>
    public static string AsSent(HttpContext http)
    {
        var raw = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;

        // The route was chosen by the path with its dot segments resolved; a target must not resolve them to something else.
        return raw.StartsWith('/') && !HasDotSegments(raw) ? raw
            : http.Request.Path.HasValue ? http.Request.Path.ToUriComponent() + http.Request.QueryString.Value
            : "/"; // OPTIONS *
    }

    private static bool HasDotSegments(string raw)
    {
        var query = raw.IndexOf('?', StringComparison.Ordinal);
        var path = query < 0 ? raw.AsSpan() : raw.AsSpan(0, query);
        if (path.IndexOf('.') < 0 && path.IndexOf('%') < 0)
        {
            return false;
        }

        return path.Contains("/./", StringComparison.Ordinal)
            || path.Contains("/../", StringComparison.Ordinal)
            || path.EndsWith("/.", StringComparison.Ordinal)
            || path.EndsWith("/..", StringComparison.Ordinal)
            || path.Contains("%2e", StringComparison.OrdinalIgnoreCase);
    }
}
