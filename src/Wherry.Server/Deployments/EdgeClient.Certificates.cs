using Wherry.Core.Problems;
using Wherry.Core.Routing;

namespace Wherry.Server.Deployments;

public sealed partial class EdgeClient
{
    /// <summary>What was uploaded and what an authority signed, with what is wrong with it; never a key.</summary>
    public Task<IReadOnlyList<CertificateState>> CertificatesAsync(CancellationToken ct) => SendAsync(HttpMethod.Get, "/certificates", null, EdgeJson.Default.IReadOnlyListCertificateState, ct);

    /// <summary>Checks, keeps and serves a certificate, in place of one of the same name.</summary>
    /// <exception cref="ProblemException"><c>certificate/…</c>; what was served before is served on.</exception>
    public Task<CertificateState> PutCertificateAsync(string name, UploadCertificate upload, CancellationToken ct) =>
        SendAsync(HttpMethod.Put, $"/certificates/{Uri.EscapeDataString(name)}", Json(upload, EdgeJson.Default.UploadCertificate), EdgeJson.Default.CertificateState, ct);

    public Task RemoveCertificateAsync(string name, CancellationToken ct) => SendAsync(HttpMethod.Delete, $"/certificates/{Uri.EscapeDataString(name)}", null, ct);

    /// <summary>Gives the account at the public authority a new key.</summary>
    /// <exception cref="ProblemException"><c>acme/…</c>; the old key serves on.</exception>
    public Task<AcmeKeyRolled> RollAcmeKeyAsync(CancellationToken ct) => SendAsync(HttpMethod.Post, "/acme/roll-key", null, EdgeJson.Default.AcmeKeyRolled, ct);

    /// <summary>The root of the edge's own authority, as PEM.</summary>
    /// <exception cref="ProblemException"><c>certificate/authority</c>.</exception>
    public async Task<string> AuthorityAsync(CancellationToken ct)
    {
        using var response = await AnswerAsync(HttpMethod.Get, "/authority", null, ct);
        return await response.Content.ReadAsStringAsync(ct);
    }
}
