using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Wherry.Core.Problems;
using Wherry.Core.Routing;
using Wherry.Edge.Switching;

namespace Wherry.Edge.Certificates;

/// <summary>The edge's own certificate authority, for names that no public one signs. Its root lives in the edge's folder; the rest is made when it is asked for.</summary>
internal sealed class InternalAuthority(string folder, TimeProvider time)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private static readonly TimeSpan RootLife = TimeSpan.FromDays(3650);
    private static readonly TimeSpan LeafLife = TimeSpan.FromDays(30);

    /// <summary>Clocks differ.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<string, ServedCertificate> _made = new(StringComparer.Ordinal);
    private readonly Lock _writer = new();
    private X509Certificate2? _root;

    private string RootPath => Path.Combine(folder, "root.pem");

    /// <summary>The root that people may trust, as PEM.</summary>
    /// <exception cref="ProblemException"><c>certificate/authority</c>.</exception>
    public string RootPem => Root().ExportCertificatePem() + "\n";

    /// <summary>Whether a name is nobody's on the internet.</summary>
    public static bool IsPrivate(string host) => PrivateNames.Contains(host);

    /// <summary>A certificate for one host; made anew at two thirds of its life.</summary>
    /// <exception cref="ProblemException"><c>certificate/authority</c>.</exception>
    public ServedCertificate For(string host)
    {
        var now = time.GetUtcNow();
        if (_made.TryGetValue(host, out var made) && now < made.NotBefore + ((made.NotAfter - made.NotBefore) * 2 / 3))
        {
            return made;
        }

        return _made[host] = Make(host, now);
    }

    private ServedCertificate Make(string host, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(new X500DistinguishedName("CN=Wherry"), key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build(critical: false));
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        var root = Root();
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(root, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        using var signed = request.Create(root, now - Skew, now + LeafLife, RandomNumberGenerator.GetBytes(16));
        return new(host, signed.CopyWithPrivateKey(key), []);
    }

    private X509Certificate2 Root()
    {
        lock (_writer)
        {
            try
            {
                return _root ??= File.Exists(RootPath) ? X509Certificate2.CreateFromPemFile(RootPath) : MakeRoot();
            }
            catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
            {
                throw new Problem("certificate/authority", $"The edge's own authority cannot sign: {RootPath}: {e.Message}", "Restore the file. Or move it away: a new root is made, which everybody has to trust anew.").AsException(e);
            }
        }
    }

    private X509Certificate2 MakeRoot()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = time.GetUtcNow();
        var request = new CertificateRequest(new X500DistinguishedName($"CN=Wherry root of {Dns.GetHostName()} ({now:yyyy-MM-dd})"), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        var root = request.CreateSelfSigned(now - Skew, now + RootLife);
        var next = RootPath + ".next";
        Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);
        using (var file = new StreamWriter(next, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = OwnerOnly }))
        {
            file.Write($"{key.ExportPkcs8PrivateKeyPem()}\n{root.ExportCertificatePem()}\n");
        }

        File.Move(next, RootPath, overwrite: true);
        FolderSync.Flush(folder);
        return root;
    }
}
