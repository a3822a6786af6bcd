using System.Security.Cryptography.X509Certificates;

namespace Wherry.Edge.Certificates;

/// <summary>Hosts that a certificate is for.</summary>
internal static class CertificateHosts
{
    /// <summary>The DNS names among the alternative names; the common name has not counted for years (RFC 9525).</summary>
    public static IEnumerable<string> Of(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(e => e.EnumerateDnsNames()).Select(n => n.ToLowerInvariant()).Distinct(StringComparer.Ordinal);
}
