using System.Text.Json.Nodes;
using Wherry.Edge.Pages;
using static Wherry.Edge.Foreign.Caddy.CaddyJson;

namespace Wherry.Edge.Foreign.Caddy;

/// <summary>The edge's own answers, as Caddy gives them.</summary>
internal sealed class CaddyPages(ErrorPages pages)
{
    private const string Request = "wherry-request-id";

    /// <summary>HTML for who asks for it, else text.</summary>
    /// <param name="status">Of the answer.</param>
    /// <param name="message">Plain text.</param>
    /// <param name="own">The service's pages.</param>
    /// <param name="until">When it is worth to ask again.</param>
    public JsonObject Answer(int status, string message, IReadOnlyDictionary<string, string>? own = null, DateTimeOffset? until = null)
    {
        var (html, text) = pages.Whole(status, message, Request, own);
        return Subroute(
            Route(new() { ["header"] = new JsonObject { ["Accept"] = Array("*text/html*") } }, Static(status, "text/html; charset=utf-8", html, until)),
            Route(null, Static(status, "text/plain; charset=utf-8", text, until)));
    }

    private static JsonObject Static(int status, string type, string body, DateTimeOffset? until)
    {
        var headers = new JsonObject { ["Content-Type"] = Array(type), ["Cache-Control"] = Array("no-store") };
        if (until is { } end)
        {
            headers["Retry-After"] = Array(end.ToUniversalTime().ToString("R"));
        }

        return new()
        {
            ["handler"] = "static_response",
            ["status_code"] = status,
            ["headers"] = headers,
            ["body"] = Plain(body).Replace(Request, "{http.request.uuid}", StringComparison.Ordinal),
        };
    }
}
