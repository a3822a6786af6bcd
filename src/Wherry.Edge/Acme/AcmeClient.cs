using System.Buffers.Text;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Wherry.Core.Problems;

namespace Wherry.Edge.Acme;

/// <summary>The calls of RFC 8555 and RFC 9773, typed. Each is one request, tried again only for its nonce and for an account that the authority has forgotten.</summary>
/// <remarks>All throw <see cref="ProblemException"/> <c>acme/…</c>, with <see cref="ProblemException.RetryAt"/> where the authority names a time.</remarks>
internal sealed class AcmeClient : IDisposable
{
    private readonly AcmeTransport _transport;
    private readonly AcmeAccount _account;

    public AcmeClient(AcmeOptions options)
    {
        Options = options;
        _transport = new(options);
        _account = new(_transport, options);
    }

    public AcmeOptions Options { get; }

    /// <param name="replaces">The certificate that this order renews; told where the authority has renewal information.</param>
    public async Task<AcmeOrder> NewOrderAsync(CertificateNames names, X509Certificate2? replaces, CancellationToken ct)
    {
        var directory = await _transport.DirectoryAsync(ct);
        var order = new NewOrder([.. names.Select(n => new Identifier("dns", n.Value))], directory.RenewalInfo is null ? null : replaces is null ? null : RenewalId(replaces));
        var answer = await _account.PostAsync(directory.NewOrder, order, AcmeJson.Default.NewOrder, ct);
        return OrderOf(answer, answer.Location ?? throw AcmeProblems.BadAnswer(answer.Url, "no address of the order").AsException());
    }

    public async Task<AcmeOrder> OrderAsync(Uri url, CancellationToken ct) => OrderOf(await _account.PostAsync(url, [], ct), url);

    public async Task<Authorization> AuthorizationAsync(Uri url, CancellationToken ct)
    {
        var answer = await _account.PostAsync(url, [], ct);
        var authorization = answer.Read(AcmeJson.Default.Authorization);
        return authorization is { Identifier.Value: not null, Status: not null, Challenges: not null } && authorization.Challenges.All(c => c is { Type: not null, Url: not null, Status: not null })
            ? authorization with { Url = url, RetryAfter = answer.RetryAfter }
            : throw AcmeProblems.BadAnswer(url, "an authorization lacks its parts").AsException();
    }

    /// <summary>Tells the authority that the challenge may be looked at.</summary>
    public Task TriggerAsync(Challenge challenge, CancellationToken ct) => _account.PostAsync(challenge.Url, new(), AcmeJson.Default.Nothing, ct);

    /// <summary>Gives an authorization up, so that it does not count as pending.</summary>
    public Task DeactivateAsync(Uri authorization, CancellationToken ct) => _account.PostAsync(authorization, new("deactivated"), AcmeJson.Default.StatusChange, ct);

    public async Task<AcmeOrder> FinalizeAsync(AcmeOrder order, byte[] request, CancellationToken ct) =>
        OrderOf(await _account.PostAsync(order.Finalize, new(Base64Url.EncodeToString(request)), AcmeJson.Default.FinalizeRequest, ct), order.Url!);

    /// <summary>The certificate and its issuers, as PEM.</summary>
    public async Task<string> ChainAsync(Uri certificate, CancellationToken ct) => Encoding.UTF8.GetString((await _account.PostAsync(certificate, [], ct)).Body);

    /// <param name="reason">As in RFC 5280, 5.3.1: 1 for a key that others know, 4 for one that was replaced.</param>
    /// <remarks>Idempotent: one that is already revoked counts as revoked.</remarks>
    public async Task RevokeAsync(X509Certificate2 certificate, int? reason, CancellationToken ct)
    {
        var url = (await _transport.DirectoryAsync(ct)).RevokeCert;
        try
        {
            await _account.PostAsync(url, new(Base64Url.EncodeToString(certificate.RawData), reason), AcmeJson.Default.Revocation, ct);
        }
        catch (ProblemException e) when (e.Problem.Code == AcmeProblems.AlreadyRevoked)
        {
            // Which is what was wanted.
        }
    }

    /// <summary>When the authority wants the certificate renewed; null where it does not say.</summary>
    public async Task<RenewalInfo?> RenewalInfoAsync(X509Certificate2 certificate, CancellationToken ct)
    {
        if ((await _transport.DirectoryAsync(ct)).RenewalInfo is not { } url || RenewalId(certificate) is not { } id)
        {
            return null;
        }

        var answer = await _transport.GetAsync(new($"{url.AbsoluteUri.TrimEnd('/')}/{id}"), ct);
        var info = answer.Read(AcmeJson.Default.RenewalInfo);
        return info.SuggestedWindow is { } window && window.End > window.Start
            ? info with { RetryAfter = answer.RetryAfter }
            : throw AcmeProblems.BadAnswer(answer.Url, "its renewal window is empty").AsException();
    }

    public Task RollKeyAsync(CancellationToken ct) => _account.RollKeyAsync(ct);

    /// <summary>What a challenge is answered with.</summary>
    public async Task<string> KeyAuthorizationAsync(string token, CancellationToken ct) => $"{token}.{await _account.ThumbprintAsync(ct)}";

    public void Dispose()
    {
        _account.Dispose();
        _transport.Dispose();
    }

    /// <summary>RFC 9773, 4.1: the issuer's key identifier and the serial number, as they stand in the certificate.</summary>
    internal static string? RenewalId(X509Certificate2 certificate)
    {
        var issuer = certificate.Extensions.OfType<X509AuthorityKeyIdentifierExtension>().FirstOrDefault()?.KeyIdentifier;
        return issuer is null ? null : $"{Base64Url.EncodeToString(issuer.Value.Span)}.{Base64Url.EncodeToString(certificate.SerialNumberBytes.Span)}";
    }

    private static AcmeOrder OrderOf(AcmeAnswer answer, Uri url)
    {
        var order = answer.Read(AcmeJson.Default.AcmeOrder);
        return order is { Status: not null, Authorizations: not null, Finalize: not null }
            ? order with { Url = url, RetryAfter = answer.RetryAfter }
            : throw AcmeProblems.BadAnswer(url, "an order lacks its parts").AsException();
    }
}
