using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Wherry.Client;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Server.Store;

namespace Wherry.Server.Tokens;

/// <summary>Tokens of the API and of Git over HTTP. Only their SHA-256 is kept: 256 random bits need no slow hash.</summary>
internal sealed class TokenStore(Database database, TimeProvider time)
{
    private const string Prefix = "wherry_";
    private const int SecretBytes = 32;

    /// <summary>A busy token would otherwise write to the store with every request.</summary>
    private static readonly TimeSpan LastUsedEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestLife = TimeSpan.FromDays(3650);

    /// <summary>The team's tokens, newest first; revoked ones too, so that the history's actors keep their meaning.</summary>
    public async Task<IReadOnlyList<Token>> ListAsync(TeamId team, CancellationToken ct)
    {
        var rows = await database.For(team).QueryAsync<TokenRow>($"{Select} WHERE team_id = @team ORDER BY created_at DESC, id", null, ct);
        return [.. rows.Select(r => r.ToToken())];
    }

    /// <exception cref="ProblemException"><c>token/name</c>, <c>token/scope-unknown</c>, <c>token/expiry</c>, <c>token/exists</c>.</exception>
    public async Task<TokenCreated> CreateAsync(TeamId team, CreateToken request, CancellationToken ct)
    {
        var name = TokenName.Parse(request.Name ?? "");
        if (!Enum.IsDefined(request.Scope))
        {
            throw new Problem("token/scope-unknown", $"{(int)request.Scope} is not a scope.", "Use read, deploy or admin.").AsException();
        }

        var now = time.GetUtcNow();
        var expires = Expiry(request.ExpiresInSeconds, now);
        var secret = Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));
        var id = "tok_" + RandomNumberGenerator.GetHexString(12, lowercase: true);
        var made = await database.For(team).ExecuteAsync(
            "INSERT INTO token (id, team_id, name, hash, scope, created_at, expires_at) VALUES (@id, @team, @name, @hash, @scope, @now, @expires) ON CONFLICT DO NOTHING",
            new { id, name = name.Value, hash = Hash(secret), scope = (int)request.Scope, now = now.ToStore(), expires = expires?.ToStore() },
            ct);
        if (made == 0)
        {
            throw new Problem("token/exists", $"There is a token named \"{name}\" already.", "Choose another name, or revoke the old one first: `wherry tokens revoke NAME`.").AsException();
        }

        return new TokenCreated(new Token(id, name.Value, request.Scope, now.ToStore().FromStore(), null, expires, null), secret);
    }

    /// <summary>Revokes by id or name; the token stops working with the next request. Idempotent by id.</summary>
    /// <returns>Its name.</returns>
    /// <exception cref="ProblemException"><c>token/not-found</c>.</exception>
    public async Task<string> RevokeAsync(TeamId team, string token, CancellationToken ct)
    {
        var parameters = new { token, now = time.GetUtcNow().ToStore() };
        var name = await database.For(team).TransactAsync(
            async t =>
            {
                var id = await t.FindAsync<string>("SELECT id FROM token WHERE team_id = @team AND (id = @token OR (name = @token AND revoked_at IS NULL)) ORDER BY id <> @token LIMIT 1", parameters);
                return id is not null && await t.ExecuteAsync("UPDATE token SET revoked_at = coalesce(revoked_at, @now) WHERE team_id = @team AND id = @id", new { id, parameters.now }) == 1
                    ? await t.FindAsync<string>("SELECT name FROM token WHERE team_id = @team AND id = @id", new { id })
                    : null;
            },
            ct);
        return name ?? throw new Problem("token/not-found", $"There is no token {Problem.Quoted(token)}.", "See `wherry tokens list`.").AsException();
    }

    /// <summary>Who a token stands for; <see langword="null"/> for an unknown, expired or revoked one. Notes the use at most once a minute.</summary>
    /// <remarks>Same work whatever the text is: one hash, one look-up by it. Nothing is compared character by character.</remarks>
    public async Task<KnownToken?> RecogniseAsync(string secret, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        // The one query across teams in a request: the token is what tells the team.
        var rows = await database.QueryAsync<TokenRow>(
            $"{Select} WHERE hash = @hash AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > @now)",
            new { hash = Hash(secret), now = now.ToStore() },
            ct);
        if (rows is not [var row])
        {
            return null;
        }

        if (row.LastUsedAt is not { } used || now - used.FromStore() >= LastUsedEvery)
        {
            await database.For(new TeamId(row.TeamId)).ExecuteAsync("UPDATE token SET last_used_at = @now WHERE team_id = @team AND id = @id", new { id = row.Id, now = now.ToStore() }, ct);
        }

        return new KnownToken(new TeamId(row.TeamId), row.Name, (TokenScope)row.Scope);
    }

    private static DateTimeOffset? Expiry(int? seconds, DateTimeOffset now) => seconds switch
    {
        null => null,
        { } s when s > 0 && s <= LongestLife.TotalSeconds => (now + TimeSpan.FromSeconds(s)).ToStore().FromStore(),
        _ => throw new Problem("token/expiry", $"A token cannot expire after {seconds} seconds.", $"Use 1 second to {LongestLife.TotalDays} days, or leave it out for a token that does not expire.").AsException(),
    };

    private static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    private const string Select = "SELECT id AS Id, team_id AS TeamId, name AS Name, scope AS Scope, created_at AS CreatedAt, last_used_at AS LastUsedAt, expires_at AS ExpiresAt, revoked_at AS RevokedAt FROM token";

    private sealed record TokenRow(string Id, long TeamId, string Name, long Scope, long CreatedAt, long? LastUsedAt, long? ExpiresAt, long? RevokedAt)
    {
        public Token ToToken() => new(Id, Name, (TokenScope)Scope, CreatedAt.FromStore(), LastUsedAt.FromStore(), ExpiresAt.FromStore(), RevokedAt.FromStore());
    }
}

/// <summary>A token that works.</summary>
internal sealed record KnownToken(TeamId Team, string Name, TokenScope Scope);
