using System.Collections.Frozen;
using Wherry.Core.Model;

namespace Wherry.Edge.Certificates;

/// <summary>Which certificate answers for a host. Immutable, exchanged in one step.</summary>
internal sealed class CertificateIndex
{
    private readonly FrozenDictionary<string, ServedCertificate> _byName;

    /// <param name="certificates">Of two for one host the one that is good for longer is served.</param>
    public CertificateIndex(IReadOnlyList<ServedCertificate> certificates)
    {
        All = certificates;
        _byName = certificates
            .SelectMany(c => c.Hosts.Select(h => (Host: h, Certificate: c)))
            .GroupBy(p => p.Host, StringComparer.OrdinalIgnoreCase)
            .ToFrozenDictionary(g => g.Key, g => g.MaxBy(p => p.Certificate.NotAfter).Certificate, StringComparer.OrdinalIgnoreCase);
    }

    public IReadOnlyList<ServedCertificate> All { get; }

    /// <summary>One that names the host goes before a wildcard.</summary>
    public ServedCertificate? Find(string host) =>
        _byName.TryGetValue(host, out var exact) ? exact
        : HostName.WildcardOf(host) is { } wildcard ? _byName.GetValueOrDefault(wildcard)
        : null;
}
