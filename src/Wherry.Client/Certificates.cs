using System.Text.Json.Serialization;

namespace Wherry.Client;

/// <summary>A certificate that was uploaded, or that an authority signed. Its key never leaves the edge.</summary>
/// <param name="Hosts">Hosts that it covers; empty when it cannot be read.</param>
/// <param name="Issuer">Who signed it.</param>
/// <param name="NotBefore"><see langword="null"/> when it cannot be read.</param>
/// <param name="NotAfter"><see langword="null"/> when it cannot be read.</param>
/// <param name="Problem">Why it is not served, or should be replaced soon; <see langword="null"/>: nothing.</param>
public sealed record Certificate(string Name, IReadOnlyList<string> Hosts, string Issuer, DateTimeOffset? NotBefore, DateTimeOffset? NotAfter, string? Problem)
{
    /// <summary>An authority signed it, and it is renewed by itself.</summary>
    public bool Automatic { get; init; }

    /// <summary>When it is tried again after a failure.</summary>
    public DateTimeOffset? NextAttempt { get; init; }
}

/// <summary>Body of <c>PUT /api/v1/certificates/{name}</c>.</summary>
/// <param name="Chain">PEM: the certificate, then its intermediates in order.</param>
/// <param name="Key">PEM: its private key, not encrypted.</param>
public sealed record AddCertificate([property: JsonRequired] string Chain, [property: JsonRequired] string Key)
{
    /// <summary>Never shows the key.</summary>
    public override string ToString() => nameof(AddCertificate);
}

/// <summary>The edge's own certificate authority.</summary>
/// <param name="Pem">Its root; who trusts it accepts what the edge signs itself.</param>
public sealed record Authority(string Pem);

/// <summary>The edge's account at a public authority.</summary>
/// <param name="Directory">Of the authority.</param>
public sealed record AcmeAccount(string Directory);

/// <summary>A host of a service.</summary>
/// <param name="Host"><c>*</c>: every host that nobody else claims.</param>
/// <param name="Tls">Where its certificate comes from: <c>automatic</c>, <c>uploaded</c> or <c>internal</c>; <see langword="null"/>: served over plain http.</param>
/// <param name="Certificate">Name of the certificate; <c>internal</c>: of the edge's own authority, made anew by itself.</param>
/// <param name="NotAfter">End of one that is not <c>internal</c>.</param>
/// <param name="Problem">Why it is not served over TLS, or will soon not be; <see langword="null"/>: nothing.</param>
public sealed record Domain(string Host, string Project, string Environment, string Service, string? Tls, string? Certificate, DateTimeOffset? NotAfter, string? Problem)
{
    /// <summary>When it is tried again to get a certificate, after a failure.</summary>
    public DateTimeOffset? NextAttempt { get; init; }
}
