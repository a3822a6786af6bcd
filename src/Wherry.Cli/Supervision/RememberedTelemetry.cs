namespace Wherry.Cli.Supervision;

/// <summary>The OpenTelemetry collector that <c>wherry up</c> was told of: OpenTelemetry's own variables.</summary>
internal static class RememberedTelemetry
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>One <c>NAME=value</c> per line; headers among them may be secret.</summary>
    public static string PathIn(string home) => Path.Combine(home, "telemetry");

    /// <summary>Keeps the variables that <c>wherry up</c> was called with; an empty endpoint turns it off, none leaves what was kept.</summary>
    /// <returns>What is kept has changed.</returns>
    public static bool Keep(string home, Func<IReadOnlyDictionary<string, string>> variables)
    {
        var given = variables().Where(v => v.Key.StartsWith("OTEL_", StringComparison.Ordinal) && !v.Value.Contains('\n', StringComparison.Ordinal)).OrderBy(v => v.Key, StringComparer.Ordinal).ToList();
        if (given.All(v => v.Key != Endpoint))
        {
            return false;
        }

        string[] wanted = given.Any(v => v is { Key: Endpoint, Value.Length: > 0 }) ? [.. given.Select(v => $"{v.Key}={v.Value}")] : [];
        if (Remembered.Lines(PathIn(home)).SequenceEqual(wanted))
        {
            return false;
        }

        Remembered.KeepPrivate(PathIn(home), wanted);
        return true;
    }

    /// <summary>Gives the process what is kept; variables that it was started with win.</summary>
    public static void Apply(string home)
    {
        foreach (var line in Remembered.Lines(PathIn(home)))
        {
            if (line.Split('=', 2) is [var name, var value] && Environment.GetEnvironmentVariable(name) is null)
            {
                Environment.SetEnvironmentVariable(name, value);
            }
        }
    }
}
