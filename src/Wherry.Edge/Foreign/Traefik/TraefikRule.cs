using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Wherry.Core.Model;

namespace Wherry.Edge.Foreign.Traefik;

/// <summary>Which requests a router takes, and before which others: so that Traefik matches as <see cref="Wherry.Core.Routing.RouteTable"/> does.</summary>
/// <param name="Text">In the syntax of Traefik 3.</param>
/// <param name="Priority">The highest wins: an exact host before a wildcard before none, then the path with more segments, then the narrower of two on one path.</param>
internal sealed partial record TraefikRule(string Text, int Priority)
{
    private const int OfHost = 1_000_000;
    private const int OfSegment = 10;

    public static TraefikRule Of(Route route) => new(
        route.Host is { } host ? $"{HostRule(host)} && {PathRule(route.Path.Value)}" : PathRule(route.Path.Value),
        (OfHost * (route.Host switch { null => 1, { IsWildcard: true } => 2, _ => 3 })) + (OfSegment * Depth(route.Path)));

    /// <summary>Whether Traefik matches it in every version as we do. What is encoded, or may be, it compares sometimes as it came, sometimes decoded.</summary>
    public static bool CanMatchPath(string path) => PathShape().IsMatch(path);

    /// <summary>Whether it can be written into a rule.</summary>
    public static bool CanMatchMethod(string method) => MethodShape().IsMatch(method);

    /// <summary>The same for one host of those that it takes.</summary>
    public TraefikRule ForHost(HostName host) => new($"{HostRule(host)} && {Text}", Priority + 1);

    /// <summary>The same for some methods.</summary>
    public TraefikRule ForMethods(IEnumerable<string> methods) => new($"{Text} && ({string.Join(" || ", methods.Select(m => $"Method({Quoted(m)})"))})", Priority + 2);

    /// <summary>The same for one path of those that it takes.</summary>
    public TraefikRule ForPath(string path) => new($"{Text} && Path({Quoted(path)})", Priority + 4);

    private static string HostRule(HostName host) => host.IsWildcard
        ? $"HostRegexp({Quoted($@"(?i)^[^.:]+\.{host.Value[2..].Replace(".", @"\.", StringComparison.Ordinal)}\.?(:[0-9]+)?$")})"
        : $"Host({Quoted(host.Value)})";

    private static string PathRule(string path) => path == "/" ? "PathPrefix(`/`)" : $"(Path({Quoted(path)}) || PathPrefix({Quoted(path + "/")}))";

    private static int Depth(PathPrefix path) => path == PathPrefix.Root ? 0 : path.Value.Count(c => c == '/');

    /// <summary>Between backticks there is no escape; what was checked before has none.</summary>
    private static string Quoted(string text) => text.Contains('`', StringComparison.Ordinal) ? throw new UnreachableException(string.Create(CultureInfo.InvariantCulture, $"a backtick in a rule of {text.Length} characters")) : $"`{text}`";

    [GeneratedRegex(@"\A/(?:[A-Za-z0-9._~-]+(?:/[A-Za-z0-9._~-]+)*)?\z")]
    private static partial Regex PathShape();

    [GeneratedRegex(@"\A[A-Z]{1,32}\z")]
    private static partial Regex MethodShape();
}
