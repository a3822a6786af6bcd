using System.Collections.Concurrent;
using System.Formats.Asn1;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Wherry.Core.Model;

namespace Wherry.Edge.Acme.Solving;

/// <summary>TLS-ALPN-01 (RFC 8737): the table that the TLS listener asks when a hello offers <c>acme-tls/1</c> and nothing else.</summary>
internal sealed class TlsAlpnChallenges(TimeProvider time) : IChallengeSolver
{
    public static readonly SslApplicationProtocol Protocol = new("acme-tls/1");

    private const string AcmeIdentifier = "1.3.6.1.5.5.7.1.31";

    private readonly ConcurrentDictionary<string, (string Token, X509Certificate2 Certificate)> _certificates = new();

    public string Type => "tls-alpn-01";

    /// <summary>Whether any name is being validated this way.</summary>
    public bool IsBusy => !_certificates.IsEmpty;

    /// <summary>The certificate to show for a name; null when it is not being validated. The connection ends after the handshake.</summary>
    public X509Certificate2? Find(string name) => _certificates.TryGetValue(name.ToLowerInvariant(), out var shown) ? shown.Certificate : null;

    public bool CanSolve(HostName name) => !name.IsWildcard;

    public Task PresentAsync(ChallengeAnswer answer, CancellationToken ct)
    {
        _certificates[answer.Name.Value] = (answer.Token, Make(answer));
        return Task.CompletedTask;
    }

    public Task RemoveAsync(ChallengeAnswer answer, CancellationToken ct)
    {
        // Not disposed: a handshake may be using it.
        if (_certificates.TryGetValue(answer.Name.Value, out var shown) && shown.Token == answer.Token)
        {
            _certificates.TryRemove(new(answer.Name.Value, shown));
        }

        return Task.CompletedTask;
    }

    private X509Certificate2 Make(ChallengeAnswer answer)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=ACME challenge", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(answer.Name.Value);
        request.CertificateExtensions.Add(names.Build());
        var digest = new AsnWriter(AsnEncodingRules.DER);
        digest.WriteOctetString(answer.Digest);
        request.CertificateExtensions.Add(new(AcmeIdentifier, digest.Encode(), critical: true));
        var now = time.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(7));
    }
}
