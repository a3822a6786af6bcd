using Wherry.Client;

namespace Wherry.Server.Tests.Tokens;

public sealed class TokenEndpointTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_revoked_token_stops_working_with_the_next_request()
    {
        await using var home = await Home.StartAsync();
        using var admin = home.OverSocket();
        var made = await admin.CreateTokenAsync(new CreateToken("ci", TokenScope.Admin, 3600), Ct);
        using var ci = home.WithToken(made.Secret);
        var listed = Assert.Single(await ci.TokensAsync(Ct));
        Assert.Equal(("ci", TokenScope.Admin), (listed.Name, listed.Scope));
        Assert.NotNull(listed.LastUsedAt);

        await ci.RevokeTokenAsync("ci", Ct);

        var refused = await Assert.ThrowsAsync<ApiException>(() => ci.TokensAsync(Ct));
        Assert.Equal((401, "token/unknown"), (refused.Status, refused.Problem.Code));
    }

    [Fact]
    public async Task Wrong_requests_are_refused_with_a_reason()
    {
        await using var home = await Home.StartAsync();
        using var admin = home.OverSocket();
        await admin.CreateTokenAsync(new CreateToken("ci", TokenScope.Read), Ct);

        Assert.Equal((409, "token/exists"), await RefusedAsync(() => admin.CreateTokenAsync(new CreateToken("ci", TokenScope.Read), Ct)));
        Assert.Equal((422, "token/name"), await RefusedAsync(() => admin.CreateTokenAsync(new CreateToken("a b", TokenScope.Read), Ct)));
        Assert.Equal((422, "token/name"), await RefusedAsync(() => admin.CreateTokenAsync(new CreateToken(null!, TokenScope.Read), Ct)));
        Assert.Equal((422, "token/scope-unknown"), await RefusedAsync(() => admin.CreateTokenAsync(new CreateToken("x", (TokenScope)7), Ct)));
        Assert.Equal((404, "token/not-found"), await RefusedAsync(() => admin.RevokeTokenAsync("nobody", Ct)));
    }

    private static async Task<(int, string)> RefusedAsync(Func<Task> call)
    {
        var e = await Assert.ThrowsAsync<ApiException>(call);
        return (e.Status, e.Problem.Code);
    }
}
