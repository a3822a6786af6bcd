using Microsoft.Extensions.Primitives;

namespace Wherry.Edge.Proxying;

/// <summary>A service that is mounted at a prefix it does not see sets its cookies for <c>/</c>; for the visitor they belong below the prefix.</summary>
internal static class CookiePaths
{
    /// <param name="cookies"><c>Set-Cookie</c> as the service sent it.</param>
    /// <param name="prefix">Prefix that was taken off.</param>
    /// <param name="host">Host that was asked, without port: cookies for other domains stay as they are.</param>
    public static StringValues Below(StringValues cookies, string prefix, string host) => cookies.Select(c => c is null ? null : Below(c, prefix, host)).ToArray();

    private static string Below(string cookie, string prefix, string host)
    {
        // Browsers take a cookie of that name only with the path /.
        if (cookie.StartsWith("__Host-", StringComparison.OrdinalIgnoreCase))
        {
            return cookie;
        }

        var parts = cookie.Split(';');
        var path = -1;
        for (var i = 1; i < parts.Length; i++)
        {
            var equals = parts[i].IndexOf('=', StringComparison.Ordinal);
            var (name, value) = equals < 0 ? (parts[i].Trim(), "") : (parts[i][..equals].Trim(), parts[i][(equals + 1)..].Trim());
            if (name.Equals("Domain", StringComparison.OrdinalIgnoreCase) && !IsOwn(value.TrimStart('.'), host))
            {
                return cookie;
            }

            if (name.Equals("Path", StringComparison.OrdinalIgnoreCase) && value.StartsWith('/'))
            {
                path = i;
                parts[i] = $" Path={Mount(prefix, value)}";
            }
        }

        return path < 0 ? $"{cookie}; Path={prefix}" : string.Join(';', parts);
    }

    private static string Mount(string prefix, string path) =>
        path == "/" ? prefix : path == prefix || path.StartsWith(prefix + "/", StringComparison.Ordinal) ? path : prefix + path;

    private static bool IsOwn(string domain, string host) =>
        host.Equals(domain, StringComparison.OrdinalIgnoreCase) || host.EndsWith($".{domain}", StringComparison.OrdinalIgnoreCase);
}
