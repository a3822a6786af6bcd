using System.Text.Json.Serialization;

namespace Wherry.Edge.Acme;

// What goes over the wire, as RFC 8555 names it.

internal sealed record AcmeDirectory(Uri NewNonce, Uri NewAccount, Uri NewOrder, Uri RevokeCert, Uri KeyChange, Uri? RenewalInfo, AcmeMeta? Meta);

internal sealed record AcmeMeta(string? TermsOfService, bool ExternalAccountRequired);

internal sealed record JwsHeader(string Alg, Uri Url, string? Nonce = null, string? Kid = null, Jwk? Jwk = null);

/// <remarks>The order of its members is that of RFC 7638: its JSON is what the thumbprint is taken of.</remarks>
internal sealed record Jwk(string Crv, string Kty, string X, string Y);

internal sealed record Jws(string Protected, string Payload, string Signature);

internal sealed record NewAccount(bool? TermsOfServiceAgreed, IReadOnlyList<string>? Contact, Jws? ExternalAccountBinding, bool? OnlyReturnExisting = null);

internal sealed record AccountAnswer(string? Status);

internal sealed record KeyChange(string Account, Jwk OldKey);

internal sealed record Identifier(string Type, string Value);

internal sealed record NewOrder(IReadOnlyList<Identifier> Identifiers, string? Replaces);

/// <param name="Url">Not part of the answer's body: where it was asked for.</param>
internal sealed record AcmeOrder(string Status, IReadOnlyList<Uri> Authorizations, Uri Finalize, Uri? Certificate, AcmeError? Error, [property: JsonIgnore] Uri? Url = null)
{
    /// <summary>The pause that the authority asked for.</summary>
    [JsonIgnore]
    public TimeSpan? RetryAfter { get; init; }
}

internal sealed record Authorization(Identifier Identifier, string Status, IReadOnlyList<Challenge> Challenges, bool Wildcard, [property: JsonIgnore] Uri? Url = null)
{
    [JsonIgnore]
    public TimeSpan? RetryAfter { get; init; }
}

internal sealed record Challenge(string Type, Uri Url, string Status, string? Token, AcmeError? Error);

internal sealed record StatusChange(string Status);

internal sealed record FinalizeRequest(string Csr);

internal sealed record Revocation(string Certificate, int? Reason);

internal sealed record RenewalInfo(RenewalWindow SuggestedWindow, Uri? ExplanationURL)
{
    [JsonIgnore]
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>When to ask again: as the authority wishes, within what the standard advises.</summary>
    public TimeSpan AskAgain(TimeSpan otherwise) => TimeSpan.FromSeconds(Math.Clamp((RetryAfter ?? otherwise).TotalSeconds, 60, 86_400));
}

internal sealed record RenewalWindow(DateTimeOffset Start, DateTimeOffset End);

/// <summary>A problem document (RFC 7807).</summary>
internal sealed record AcmeError(string? Type, string? Detail, IReadOnlyList<AcmeError>? Subproblems = null, Identifier? Identifier = null);

internal sealed record Nothing;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AcmeDirectory))]
[JsonSerializable(typeof(JwsHeader))]
[JsonSerializable(typeof(Jws))]
[JsonSerializable(typeof(NewAccount))]
[JsonSerializable(typeof(AccountAnswer))]
[JsonSerializable(typeof(KeyChange))]
[JsonSerializable(typeof(NewOrder))]
[JsonSerializable(typeof(AcmeOrder))]
[JsonSerializable(typeof(Authorization))]
[JsonSerializable(typeof(Challenge))]
[JsonSerializable(typeof(StatusChange))]
[JsonSerializable(typeof(FinalizeRequest))]
[JsonSerializable(typeof(Revocation))]
[JsonSerializable(typeof(RenewalInfo))]
[JsonSerializable(typeof(AcmeError))]
[JsonSerializable(typeof(Nothing))]
[JsonSerializable(typeof(SavedAccount))]
internal sealed partial class AcmeJson : JsonSerializerContext;
