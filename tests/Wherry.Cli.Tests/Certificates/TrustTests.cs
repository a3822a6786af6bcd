using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Wherry.Cli.Certificates;
using Wherry.Core.Problems;

namespace Wherry.Cli.Tests.Certificates;

/// <summary>With the system's own program, on a store of the test's own.</summary>
public sealed class TrustTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_root_is_put_into_the_store_once_and_taken_out_again()
    {
        using var folder = A.Folder();
        using var root = Make(ca: true);
        var (local, store) = (Directory.CreateDirectory(Path.Combine(folder.Path, "local")).FullName, Directory.CreateDirectory(Path.Combine(folder.Path, "store")).FullName);
        var trust = new TrustStore(local, "--localcertsdir", local, "--etccertsdir", store, "--hooksdir", Directory.CreateDirectory(Path.Combine(folder.Path, "hooks")).FullName);

        Assert.True(await trust.AddAsync(root, Ct));
        Assert.False(await trust.AddAsync(root, Ct));
        Assert.Contains(root.ExportCertificatePem(), await File.ReadAllTextAsync(Path.Combine(store, "ca-certificates.crt"), Ct), StringComparison.Ordinal);

        Assert.True(await trust.RemoveAsync(root, Ct));
        Assert.False(await trust.RemoveAsync(root, Ct));
        Assert.DoesNotContain(root.ExportCertificatePem(), await File.ReadAllTextAsync(Path.Combine(store, "ca-certificates.crt"), Ct), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(local));
    }

    [Fact]
    public async Task A_machine_that_keeps_its_authorities_elsewhere_is_told()
    {
        using var folder = A.Folder();
        using var root = Make(ca: true);

        var problem = (await Assert.ThrowsAsync<ProblemException>(() => new TrustStore(Path.Combine(folder.Path, "none")).AddAsync(root, Ct))).Problem;

        Assert.Equal("trust/unsupported", problem.Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----")]
    public void Only_the_certificate_of_an_authority_is_ever_trusted(string pem)
    {
        using var leaf = Make(ca: false);

        Assert.Equal("trust/not-a-root", Assert.Throws<ProblemException>(() => TrustCommand.Read(pem)).Problem.Code);
        Assert.Equal("trust/not-a-root", Assert.Throws<ProblemException>(() => TrustCommand.Read(leaf.ExportCertificatePem())).Problem.Code);
    }

    private static X509Certificate2 Make(bool ca)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Wherry test root", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(ca, false, 0, critical: true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
