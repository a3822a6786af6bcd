using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Wherry.Client;
using Wherry.Server.Access;
using Wherry.Server.Events;

namespace Wherry.Server.Tokens;

internal static class TokenEndpoints
{
    public static IServiceCollection AddTokens(this IServiceCollection services) => services
        .AddSingleton<TokenStore>()
        .AddSingleton<FailedAttempts>()
        .AddSingleton<Credentials>();

    public static void MapTokens(this IEndpointRouteBuilder app)
    {
        var tokens = app.MapGroup("/api/v1/tokens").WithTags("tokens").Needs(TokenScope.Admin);
        tokens.MapGet("", ListAsync);
        tokens.MapPost("", CreateAsync);
        tokens.MapDelete("{token}", RevokeAsync);
    }

    private static async Task<Ok<IReadOnlyList<Token>>> ListAsync(Caller caller, [FromServices] TokenStore store, CancellationToken ct) =>
        TypedResults.Ok(await store.ListAsync(caller.Team, ct));

    private static async Task<Ok<TokenCreated>> CreateAsync(Caller caller, CreateToken request, [FromServices] TokenStore store, [FromServices] EventLog events, HttpContext context, CancellationToken ct)
    {
        // The only answer that ever holds a token: nothing on the way may keep it.
        context.Response.Headers.CacheControl = "no-store";
        var made = await store.CreateAsync(caller.Team, request, ct);
        await events.RecordAsync(caller.Team, new EventEntry(caller.Actor, EventKinds.TokenMade, made.Token.Name) { After = $"{made.Token.Scope}".ToLowerInvariant() }, ct);
        return TypedResults.Ok(made);
    }

    private static async Task<NoContent> RevokeAsync(Caller caller, string token, [FromServices] TokenStore store, [FromServices] EventLog events, CancellationToken ct)
    {
        var name = await store.RevokeAsync(caller.Team, token, ct);
        await events.RecordAsync(caller.Team, new EventEntry(caller.Actor, EventKinds.TokenRevoked, name), ct);
        return TypedResults.NoContent();
    }
}
