using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Wherry.Edge.Proxying;

namespace Wherry.Edge.Pages;

/// <summary>The edge's own error answers: the service's page, else the operator's, else a built-in one. An answer of a service never passes through here.</summary>
/// <param name="folder">The operator's. May hold <c>503.html</c> and so on, with <c>{{message}}</c>, <c>{{status}}</c>, <c>{{title}}</c> and <c>{{request}}</c>; changes show at once.</param>
internal sealed class ErrorPages(string folder)
{
    private readonly ConcurrentDictionary<int, Template> _templates = new();

    /// <summary>Answers with a page, JSON or plain text, whichever the client accepts.</summary>
    /// <param name="request">Being answered.</param>
    /// <param name="status">Of the answer.</param>
    /// <param name="message">Plain text; escaped where needed.</param>
    /// <param name="retryAfter">When it is worth to ask again, if that is known.</param>
    public async Task WriteAsync(EdgeRequest request, int status, string message, TimeSpan? retryAfter = null)
    {
        var http = request.Http;
        http.Response.Clear();
        http.Response.StatusCode = status;
        http.Response.Headers.CacheControl = "no-store";
        if (retryAfter is { } wait)
        {
            http.Response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        var (type, body) = Render(http.Request.Headers.Accept.ToString(), status, message, request);
        http.Response.ContentType = type;
        http.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(http.Request.Method))
        {
            await http.Response.Body.WriteAsync(body, http.RequestAborted);
        }
    }

    /// <summary>A whole answer as HTML and as text, for who gives it in the edge's place.</summary>
    /// <param name="request">Stands for the request's id.</param>
    /// <param name="own">The service's pages.</param>
    public (string Html, string Text) Whole(int status, string message, string request, IReadOnlyDictionary<string, string>? own)
    {
        var title = ReasonPhrases.GetReasonPhrase(status);
        return (Encoding.UTF8.GetString(Html(OfService(own, status) ?? Find(status), status, title, message, request)), Text(status, title, message, request));
    }

    private static string Text(int status, string title, string message, string request) => string.Create(CultureInfo.InvariantCulture, $"{status} {title}\n{message}\nRequest {request}\n");

    private (string Type, byte[] Body) Render(string accept, int status, string message, EdgeRequest request)
    {
        var requestId = request.RequestId;
        var title = ReasonPhrases.GetReasonPhrase(status);
        if (accept.Contains("text/html", StringComparison.OrdinalIgnoreCase))
        {
            return ("text/html; charset=utf-8", Html(OfService(request.Pages, status) ?? Find(status), status, title, message, requestId));
        }

        return accept.Contains("json", StringComparison.OrdinalIgnoreCase)
            ? ("application/json; charset=utf-8", Json(status, title, message, requestId))
            : ("text/plain; charset=utf-8", Encoding.UTF8.GetBytes(Text(status, title, message, requestId)));
    }

    private static string? OfService(IReadOnlyDictionary<string, string>? pages, int status) =>
        pages?.GetValueOrDefault(status.ToString(CultureInfo.InvariantCulture)) ?? pages?.GetValueOrDefault(string.Create(CultureInfo.InvariantCulture, $"{status / 100}xx"));

    private static byte[] Html(string template, int status, string title, string message, string requestId) => Encoding.UTF8.GetBytes(
        template
            .Replace("{{status}}", status.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("{{title}}", title, StringComparison.Ordinal)
            .Replace("{{message}}", WebUtility.HtmlEncode(message), StringComparison.Ordinal)
            .Replace("{{request}}", WebUtility.HtmlEncode(requestId), StringComparison.Ordinal));

    private static byte[] Json(int status, string title, string message, string requestId)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("status"u8, status);
            json.WriteString("title"u8, title);
            json.WriteString("message"u8, message);
            json.WriteString("request"u8, requestId);
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private string Find(int status)
    {
        var path = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{status}.html"));
        var changed = File.GetLastWriteTimeUtc(path); // 1601 when there is none
        if (_templates.TryGetValue(status, out var known) && known.Changed == changed)
        {
            return known.Text;
        }

        var text = BuiltIn;
        if (File.Exists(path))
        {
            try
            {
                text = File.ReadAllText(path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // A page that cannot be read must not turn an error answer into no answer.
            }
        }

        _templates[status] = new(changed, text);
        return text;
    }

    private sealed record Template(DateTime Changed, string Text);

    private const string BuiltIn = """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="robots" content="noindex">
        <title>{{status}} {{title}}</title>
        <style>
        :root { color-scheme: light dark; }
        body { font: 1rem/1.5 system-ui, sans-serif; margin: 0; min-height: 100vh; display: grid; place-items: center; }
        main { max-width: 36rem; padding: 2rem; }
        h1 { font-size: 1.5rem; margin: 0 0 .5rem; }
        small { opacity: .65; }
        </style>
        </head>
        <body>
        <main>
        <h1>{{status}} {{title}}</h1>
        <p>{{message}}</p>
        <small>Request {{request}}</small>
        </main>
        </body>
        </html>

        """;
}
