using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Wherry.Edge.Tests.Foreign.Traefik;

/// <summary>Which router a request gets, read from the rules' texts as Traefik's documentation explains them: all that holds, the highest priority first.</summary>
internal static partial class TraefikRuleReader
{
    /// <summary>The name of the router, or <see langword="null"/>.</summary>
    public static string? Find(JsonNode routers, string host, string path, string method = "GET")
    {
        var holding = routers.AsObject().Where(r => Holds(r.Value!["rule"]!.GetValue<string>(), host, path, method)).Select(r => (r.Key, Priority: r.Value!["priority"]!.GetValue<int>())).OrderByDescending(r => r.Priority).ToList();
        Assert.False(holding.Count > 1 && holding[0].Priority == holding[1].Priority, $"two routers of one priority hold for {host}{path}");
        return holding.Count == 0 ? null : holding[0].Key;
    }

    /// <summary>Each matcher becomes 0 or 1; what is left is "and" and "or" of them, in parentheses or not.</summary>
    private static bool Holds(string rule, string host, string path, string method)
    {
        var claims = Matcher().Replace(rule, m => (m.Groups[1].Value, m.Groups[2].Value) switch
        {
            ("Host", var value) => host == value,
            ("HostRegexp", var value) => Regex.IsMatch(host, value),
            ("Path", var value) => path == value,
            ("PathPrefix", var value) => path.StartsWith(value, StringComparison.Ordinal),
            ("Method", var value) => method == value,
            _ => throw new InvalidOperationException(m.Value),
        } ? "1" : "0");
        while (Group().IsMatch(claims))
        {
            claims = Group().Replace(claims, m => m.Groups[1].Value.Contains('1', StringComparison.Ordinal) ? "1" : "0");
        }

        Assert.Matches(@"\A[01](?: && [01])*\z", claims);
        return !claims.Contains('0', StringComparison.Ordinal);
    }

    [GeneratedRegex(@"([A-Za-z]+)\(`([^`]*)`\)")]
    private static partial Regex Matcher();

    [GeneratedRegex(@"\(([01](?: \|\| [01])*)\)")]
    private static partial Regex Group();
}
