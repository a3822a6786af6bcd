using Wherry.Core.Model;

namespace Wherry.Core.Routing;

/// <summary>Which hosts are served over TLS, from what their services say.</summary>
public sealed class SecureHosts
{
    private readonly Dictionary<string, TlsSettings?> _services = new(StringComparer.Ordinal);
    private readonly RouteTable _table = RouteTable.Empty;

    /// <param name="services">Key, routes and what it says; of two with one host and path the first has it.</param>
    public SecureHosts(IEnumerable<(string Key, IReadOnlyList<Route> Routes, TlsSettings? Tls)> services)
    {
        var claimed = new HashSet<(HostName?, PathPrefix)>();
        foreach (var (key, routes, tls) in services)
        {
            _services[key] = tls;
            _table = _table.With(key, [.. routes.Where(r => claimed.Add((r.Host, r.Path)))]);
        }
    }

    /// <summary>How a route's host is served over TLS; <see langword="null"/>: not at all. The service at a host's root speaks for all of its paths.</summary>
    public TlsSettings? Find(HostName? host) => _table.FindSpeaker(host?.Value ?? "") is { } speaker ? _services[speaker.Key] : null;
}
