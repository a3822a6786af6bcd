using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.Logging;
using Wherry.Core.Problems;
using Wherry.Edge.Files;

namespace Wherry.Edge.Certificates;

/// <summary>The edge's own certificate authority, for names that no public one signs. Its root lives in the edge's folder; the rest is made when it is asked for.</summary>
internal sealed partial class InternalAuthority(string folder, TimeProvider time, ILogger<InternalAuthority> logger)
{
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
        var from = now - Skew < root.NotBefore ? root.NotBefore : now - Skew; // the root may be a moment younger, or from a clock that was ahead
        using var signed = request.Create(root, from, from + Skew + LeafLife, RandomNumberGenerator.GetBytes(16));
        return new(host, signed.CopyWithPrivateKey(key), []);
    }

    private X509Certificate2 Root()
    {
        lock (_writer)
        {
            try
            {
                return _root ??= File.Exists(RootPath) ? LoadRoot() : MakeRoot();
            }
            catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
            {
                throw new Problem("certificate/authority", $"The edge's own authority cannot sign: {RootPath}: {e.Message}", "Restore the file. Or move it away: a new root is made, which everybody has to trust anew.").AsException(e);
            }
        }
    }

    private X509Certificate2 LoadRoot()
    {
        if (PrivateFile.ShutOthersOut(RootPath))
        {
            LogOpenToOthers(RootPath);
        }

        return X509Certificate2.CreateFromPemFile(RootPath);
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
        PrivateFile.Write(RootPath, file => file.Write(Encoding.ASCII.GetBytes($"{key.ExportPkcs8PrivateKeyPem()}\n{root.ExportCertificatePem()}\n")));
        return root;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path} holds the key of the edge's own authority and was open to others; it is for its owner only now. Who read it can sign for any name: move it away if somebody may have, and trust the new root")]
    private partial void LogOpenToOthers(string path);
}
