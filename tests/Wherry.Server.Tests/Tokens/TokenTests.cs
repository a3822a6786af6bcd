using Wherry.Client;

namespace Wherry.Server.Tests.Tokens;

public sealed class TokenTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_token_works_until_it_is_revoked_by_name_or_id()
    {
        await using var home = await Home.StartAsync();
        using var admin = home.OverSocket();
        var first = await admin.CreateTokenAsync(new CreateToken("ci", TokenScope.Admin), Ct);
        var second = await admin.CreateTokenAsync(new CreateToken("laptop", TokenScope.Admin), Ct);
        using var ci = home.WithToken(first.Secret);
        using var laptop = home.WithToken(second.Secret);
        Assert.Equal(2, (await ci.TokensAsync(Ct)).Count);
        Assert.Equal(2, (await laptop.TokensAsync(Ct)).Count);

        await admin.RevokeTokenAsync("ci", Ct);
        await admin.RevokeTokenAsync(second.Token.Id, Ct);

        Assert.Equal("token/unknown", (await Assert.ThrowsAsync<ApiException>(() => ci.TokensAsync(Ct))).Problem.Code);
        Assert.Equal(401, (await Assert.ThrowsAsync<ApiException>(() => laptop.TokensAsync(Ct))).Status);
        Assert.All(await admin.TokensAsync(Ct), t => Assert.NotNull(t.RevokedAt));
    }
}
