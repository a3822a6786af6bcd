using System.Security.Cryptography.X509Certificates;

namespace Wherry.Edge.Certificates;

/// <summary>Hosts that a certificate is for.</summary>
internal static class CertificateHosts
{
    /// <summary>The DNS names among the alternative names; the common name has not counted for years (RFC 9525).</summary>
    public static IEnumerable<string> Of(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(e => e.EnumerateDnsNames()).Select(n => n.ToLowerInvariant()).Distinct(StringComparer.Ordinal);

    /// <summary>A name covers itself; a wildcard covers exactly one level.</summary>
    public static bool Covers(string name, string host) => name.StartsWith("*.", StringComparison.Ordinal)
        ? host.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot && host.AsSpan(dot).Equals(name.AsSpan(1), StringComparison.OrdinalIgnoreCase)
        : string.Equals(name, host, StringComparison.OrdinalIgnoreCase);
}
