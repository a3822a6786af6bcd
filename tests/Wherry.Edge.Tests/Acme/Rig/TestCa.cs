using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Wherry.Edge.Tests.Acme.Rig;

/// <summary>The root behind the https of servers in tests.</summary>
internal sealed class TestCa
{
    private readonly X509Certificate2 _root;

    public TestCa()
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Test root", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        _root = request.CreateSelfSigned(DateTimeOffset.Now.AddDays(-1), DateTimeOffset.Now.AddDays(3650));
    }

    public string Pem => _root.ExportCertificatePem();

    /// <summary>For callbacks of clients in tests.</summary>
    public bool Vouches(X509Certificate? certificate) => certificate?.Issuer == _root.Subject;

    /// <summary>For 127.0.0.1 and localhost.</summary>
    public X509Certificate2 Issue()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_root, true, false));
        using var bare = request.Create(_root, DateTimeOffset.Now.AddDays(-1), DateTimeOffset.Now.AddDays(3000), RandomNumberGenerator.GetBytes(8));
        return bare.CopyWithPrivateKey(key);
    }
}
