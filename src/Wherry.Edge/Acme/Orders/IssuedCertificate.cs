using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Wherry.Core.Problems;

namespace Wherry.Edge.Acme.Orders;

/// <summary>A certificate from an authority, with its private key.</summary>
/// <param name="Chain">PEM: the certificate, then its issuers without the root.</param>
/// <param name="Key">PEM (PKCS #8). Secret.</param>
/// <param name="Directory">Of the authority that gave it; another one's is due at once.</param>
/// <param name="IssuedAt">By this machine's clock.</param>
internal sealed record IssuedCertificate(string Chain, string Key, Uri Directory, DateTimeOffset IssuedAt, DateTimeOffset NotBefore, DateTimeOffset NotAfter)
{
    /// <summary>Enough for any authority; more is no chain.</summary>
    private const int MaxCertificates = 10;

    /// <summary>Takes an authority's answer only when it is what was asked for: this key, these names.</summary>
    /// <exception cref="ProblemException"><c>acme/bad-answer</c>.</exception>
    public static IssuedCertificate Of(string chain, string key, CertificateNames names, Uri directory, DateTimeOffset now)
    {
        var all = new X509Certificate2Collection();
        try
        {
            all.ImportFromPem(chain);
            if (all.Count is 0 or > MaxCertificates)
            {
                throw Wrong($"a chain of {all.Count} certificates");
            }

            using var wanted = ECDsa.Create();
            wanted.ImportFromPem(key);
            if (!all[0].PublicKey.ExportSubjectPublicKeyInfo().SequenceEqual(wanted.ExportSubjectPublicKeyInfo()))
            {
                throw Wrong("a certificate for another key");
            }

            var names509 = all[0].Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(e => e.EnumerateDnsNames()).ToHashSet(StringComparer.OrdinalIgnoreCase);
            return names.FirstOrDefault(n => !names509.Contains(n.Value)) is { } missing
                ? throw Wrong($"a certificate without the name {missing}")
                : new(string.Join('\n', all.Select(c => c.ExportCertificatePem())) + "\n", key, directory, now, all[0].NotBefore.ToUniversalTime(), all[0].NotAfter.ToUniversalTime());
        }
        catch (CryptographicException e)
        {
            throw Wrong(e.Message);
        }
        finally
        {
            foreach (var certificate in all)
            {
                certificate.Dispose();
            }
        }

        ProblemException Wrong(string why) => AcmeProblems.BadAnswer(directory, why).AsException();
    }

    /// <summary>The certificate itself, without its key; the caller disposes it.</summary>
    public X509Certificate2 Leaf() => X509Certificate2.CreateFromPem(Chain);

    public override string ToString() => $"certificate until {NotAfter:O}";
}
