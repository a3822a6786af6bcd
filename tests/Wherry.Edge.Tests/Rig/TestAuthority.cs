using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Wherry.Core.Routing;

namespace Wherry.Edge.Tests.Rig;

/// <summary>A certificate authority as a public one is built: a root, an intermediate, and what people buy.</summary>
public sealed class TestAuthority : IDisposable
{
    private readonly X509Certificate2 _intermediate;

    public TestAuthority()
    {
        Root = Make("CN=Test root", null, ca: true, DateTimeOffset.UtcNow.AddDays(-400), DateTimeOffset.UtcNow.AddDays(400), []);
        _intermediate = Make("CN=Test intermediate", Root, ca: true, DateTimeOffset.UtcNow.AddDays(-399), DateTimeOffset.UtcNow.AddDays(399), []);
    }

    public X509Certificate2 Root { get; }

    /// <summary>As somebody uploads it, with the intermediate.</summary>
    public UploadCertificate For(params string[] hosts) => For(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(90), hosts);

    public UploadCertificate For(DateTimeOffset from, DateTimeOffset to, params string[] hosts)
    {
        using var leaf = Make("CN=leaf", _intermediate, ca: false, from, to, hosts);
        return new($"{leaf.ExportCertificatePem()}\n{_intermediate.ExportCertificatePem()}\n", leaf.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
    }

    public void Dispose()
    {
        Root.Dispose();
        _intermediate.Dispose();
    }

    private static X509Certificate2 Make(string subject, X509Certificate2? issuer, bool ca, DateTimeOffset from, DateTimeOffset to, string[] hosts)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(ca, false, 0, critical: true));
        if (hosts.Length > 0)
        {
            var names = new SubjectAlternativeNameBuilder();
            Array.ForEach(hosts, names.AddDnsName);
            request.CertificateExtensions.Add(names.Build());
        }

        if (issuer is null)
        {
            return request.CreateSelfSigned(from, to);
        }

        using var signed = request.Create(issuer.SubjectName, X509SignatureGenerator.CreateForECDsa(issuer.GetECDsaPrivateKey()!), from, to, RandomNumberGenerator.GetBytes(8));
        return signed.CopyWithPrivateKey(key);
    }
}
