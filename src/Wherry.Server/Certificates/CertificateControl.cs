using System.Globalization;
using Wherry.Client;
using Wherry.Core.Problems;
using Wherry.Core.Routing;
using Wherry.Server.Access;
using Wherry.Server.Deployments;
using Wherry.Server.Events;

namespace Wherry.Server.Certificates;

/// <summary>Hands certificates to the edge and takes them away, and tells that it was done.</summary>
internal sealed class CertificateControl(EdgeClient edge, DomainView domains, EventLog events)
{
    public async Task<IReadOnlyList<Certificate>> ListAsync(CancellationToken ct) => [.. (await edge.CertificatesAsync(ct)).OrderBy(c => c.Name, StringComparer.Ordinal).Select(View)];

    /// <exception cref="ProblemException"><c>certificate/…</c>; nothing has changed.</exception>
    public async Task<Certificate> AddAsync(Caller caller, string name, AddCertificate body, CancellationToken ct)
    {
        var before = await FindAsync(name, ct);
        var added = await edge.PutCertificateAsync(name, new UploadCertificate(body.Chain, body.Key), ct);
        await events.RecordAsync(caller.Team, new EventEntry(caller.Actor, EventKinds.CertificateAdded, name) { Before = before is null ? null : Words(before), After = Words(added) }, ct);
        return View(added);
    }

    /// <exception cref="ProblemException"><c>certificate/not-found</c>, <c>certificate/in-use</c>.</exception>
    public async Task RemoveAsync(Caller caller, string name, CancellationToken ct)
    {
        var before = await FindAsync(name, ct)
            ?? throw new Problem("certificate/not-found", $"There is no certificate {Problem.Quoted(name)}.", "`wherry certificates list` shows all.").AsException();
        if (await domains.ThatNeedAsync(name, ct) is { Count: > 0 } hosts)
        {
            throw new Problem(
                "certificate/in-use",
                $"{string.Join(", ", hosts)} {(hosts.Count == 1 ? "is" : "are")} served with the certificate {name}, and no other covers {(hosts.Count == 1 ? "it" : "them")}.",
                "Upload another first, or deploy without `tls`. To exchange it, add the new one under the same name.").AsException();
        }

        await edge.RemoveCertificateAsync(name, ct);
        await events.RecordAsync(caller.Team, new EventEntry(caller.Actor, EventKinds.CertificateRemoved, name) { Before = Words(before) }, ct);
    }

    /// <summary>Gives the account at the public authority a new key.</summary>
    /// <exception cref="ProblemException"><c>acme/…</c>; the old key serves on.</exception>
    public async Task<AcmeAccount> RollKeyAsync(Caller caller, CancellationToken ct)
    {
        var rolled = await edge.RollAcmeKeyAsync(ct);
        await events.RecordAsync(caller.Team, new EventEntry(caller.Actor, EventKinds.CertificateKeyRolled, rolled.Directory.Host), ct);
        return new(rolled.Directory.AbsoluteUri);
    }

    private async Task<CertificateState?> FindAsync(string name, CancellationToken ct) => (await edge.CertificatesAsync(ct)).FirstOrDefault(c => c.Name == name && !c.Automatic);

    private static Certificate View(CertificateState c) => new(c.Name, c.Hosts, c.Issuer, c.NotBefore == default ? null : c.NotBefore, c.NotAfter == default ? null : c.NotAfter, c.Problem) { Automatic = c.Automatic, NextAttempt = c.NextAttempt };

    private static string Words(CertificateState c) => c.Hosts.Count == 0 ? c.Problem ?? "" : string.Create(CultureInfo.InvariantCulture, $"{string.Join(", ", c.Hosts)} until {c.NotAfter.UtcDateTime:yyyy-MM-dd}");
}
