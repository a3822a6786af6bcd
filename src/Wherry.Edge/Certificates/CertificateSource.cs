using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Core.Routing;

namespace Wherry.Edge.Certificates;

/// <summary>Where the certificate of a host is found, for what its service says about TLS.</summary>
internal sealed class CertificateSource(CertificateFolder uploaded, InternalAuthority authority)
{
    /// <param name="settings">Of the service that speaks for the host.</param>
    /// <param name="route">The route's host; a wildcard's certificate serves all of its names.</param>
    /// <param name="name">What the client asked for.</param>
    /// <returns><see langword="null"/> when there is none; the client is refused.</returns>
    public ServedCertificate? Find(TlsSettings settings, HostName? route, string name) => settings.Source switch
    {
        TlsSource.Uploaded => uploaded.Find(name),
        TlsSource.Internal => route is null ? null : authority.For(route.Value),
        _ => uploaded.Find(name) ?? (route is not null && InternalAuthority.IsPrivate(route.Value) ? authority.For(route.Value) : null),
    };

    /// <summary>Makes sure that each host of a service that asks for TLS has a certificate.</summary>
    /// <exception cref="ProblemException"><c>certificate/missing</c>.</exception>
    public void Check(string key, EdgeService service)
    {
        if (service.Tls is not { } settings)
        {
            return;
        }

        foreach (var host in service.Routes.Select(r => r.Host).Distinct())
        {
            if (host is null ? settings.Source is TlsSource.Internal : Find(settings, host, host.Value) is null)
            {
                throw new Problem(
                    "certificate/missing",
                    $"{key} asks for TLS, and there is no certificate for {host?.Value ?? "a route without host"}.",
                    "Upload one that covers it: `wherry certificates add`. Or use the edge's own authority: `tls: internal`.").AsException();
            }
        }
    }
}
