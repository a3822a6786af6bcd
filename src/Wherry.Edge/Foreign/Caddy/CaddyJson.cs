using System.Globalization;
using System.Text.Json.Nodes;

namespace Wherry.Edge.Foreign.Caddy;

/// <summary>Words of Caddy's configuration.</summary>
internal static class CaddyJson
{
    /// <summary>Text that Caddy shall take as it is: what stands in braces would be replaced, also by secrets of its environment.</summary>
    public static string Plain(string text) => text.Contains('{', StringComparison.Ordinal)
        ? text.Replace("{", "\\{", StringComparison.Ordinal).Replace("}", "\\}", StringComparison.Ordinal)
        : text;

    /// <summary>Names of headers, also with <c>_</c> for <c>-</c>: to many services that is the same.</summary>
    public static JsonArray Names(IEnumerable<string> names) => Array(names.SelectMany(Lookalikes).Distinct(StringComparer.OrdinalIgnoreCase));

    private static IEnumerable<string> Lookalikes(string name) => name.IndexOf('-', StringComparison.Ordinal) is > 0 and var dash
        ? Lookalikes(name[(dash + 1)..]).SelectMany(rest => new[] { $"{name[..dash]}-{rest}", $"{name[..dash]}_{rest}" })
        : [name];

    public static string Duration(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, (long)time.TotalMilliseconds)}ms");

    public static JsonArray Array(IEnumerable<string> texts) => [.. texts.Select(t => (JsonNode)t)];

    public static JsonArray Array(params JsonNode[] nodes) => [.. nodes];

    /// <summary>A route: what matches all that is in <paramref name="match"/> goes through the handlers one after the other.</summary>
    /// <param name="match"><see langword="null"/>: everything.</param>
    public static JsonObject Route(JsonObject? match, params JsonNode[] handlers)
    {
        var route = new JsonObject { ["handle"] = Array(handlers) };
        if (match is { Count: > 0 })
        {
            route["match"] = Array(match);
        }

        return route;
    }

    /// <summary>Routes within a route; what none of them answers goes on behind it.</summary>
    public static JsonObject Subroute(params JsonNode[] routes) => new() { ["handler"] = "subroute", ["routes"] = Array(routes) };

    public static JsonObject Not(JsonObject match) => new() { ["not"] = Array(match) };

    public static JsonObject Ranges(IEnumerable<string> networks) => new() { ["remote_ip"] = new JsonObject { ["ranges"] = Array(networks) } };

    public static JsonObject Methods(params string[] methods) => new() { ["method"] = Array(methods) };

    /// <summary>An answer that sends elsewhere, as the edge itself does: a method that must not become a GET stays.</summary>
    /// <param name="location">With Caddy's placeholders.</param>
    public static JsonObject Redirect(string location, bool permanent) => Subroute(
        Route(Methods("GET", "HEAD"), Answer(permanent ? 301 : 302, location)),
        Route(null, Answer(permanent ? 308 : 307, location)));

    private static JsonObject Answer(int status, string location) =>
        new() { ["handler"] = "static_response", ["status_code"] = status, ["headers"] = new JsonObject { ["Location"] = Array(location) } };
}
