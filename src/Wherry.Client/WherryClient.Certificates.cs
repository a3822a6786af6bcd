namespace Wherry.Client;

public sealed partial class WherryClient
{
    /// <summary>What was uploaded; keys are never among the answer.</summary>
    public Task<IReadOnlyList<Certificate>> CertificatesAsync(CancellationToken cancellationToken) => GetAsync("/api/v1/certificates", () => J.IReadOnlyListCertificate, cancellationToken);

    /// <summary>Checks a certificate and serves it, in place of one of the same name; connections that are open stay.</summary>
    public Task<Certificate> AddCertificateAsync(string name, AddCertificate request, CancellationToken cancellationToken) =>
        AskAsync(HttpMethod.Put, $"/api/v1/certificates/{Uri.EscapeDataString(name)}", Json(request, J.AddCertificate), () => J.Certificate, cancellationToken);

    /// <summary>Removes a certificate; one without which a host could not be served is <c>certificate/in-use</c>.</summary>
    public Task RemoveCertificateAsync(string name, CancellationToken cancellationToken) => DeleteAsync($"/api/v1/certificates/{Uri.EscapeDataString(name)}", cancellationToken);

    /// <summary>Gives the edge's account at the public authority a new key.</summary>
    public Task<AcmeAccount> RollAcmeKeyAsync(CancellationToken cancellationToken) => AskAsync(HttpMethod.Post, "/api/v1/certificates/roll-key", null, () => J.AcmeAccount, cancellationToken);

    /// <summary>The root of the edge's own authority.</summary>
    public Task<Authority> AuthorityAsync(CancellationToken cancellationToken) => GetAsync("/api/v1/authority", () => J.Authority, cancellationToken);

    /// <summary>Every host of every service, and what it is served with.</summary>
    public Task<IReadOnlyList<Domain>> DomainsAsync(CancellationToken cancellationToken) => GetAsync("/api/v1/domains", () => J.IReadOnlyListDomain, cancellationToken);
}
