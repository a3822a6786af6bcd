using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Wherry.Core.Problems;

namespace Wherry.Edge.Certificates;

/// <summary>Makes a certificate of what somebody uploaded, or says why not.</summary>
internal static class CertificateReader
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const int LeastRsaBits = 2048;

    /// <param name="name">Name it is uploaded under.</param>
    /// <param name="chainPem">The certificate, then its intermediates.</param>
    /// <param name="keyPem">Its private key.</param>
    /// <exception cref="ProblemException"><c>certificate/unreadable</c>, <c>certificate/key-mismatch</c>, <c>certificate/chain</c>, <c>certificate/unsuitable</c>.</exception>
    public static ServedCertificate Read(string name, string chainPem, string keyPem)
    {
        var chain = new X509Certificate2Collection();
        try
        {
            chain.ImportFromPem(chainPem);
        }
        catch (CryptographicException e)
        {
            throw Unreadable(name, e.Message);
        }

        if (chain.Count == 0)
        {
            throw Unreadable(name, "it has no CERTIFICATE block");
        }

        var leaf = WithKey(name, chain[0], keyPem);
        CheckUse(name, leaf);
        CheckOrder(name, chain);
        return new(name, leaf, [.. chain.Skip(1)]);
    }

    /// <exception cref="ProblemException"><c>certificate/expired</c>.</exception>
    public static void CheckTime(ServedCertificate certificate, DateTimeOffset now)
    {
        if (certificate.NotAfter <= now || certificate.NotBefore > now)
        {
            throw new Problem(
                "certificate/expired",
                string.Create(CultureInfo.InvariantCulture, $"The certificate {certificate.Name} is good from {certificate.NotBefore:yyyy-MM-dd HH:mm} to {certificate.NotAfter:yyyy-MM-dd HH:mm} UTC; it is {now:yyyy-MM-dd HH:mm} now."),
                "Upload one that is good now. What was served before is served on.").AsException();
        }
    }

    private static X509Certificate2 WithKey(string name, X509Certificate2 certificate, string keyPem)
    {
        try
        {
            using var alone = X509Certificate2.CreateFromPem(certificate.ExportCertificatePem(), keyPem);
            return X509CertificateLoader.LoadPkcs12(alone.Export(X509ContentType.Pkcs12), null);
        }
        catch (CryptographicException e) when (keyPem.Contains("ENCRYPTED", StringComparison.Ordinal))
        {
            throw Mismatch(name, "the key is encrypted", e);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw Mismatch(name, "the key does not belong to the first certificate, or is none", e);
        }
    }

    private static void CheckUse(string name, X509Certificate2 leaf)
    {
        if (!CertificateHosts.Of(leaf).Any())
        {
            throw Unsuitable(name, "it names no host (subject alternative name)");
        }

        if (leaf.GetRSAPublicKey() is { } rsa && rsa.KeySize < LeastRsaBits)
        {
            throw Unsuitable(name, string.Create(CultureInfo.InvariantCulture, $"its RSA key has {rsa.KeySize} bits; {LeastRsaBits} are the least"));
        }

        if (leaf.Extensions.OfType<X509EnhancedKeyUsageExtension>().FirstOrDefault() is { } uses && !uses.EnhancedKeyUsages.Cast<Oid>().Any(u => u.Value == ServerAuthentication))
        {
            throw Unsuitable(name, "it is not for servers (extended key usage)");
        }
    }

    private static void CheckOrder(string name, X509Certificate2Collection chain)
    {
        for (var i = 1; i < chain.Count; i++)
        {
            if (!chain[i - 1].IssuerName.RawData.AsSpan().SequenceEqual(chain[i].SubjectName.RawData))
            {
                throw new Problem(
                    "certificate/chain",
                    $"The chain of {name} is broken: {chain[i - 1].Subject} was signed by {chain[i - 1].Issuer}, but {chain[i].Subject} comes next.",
                    "Put the certificate first, then each one that signed the one before.").AsException();
            }
        }
    }

    private static ProblemException Unreadable(string name, string why) =>
        new Problem("certificate/unreadable", $"The certificate {name} cannot be read: {why}.", "Upload it as PEM: -----BEGIN CERTIFICATE-----, the certificate first, its intermediates after it.").AsException();

    private static ProblemException Mismatch(string name, string why, Exception e) =>
        new Problem("certificate/key-mismatch", $"The private key of {name} cannot be used: {why}.", "Upload the key that the certificate was made with, as PEM and not encrypted.").AsException(e);

    private static ProblemException Unsuitable(string name, string why) =>
        new Problem("certificate/unsuitable", $"The certificate {name} cannot be served: {why}.", "Have one made for the hosts that it shall serve.").AsException();
}
