namespace Wherry.Server.Tests.Deployments;

/// <summary>Compose files for tests, put together from services.</summary>
internal static class ComposeText
{
    /// <summary>A probe that comes often enough for a test.</summary>
    private const string Health = "health: { path: /up, interval: 100ms, deadline: 40s }";

    /// <summary>Services below one another.</summary>
    public static string Of(params string[] services) => "services:\n" + string.Concat(services);

    /// <summary>A routed service named <c>web</c>.</summary>
    /// <param name="host">Its host.</param>
    /// <param name="version">Of the test application.</param>
    /// <param name="keys">More keys of the service, one per line.</param>
    /// <param name="wherry">More keys below <c>x-wherry</c>, one per line.</param>
    public static string Web(string host, string version = "v1", string keys = "", string wherry = "") =>
        Service("web", version, $"expose: [\"3000\"]\n{keys}\nx-wherry:\n  routes: [\"{host}\"]\n  {(wherry.Contains("health:", StringComparison.Ordinal) ? "" : Health)}\n{Indented(wherry, 2)}");

    /// <summary>A service of the test application.</summary>
    public static string Service(string name, string version = "v1", string keys = "") =>
        $"  {name}:\n    image: {LiveWherry.Image(version)}\n{Indented(keys, 4)}";

    /// <summary>A service that runs one JavaScript statement.</summary>
    public static string Script(string name, string script, string keys = "") =>
        Service(name, "v1", $"command: [node, -e, \"{script}\"]\n{keys}");

    private static string Indented(string lines, int by) =>
        string.Concat(lines.Split('\n').Where(l => !string.IsNullOrWhiteSpace(l)).Select(l => $"{new string(' ', by)}{l}\n"));
}
