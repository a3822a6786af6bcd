using System.Globalization;
using System.Net;
using Wherry.Core.Model;
using Wherry.Core.Problems;

namespace Wherry.Core.Routing;

/// <summary>What must hold for TCP routes, wherever they come from.</summary>
public static class TcpRouteCheck
{
    private const int MostConnections = 1_000_000;

    /// <summary>All that is wrong with them, in words that begin with the key.</summary>
    public static IEnumerable<string> Wrongs(IReadOnlyList<TcpRoute>? routes)
    {
        var seen = new HashSet<int>();
        for (var i = 0; i < (routes?.Count ?? 0); i++)
        {
            if (routes![i] is not { } route)
            {
                yield return $"tcp[{i}]: is missing";
                continue;
            }

            foreach (var wrong in Wrongs(route))
            {
                yield return $"tcp[{i}].{wrong}";
            }

            if (!seen.Add(route.Listen))
            {
                yield return $"tcp[{i}].listen: {route.Listen} is named twice";
            }
        }
    }

    /// <summary>The same for one.</summary>
    public static IEnumerable<string> Wrongs(TcpRoute route)
    {
        foreach (var (at, port) in new[] { ("listen", route.Listen), ("port", route.Port) })
        {
            if (port is < 1 or > 65535)
            {
                yield return $"{at}: {port} is not a TCP port";
            }
        }

        if (route.Address is { } address && !IPAddress.TryParse(address, out _))
        {
            yield return $"address: {Problem.Quoted(address)} is not an IP address";
        }

        if (route.SilentFor < TimeSpan.FromMilliseconds(10) || route.SilentFor > TimeSpan.FromDays(7))
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"silent_for: {route.SilentFor} is not between 10 ms and 7 days");
        }

        if (route.MaxConnections is < 1 or > MostConnections)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"max_connections: {route.MaxConnections} is not between 1 and {MostConnections}");
        }

        if (route.SendProxy is not (null or 1 or 2))
        {
            yield return $"send_proxy: {route.SendProxy} is not a version of the PROXY protocol; it is 1 or 2";
        }
    }
}
