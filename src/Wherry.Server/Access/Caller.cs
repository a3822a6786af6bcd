using Wherry.Client;
using Wherry.Server.Store;

namespace Wherry.Server.Access;

/// <summary>Who sent a request: bound from the request like any other parameter.</summary>
/// <param name="Actor">For the history: <c>socket</c>, or the token's name.</param>
public sealed record Caller(TeamId Team, TokenScope Scope, string Actor)
{
    public static ValueTask<Caller?> BindAsync(HttpContext context) => ValueTask.FromResult(context.Features.Get<Caller>());
}
