using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace Wherry.Edge.Foreign.Caddy;

/// <summary>Addresses where Caddy listens, and which of its servers does.</summary>
internal static class CaddyListeners
{
    /// <summary>As Caddy writes them; both families of any address are one.</summary>
    public static IReadOnlyList<string> Written(IReadOnlyList<IPEndPoint> endpoints) =>
    [
        .. endpoints.Select(e => e.Address.Equals(IPAddress.Any) || e.Address.Equals(IPAddress.IPv6Any) ? string.Create(CultureInfo.InvariantCulture, $":{e.Port}") : e.ToString()).Distinct(),
    ];

    /// <summary>Whether a server takes connections at this port.</summary>
    public static bool Takes(JsonObject server, IPEndPoint endpoint) => server["listen"] is JsonArray listen && listen.Any(l => l is JsonValue value && value.TryGetValue<string>(out var address) && Takes(address, endpoint));

    private static bool Takes(string address, IPEndPoint endpoint)
    {
        var network = address.IndexOf('/', StringComparison.Ordinal);
        if (network >= 0 && !address.StartsWith("tcp", StringComparison.Ordinal))
        {
            return false;
        }

        var place = address[(network + 1)..];
        var colon = place.LastIndexOf(':');
        if (colon < 0)
        {
            return false;
        }

        var ports = place[(colon + 1)..].Split('-');
        var host = place[..colon].Trim('[', ']');
        return int.TryParse(ports[0], CultureInfo.InvariantCulture, out var first)
            && int.TryParse(ports[^1], CultureInfo.InvariantCulture, out var last)
            && endpoint.Port >= first && endpoint.Port <= last
            && (host.Length == 0 || IsAny(endpoint.Address) || !IPAddress.TryParse(host, out var ip) || IsAny(ip) || ip.Equals(endpoint.Address));
    }

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
}
