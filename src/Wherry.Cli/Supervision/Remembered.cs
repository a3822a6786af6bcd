namespace Wherry.Cli.Supervision;

/// <summary>What <c>wherry up</c> chose once and keeps: where server and edge listen.</summary>
internal static class Remembered
{
    public static string ApiListenFile(string home) => Path.Combine(home, "listen");

    public static string EdgeListenFile(string home) => Path.Combine(home, "edge", "listen");

    /// <summary>Where API and Git listen; <see langword="null"/> when nothing was chosen.</summary>
    public static string? ApiListen(string home) => Lines(ApiListenFile(home)) is [var line, ..] ? line : null;

    /// <summary>Where the edge listens; empty when nothing was chosen.</summary>
    public static IReadOnlyList<string> EdgeListen(string home) => Lines(EdgeListenFile(home));

    private static IReadOnlyList<string> Lines(string file) => File.Exists(file) ? [.. File.ReadAllLines(file).Select(l => l.Trim()).Where(l => l.Length > 0)] : [];
}
