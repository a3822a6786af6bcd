namespace Wherry.Cli.Supervision;

/// <summary>What <c>wherry up</c> chose once and keeps: where server and edge listen, and which OpenTelemetry collector is told.</summary>
internal static class Remembered
{
    private const string TelemetryEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    public static string ApiListenFile(string home) => Path.Combine(home, "listen");

    public static string EdgeListenFile(string home) => Path.Combine(home, "edge", "listen");

    /// <summary>Where API and Git listen; <see langword="null"/> when nothing was chosen.</summary>
    public static string? ApiListen(string home) => Lines(ApiListenFile(home)) is [var line, ..] ? line : null;

    /// <summary>Where the edge listens; empty when nothing was chosen.</summary>
    public static IReadOnlyList<string> EdgeListen(string home) => Lines(EdgeListenFile(home));

    /// <summary>OpenTelemetry's own variables, one <c>NAME=value</c> per line; headers among them may be secret.</summary>
    public static string TelemetryFile(string home) => Path.Combine(home, "telemetry");

    /// <summary>Keeps the variables of OpenTelemetry that <c>wherry up</c> was called with; an empty endpoint turns it off, none leaves what was kept.</summary>
    /// <returns>What is kept has changed.</returns>
    public static bool KeepTelemetry(string home, Func<IReadOnlyDictionary<string, string>> variables)
    {
        var given = variables().Where(v => v.Key.StartsWith("OTEL_", StringComparison.Ordinal) && !v.Value.Contains('\n', StringComparison.Ordinal)).OrderBy(v => v.Key, StringComparer.Ordinal).ToList();
        if (given.All(v => v.Key != TelemetryEndpoint))
        {
            return false;
        }

        var file = TelemetryFile(home);
        string[] wanted = given.Any(v => v is { Key: TelemetryEndpoint, Value.Length: > 0 }) ? [.. given.Select(v => $"{v.Key}={v.Value}")] : [];
        if (Lines(file).SequenceEqual(wanted))
        {
            return false;
        }

        File.Delete(file);
        if (wanted.Length > 0)
        {
            using var text = new StreamWriter(file, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
            text.Write(string.Join('\n', wanted) + "\n");
        }

        return true;
    }

    /// <summary>Gives the process what is kept of OpenTelemetry's variables; those that it was started with win.</summary>
    public static void ApplyTelemetry(string home)
    {
        foreach (var line in Lines(TelemetryFile(home)))
        {
            if (line.Split('=', 2) is [var name, var value] && Environment.GetEnvironmentVariable(name) is null)
            {
                Environment.SetEnvironmentVariable(name, value);
            }
        }
    }

    private static IReadOnlyList<string> Lines(string file) => File.Exists(file) ? [.. File.ReadAllLines(file).Select(l => l.Trim()).Where(l => l.Length > 0)] : [];
}
