using Wherry.Client;
using Wherry.Core.Problems;
using Wherry.Server.Store;
using Wherry.Server.Tests.Store;
using Wherry.Server.Tokens;

namespace Wherry.Server.Tests.Tokens;

public abstract class TokenTests(StoreKind kind, LivePostgres postgres) : IAsyncLifetime
{
    private readonly SetClock _clock = new();
    private TokenStore _tokens = null!;
    private TestStore _store = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _store = await TestStore.OpenAsync(kind, postgres);
        _tokens = new TokenStore(_store.Database, _clock);
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return _store.DisposeAsync();
    }

    [Fact]
    public async Task A_token_works_until_it_is_revoked_by_name_or_id_and_not_once_more()
    {
        var first = await CreateAsync("ci", TokenScope.Deploy);
        var second = await CreateAsync("laptop", TokenScope.Read);
        Assert.Equal(new KnownToken(TeamId.Default, "ci", TokenScope.Deploy), await _tokens.RecogniseAsync(first.Secret, Ct));
        Assert.Equal(new KnownToken(TeamId.Default, "laptop", TokenScope.Read), await _tokens.RecogniseAsync(second.Secret, Ct));

        await _tokens.RevokeAsync(TeamId.Default, "ci", Ct);
        await _tokens.RevokeAsync(TeamId.Default, second.Token.Id, Ct);

        Assert.Null(await _tokens.RecogniseAsync(first.Secret, Ct));
        Assert.Null(await _tokens.RecogniseAsync(second.Secret, Ct));
        Assert.All(await _tokens.ListAsync(TeamId.Default, Ct), t => Assert.Equal(_clock.Now, t.RevokedAt));
    }

    [Fact]
    public async Task Revoking_what_is_not_there_says_so_and_revoking_twice_by_id_is_no_error()
    {
        var made = await CreateAsync("ci");
        await _tokens.RevokeAsync(TeamId.Default, made.Token.Id, Ct);
        await _tokens.RevokeAsync(TeamId.Default, made.Token.Id, Ct);

        Assert.Equal("token/not-found", (await Assert.ThrowsAsync<ProblemException>(() => _tokens.RevokeAsync(TeamId.Default, "ci", Ct))).Problem.Code);
        Assert.Equal("token/not-found", (await Assert.ThrowsAsync<ProblemException>(() => _tokens.RevokeAsync(TeamId.Default, "%", Ct))).Problem.Code);
    }

    [Fact]
    public async Task The_text_has_256_random_bits_and_only_its_hash_reaches_the_disk()
    {
        var secrets = new List<string>();
        for (var n = 0; n < 20; n++)
        {
            secrets.Add((await CreateAsync($"t{n}")).Secret);
        }

        Assert.All(secrets, s => Assert.Matches("^wherry_[A-Za-z0-9_-]{43}$", s));
        Assert.Equal(20, secrets.Distinct().Count());
        var disk = await _store.ContentAsync();
        Assert.Contains("t19", disk, StringComparison.Ordinal);
        Assert.All(secrets, s => Assert.DoesNotContain(s[7..], disk, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_token_ends_exactly_when_it_expires()
    {
        var made = await CreateAsync("short", seconds: 60);
        Assert.Equal(_clock.Now.AddSeconds(60), made.Token.ExpiresAt);

        _clock.Now += TimeSpan.FromMilliseconds(59_999);
        Assert.NotNull(await _tokens.RecogniseAsync(made.Secret, Ct));
        _clock.Now += TimeSpan.FromMilliseconds(1);
        Assert.Null(await _tokens.RecogniseAsync(made.Secret, Ct));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(int.MaxValue)]
    public async Task A_token_cannot_expire_before_it_is_made_or_in_another_age(int seconds)
    {
        Assert.Equal("token/expiry", (await Assert.ThrowsAsync<ProblemException>(() => CreateAsync("x", seconds: seconds))).Problem.Code);
        Assert.Empty(await _tokens.ListAsync(TeamId.Default, Ct));
    }

    [Fact]
    public async Task Last_use_is_noted_at_most_once_a_minute()
    {
        var made = await CreateAsync("ci");
        Assert.Null(await LastUsedAsync());

        await _tokens.RecogniseAsync(made.Secret, Ct);
        var first = _clock.Now;
        Assert.Equal(first, await LastUsedAsync());

        _clock.Now += TimeSpan.FromSeconds(59);
        await _tokens.RecogniseAsync(made.Secret, Ct);
        Assert.Equal(first, await LastUsedAsync());

        _clock.Now += TimeSpan.FromSeconds(1);
        await _tokens.RecogniseAsync(made.Secret, Ct);
        Assert.Equal(_clock.Now, await LastUsedAsync());
    }

    [Fact]
    public async Task A_name_stands_for_one_token_that_works_and_is_free_again_after_it_was_revoked()
    {
        await CreateAsync("ci");
        Assert.Equal("token/exists", (await Assert.ThrowsAsync<ProblemException>(() => CreateAsync("ci"))).Problem.Code);

        await _tokens.RevokeAsync(TeamId.Default, "ci", Ct);

        Assert.NotNull(await _tokens.RecogniseAsync((await CreateAsync("ci")).Secret, Ct));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("-x")]
    [InlineData("a b")]
    [InlineData("../x")]
    [InlineData("socket:0")]
    [InlineData("a\nb")]
    [InlineData("1234567890123456789012345678901234567890123456789012345678901234")]
    public async Task A_name_is_letters_digits_and_a_few_signs(string name)
    {
        Assert.Equal("token/name", (await Assert.ThrowsAsync<ProblemException>(() => CreateAsync(name))).Problem.Code);
    }

    [Fact]
    public async Task DP_19_A_team_cannot_see_or_revoke_the_tokens_of_another()
    {
        var other = new TeamId(2);
        await _store.Database.For(other).ExecuteAsync("INSERT INTO team (id, name) VALUES (@team, 'other')", null, Ct);
        var theirs = await _tokens.CreateAsync(other, new CreateToken("ci", TokenScope.Admin), Ct);

        Assert.Empty(await _tokens.ListAsync(TeamId.Default, Ct));
        await Assert.ThrowsAsync<ProblemException>(() => _tokens.RevokeAsync(TeamId.Default, "ci", Ct));
        await Assert.ThrowsAsync<ProblemException>(() => _tokens.RevokeAsync(TeamId.Default, theirs.Token.Id, Ct));
        Assert.Equal(other, (await _tokens.RecogniseAsync(theirs.Secret, Ct))?.Team);
    }

    private Task<TokenCreated> CreateAsync(string name, TokenScope scope = TokenScope.Admin, int? seconds = null) =>
        _tokens.CreateAsync(TeamId.Default, new CreateToken(name, scope, seconds), Ct);

    private async Task<DateTimeOffset?> LastUsedAsync() => (await _tokens.ListAsync(TeamId.Default, Ct)).Single().LastUsedAt;

    public sealed class OnSqlite(LivePostgres postgres) : TokenTests(StoreKind.Sqlite, postgres);

    public sealed class OnPostgres(LivePostgres postgres) : TokenTests(StoreKind.Postgres, postgres);
}
