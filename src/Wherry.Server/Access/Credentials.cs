using System.Net.Http.Headers;
using System.Text;
using Wherry.Client;
using Wherry.Core.Problems;
using Wherry.Server.Store;
using Wherry.Server.Tokens;

namespace Wherry.Server.Access;

/// <summary>Turns what a connection proves into a <see cref="Caller"/>: the unix socket makes an administrator, a token what it was made for.</summary>
/// <remarks>There are no cookies and no CORS answers, so a web page of another origin has nothing to send along; the one thing a browser does remember,
/// a token typed into its Basic dialogue, is kept out of such pages' reach by <see cref="RefuseOtherOrigins"/>.</remarks>
internal sealed class Credentials(TokenStore tokens, FailedAttempts failures)
{
    public async Task HandleAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Features.Get<SocketPeer>() is { } peer)
        {
            context.Features.Set(new Caller(TeamId.Default, TokenScope.Admin, $"socket:{peer.Uid}"));
        }
        else
        {
            RefuseOtherOrigins(context.Request);
            if (TokenOf(context.Request) is { } secret)
            {
                context.Features.Set(await RecogniseAsync(secret, context));
            }
        }

        await next(context);
    }

    private async Task<Caller> RecogniseAsync(string secret, HttpContext context)
    {
        if (await tokens.RecogniseAsync(secret, context.RequestAborted) is { } known)
        {
            return new Caller(known.Team, known.Scope, known.Name);
        }

        // Known tokens always work, so that nobody behind the same address can be locked out; 256 bits are not guessed at any speed.
        throw failures.Note(context.Connection.RemoteIpAddress)
            ? new Problem("token/unknown", "This token does not exist, has expired, or was revoked.", "See `wherry tokens list`; make a new one with `wherry tokens create NAME`.").AsException()
            : new Problem("token/too-many-failures", "Too many requests with tokens that do not work came from this address.", "Wait a minute and use a token from `wherry tokens create NAME`.").AsException();
    }

    /// <summary>The token of a Bearer header, or the password of a Basic one (Git's way; its user name is of no interest).</summary>
    private static string? TokenOf(HttpRequest request)
    {
        if (!AuthenticationHeaderValue.TryParse(request.Headers.Authorization, out var header) || header.Parameter is not { Length: > 0 } parameter)
        {
            return null;
        }

        if (header.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase))
        {
            return parameter;
        }

        return header.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase) ? Password(parameter) : null;
    }

    private static string? Password(string basic)
    {
        var bytes = new byte[basic.Length];
        if (!Convert.TryFromBase64String(basic, bytes, out var length))
        {
            return null;
        }

        var pair = Encoding.UTF8.GetString(bytes, 0, length);
        var colon = pair.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 || colon == pair.Length - 1 ? null : pair[(colon + 1)..];
    }

    private static void RefuseOtherOrigins(HttpRequest request)
    {
        var own = $"{request.Scheme}://{request.Host}";
        var origin = request.Headers.Origin.ToString();
        var site = request.Headers["Sec-Fetch-Site"].ToString();
        if ((origin.Length > 0 && !origin.Equals(own, StringComparison.OrdinalIgnoreCase)) || site is not ("" or "none" or "same-origin"))
        {
            throw new Problem("request/cross-origin", "A web page of another origin may not use this API.", "Call the API from a program, or from a page served at the same address.").AsException();
        }
    }
}
