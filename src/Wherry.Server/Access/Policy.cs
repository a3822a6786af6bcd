using Wherry.Client;
using Wherry.Core.Problems;

namespace Wherry.Server.Access;

/// <summary>What a caller needs for an endpoint. An endpoint without one keeps the server from starting.</summary>
internal sealed record Policy(TokenScope Scope);

internal static class PolicyRules
{
    /// <summary>Lets callers with <paramref name="scope"/> or more in.</summary>
    public static TBuilder Needs<TBuilder>(this TBuilder endpoint, TokenScope scope)
        where TBuilder : IEndpointConventionBuilder
    {
        endpoint.Add(e => e.Metadata.Add(new Policy(scope)));
        return endpoint;
    }

    /// <exception cref="InvalidOperationException">An endpoint has no policy: a mistake of ours.</exception>
    public static void CheckEveryEndpoint(IEndpointRouteBuilder app)
    {
        var open = app.DataSources.SelectMany(s => s.Endpoints).Where(e => e.Metadata.GetMetadata<Policy>() is null).Select(e => e.DisplayName).ToList();
        if (open.Count > 0)
        {
            throw new InvalidOperationException($"No policy on: {string.Join(", ", open)}. Add .Needs(TokenScope.…) where it is mapped.");
        }
    }

    /// <summary>Refuses callers without the endpoint's scope.</summary>
    public static async Task EnforceAsync(HttpContext context, RequestDelegate next)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<Policy>() is { } policy)
        {
            var caller = context.Features.Get<Caller>()
                ?? throw new Problem("token/missing", "This address needs a token.", "Send `Authorization: Bearer TOKEN`; make one with `wherry tokens create NAME`.").AsException();
            Check(caller, policy.Scope);
        }

        await next(context);
    }

    /// <summary>For an endpoint whose needs depend on what is asked for.</summary>
    /// <exception cref="ProblemException"><c>token/scope</c>.</exception>
    public static void Check(Caller caller, TokenScope scope)
    {
        if (caller.Scope < scope)
        {
            throw new Problem("token/scope", $"The token \"{caller.Actor}\" has the scope {caller.Scope.ToString().ToLowerInvariant()}; this needs {scope.ToString().ToLowerInvariant()}.", "Use a token with a wider scope.").AsException();
        }
    }
}
