using System.Text.Json.Serialization;

namespace Wherry.Core.Routing;

/// <summary>How the hosts of a service are served over TLS. Services on further paths of a host inherit what the one at its root says.</summary>
public sealed record TlsSettings
{
    public TlsSource Source { get; set; } = TlsSource.Automatic;

    /// <summary>Plain requests are sent to https. Default yes; no: both are served.</summary>
    public bool Redirect { get; set; } = true;

    /// <summary>Who says whether a host that a route takes without naming it gets a certificate, in the first handshake: a path of the service, or an http address; asked with <c>?host=</c>, 200 is a yes. Default: such hosts need a certificate that was uploaded.</summary>
    public string? OnDemand { get; set; }
}

/// <summary>Where a host's certificate comes from.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TlsSource>))]
public enum TlsSource
{
    /// <summary>An uploaded certificate that covers the host; else one that an authority signs, where the edge knows one (<c>acme.json</c>); else, one of the edge's own authority for <c>localhost</c>, <c>*.localhost</c> and <c>*.internal</c>.</summary>
    Automatic,

    /// <summary>Only a certificate that was uploaded: <c>PUT /certificates/{name}</c>.</summary>
    Uploaded,

    /// <summary>The edge's own authority, whatever the host: only those who trust its root accept it.</summary>
    Internal,
}

/// <summary>Body of <c>PUT /certificates/{name}</c>.</summary>
/// <param name="Chain">PEM: the certificate, then its intermediates in order.</param>
/// <param name="Key">PEM: its private key, not encrypted. RSA of at least 2048 bits, or ECDSA.</param>
public sealed record UploadCertificate(string Chain, string Key)
{
    /// <summary>Never shows the key.</summary>
    public override string ToString() => "UploadCertificate";
}

/// <summary>A certificate that the edge serves.</summary>
/// <param name="Name">Name it was uploaded under; the host of one that was obtained.</param>
/// <param name="Hosts">Hosts that it covers.</param>
/// <param name="Issuer">Who signed it.</param>
/// <param name="Problem">Why it is not served, or should be replaced soon; <see langword="null"/>: nothing.</param>
/// <param name="Automatic">Obtained from an authority, and renewed by itself.</param>
/// <param name="NextAttempt">When it is tried again after a failure.</param>
public sealed record CertificateState(
    string Name, IReadOnlyList<string> Hosts, string Issuer, DateTimeOffset NotBefore, DateTimeOffset NotAfter, string? Problem, bool Automatic = false, CertificateCondition Condition = CertificateCondition.Good, DateTimeOffset? NextAttempt = null);

/// <summary>The answer of <c>POST /acme/roll-key</c>.</summary>
/// <param name="Directory">Of the authority whose account has a new key.</param>
public sealed record AcmeKeyRolled(Uri Directory);

/// <summary>How a certificate is.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CertificateCondition>))]
public enum CertificateCondition
{
    Good,

    /// <summary>It is being obtained for the first time.</summary>
    Pending,

    /// <summary>It ends soon, and nobody but its owner can replace it.</summary>
    Expiring,

    /// <summary>It could not be obtained or renewed; the one from before is served on.</summary>
    Failing,

    /// <summary>It has ended, and is served on.</summary>
    Expired,

    /// <summary>It cannot be read, or is not good yet.</summary>
    Unusable,
}
