using System.Text.Json.Serialization;

namespace Wherry.Client;

/// <summary>What a token may do; each includes the ones before it.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TokenScope>))]
public enum TokenScope
{
    Read,
    Deploy,
    Admin,
}

/// <summary>A token as it is listed; the token itself is shown once, when it is made.</summary>
public sealed record Token(string Id, string Name, TokenScope Scope, DateTimeOffset CreatedAt, DateTimeOffset? LastUsedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? RevokedAt);

/// <param name="ExpiresInSeconds">Default: never.</param>
public sealed record CreateToken(string Name, TokenScope Scope, int? ExpiresInSeconds = null);

/// <param name="Secret">The token. It is not kept and cannot be shown again.</param>
public sealed record TokenCreated(Token Token, string Secret);
