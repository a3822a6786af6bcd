using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Core.Routing;

namespace Wherry.Edge.Certificates;

/// <summary>Where the certificate of a host is found, for what its service says about TLS.</summary>
/// <param name="elsewhere">A foreign proxy obtains certificates and has an authority; only those that were uploaded come from here.</param>
internal sealed class CertificateSource(CertificateFolder uploaded, AutomaticCertificates? automatic, InternalAuthority authority, bool elsewhere = false)
{
    /// <param name="settings">Of the service that speaks for the host.</param>
    /// <param name="route">The route's host; a wildcard's certificate serves all of its names.</param>
    /// <param name="name">What the client asked for.</param>
    /// <returns><see langword="null"/> when there is none; the client is refused.</returns>
    public ServedCertificate? Find(TlsSettings settings, HostName? route, string name) => settings.Source switch
    {
        TlsSource.Uploaded => uploaded.Find(name),
        TlsSource.Internal => route is null ? null : authority.For(route.Value),
        _ => uploaded.Find(name) ?? automatic?.Find(name) ?? (route is not null && PrivateNames.Contains(route.Value) ? authority.For(route.Value) : null),
    };

    /// <summary>Obtains and keeps what no uploaded certificate covers, and nobody's own authority.</summary>
    public void Keep(IReadOnlyList<EdgeService> services) => automatic?.Keep(
        (from service in services
         where service.Tls is { Source: TlsSource.Automatic }
         from host in service.Routes.Select(r => r.Host).OfType<HostName>()
         where !PrivateNames.Contains(host.Value) && uploaded.Find(host.Value) is null && (automatic.Broken is not null || (automatic.CanObtain(host) && !IsOnDemand(service, host)))
         select host).ToHashSet(),
        host => services.Any(s => s.Tls?.OnDemand is not null && s.Routes.Any(r => r.Host is null || r.Host.Covers(host))));

    /// <summary>Makes sure that each host of a service that asks for TLS has a certificate, or that one can be obtained.</summary>
    /// <exception cref="ProblemException"><c>certificate/missing</c>, <c>certificate/wildcard</c>, <c>certificate/on-demand</c>; <c>acme/settings</c> while none can be obtained.</exception>
    public void Check(string key, EdgeService service)
    {
        if (service.Tls is not { } settings)
        {
            return;
        }

        foreach (var host in service.Routes.Select(r => r.Host).Distinct())
        {
            if (IsOnDemand(service, host))
            {
                CheckOnDemand(key);
                continue;
            }

            if (elsewhere && settings.Source is not TlsSource.Uploaded && host is { IsWildcard: false })
            {
                continue;
            }

            var canServe = host is null ? settings.Source is not TlsSource.Internal
                : Find(settings, host, host.Value) is not null || (settings.Source is TlsSource.Automatic && automatic?.CanObtain(host) == true);
            if (!canServe && settings.Source is TlsSource.Automatic && automatic?.Broken is { } broken)
            {
                throw broken.AsException();
            }

            if (!canServe && host is { IsWildcard: true } && settings.Source is TlsSource.Automatic && automatic is not null)
            {
                throw new Problem(
                    "certificate/wildcard",
                    $"{key} asks for TLS, and an authority signs {host} only for who writes its DNS zone.",
                    "Name the zone under dns: in the edge's acme.json (docs/certificate.md), upload a certificate, or list the hosts one by one.").AsException();
            }

            if (!canServe)
            {
                throw new Problem(
                    "certificate/missing",
                    $"{key} asks for TLS, and there is no certificate for {host?.Value ?? "a route without host"}.",
                    "Let an authority sign it: `wherry up --acme-email`. Or upload one that covers it: `wherry certificates add`. Or use the edge's own authority: `tls: internal`.").AsException();
            }
        }
    }

    /// <summary>Whether the names that a route takes get certificates of their own, when somebody asks for them.</summary>
    private static bool IsOnDemand(EdgeService service, HostName? host) => service.Tls?.OnDemand is not null && (host is null || host.IsWildcard);

    private void CheckOnDemand(string key)
    {
        if (automatic?.Broken is { } broken)
        {
            throw broken.AsException();
        }

        if (automatic is null)
        {
            throw new Problem("certificate/on-demand", $"{key} asks for certificates on demand, and nobody said which authority signs them.", "Name one: `wherry up --acme-email`. Or remove `on_demand`.").AsException();
        }
    }
}
