using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Wherry.Client;
using Wherry.Core.Problems;
using Wherry.Server.Access;
using Wherry.Server.Store;

namespace Wherry.Server.Tests.Access;

public sealed class PolicyTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_endpoint_without_a_policy_keeps_the_server_from_starting()
    {
        await using var app = WebApplication.CreateSlimBuilder().Build();
        app.MapGet("/closed", () => "").Needs(TokenScope.Read);
        PolicyRules.CheckEveryEndpoint(app);

        app.MapGet("/open", () => "");

        Assert.Contains("/open", Assert.Throws<InvalidOperationException>(() => PolicyRules.CheckEveryEndpoint(app)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_group_hands_its_policy_to_all_its_endpoints()
    {
        await using var app = WebApplication.CreateSlimBuilder().Build();
        var group = app.MapGroup("/group").Needs(TokenScope.Admin);
        group.MapGet("one", () => "");
        group.MapGroup("inner").MapPost("two", () => "");

        PolicyRules.CheckEveryEndpoint(app);
    }

    [Theory]
    [InlineData(null, TokenScope.Read, "token/missing")]
    [InlineData(TokenScope.Read, TokenScope.Read, null)]
    [InlineData(TokenScope.Read, TokenScope.Deploy, "token/scope")]
    [InlineData(TokenScope.Read, TokenScope.Admin, "token/scope")]
    [InlineData(TokenScope.Deploy, TokenScope.Read, null)]
    [InlineData(TokenScope.Deploy, TokenScope.Deploy, null)]
    [InlineData(TokenScope.Deploy, TokenScope.Admin, "token/scope")]
    [InlineData(TokenScope.Admin, TokenScope.Read, null)]
    [InlineData(TokenScope.Admin, TokenScope.Admin, null)]
    public async Task Each_scope_includes_the_ones_before_it_and_no_other(TokenScope? has, TokenScope needs, string? refusal)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        await using var app = builder.Build();
        ProblemException? refused = null;
        app.Use(async (context, next) =>
        {
            if (has is { } scope)
            {
                context.Features.Set(new Caller(TeamId.Default, scope, "tester"));
            }

            try
            {
                await next(context);
            }
            catch (ProblemException e)
            {
                refused = e;
            }
        });
        app.UseRouting();
        app.Use(PolicyRules.EnforceAsync);
        var reached = false;
        app.MapGet("/", () => reached = true).Needs(needs);
        await app.StartAsync(Ct);

        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(app.Urls.Single()), Ct);

        Assert.Equal(refusal, refused?.Problem.Code);
        Assert.Equal(refusal is null, reached);
    }
}
