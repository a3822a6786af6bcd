namespace Wherry.Cli.Supervision;

/// <summary>What <c>wherry up</c> chose once and keeps: where server and edge listen, and who takes the visitors. <see cref="RememberedStore"/> and <see cref="RememberedTelemetry"/> know the rest.</summary>
internal static class Remembered
{
    public static string ApiListenFile(string home) => Path.Combine(home, "listen");

    public static string EdgeListenFile(string home) => Path.Combine(home, "edge", "listen");

    public static string EdgeListenTlsFile(string home) => Path.Combine(home, "edge", "listen-tls");

    public static string EdgeProxyFile(string home) => Path.Combine(home, "edge", "proxy");

    public static string EdgeProxyLeftFile(string home) => Path.Combine(home, "edge", "proxy-left");

    /// <summary>Proxies that took them before and are not rid of it yet.</summary>
    public static IReadOnlyList<string> EdgeProxiesLeft(string home) => Lines(EdgeProxyLeftFile(home));

    /// <summary>The proxy that takes the visitors in the edge's place, as the edge is told; <see langword="null"/>: the edge takes them.</summary>
    public static string? EdgeProxy(string home) => Lines(EdgeProxyFile(home)) is [var line, ..] ? line : null;

    /// <summary>Where API and Git listen; <see langword="null"/> when nothing was chosen.</summary>
    public static string? ApiListen(string home) => Lines(ApiListenFile(home)) is [var line, ..] ? line : null;

    /// <summary>Where the edge listens; empty when nothing was chosen.</summary>
    public static IReadOnlyList<string> EdgeListen(string home) => Lines(EdgeListenFile(home));

    /// <summary>Where it listens for TLS; empty when nowhere.</summary>
    public static IReadOnlyList<string> EdgeListenTls(string home) => Lines(EdgeListenTlsFile(home));

    internal static IReadOnlyList<string> Lines(string file) => File.Exists(file) ? [.. File.ReadAllLines(file).Select(l => l.Trim()).Where(l => l.Length > 0)] : [];

    /// <summary>Keeps lines for their owner only, whole or not at all; none removes the file.</summary>
    internal static void KeepPrivate(string file, IReadOnlyCollection<string> lines)
    {
        if (lines.Count == 0)
        {
            if (File.Exists(file)) // its folder may be missing too
            {
                File.Delete(file);
            }

            return;
        }

        using (var stream = new FileStream(file + ".new", new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
        {
            stream.Write(System.Text.Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n"));
            stream.Flush(flushToDisk: true);
        }

        File.Move(file + ".new", file, overwrite: true);
    }
}
