using System.Globalization;
using System.Text.RegularExpressions;

namespace Wherry.Bench.Edges;

/// <summary>What one run of a load generator found.</summary>
/// <param name="P99">Milliseconds; 0 where the generator does not tell.</param>
internal readonly record struct Load(double PerSecond, double P99, long Failed);

/// <summary>Load generators that nobody here wrote, with 64 kept connections unless said otherwise.</summary>
internal static partial class Generators
{
    private static readonly Dictionary<string, string> None = [];

    /// <summary>wrk: HTTP/1.1.</summary>
    /// <param name="close">A connection for each request.</param>
    /// <param name="host"><c>Host</c>, where it is not the URL's.</param>
    /// <param name="script">Lua file that makes the requests.</param>
    public static async Task<Load> WrkAsync(string url, int seconds, CancellationToken ct, bool close = false, int connections = 64, string? host = null, string? script = null)
    {
        string[] headers = [.. close ? new[] { "-H", "Connection: close" } : [], .. host is null ? Array.Empty<string>() : ["-H", $"Host: {host}"], .. script is null ? Array.Empty<string>() : ["-s", script]];
        var text = await Command.OutputAsync(ct, ["wrk", "-t1", $"-c{connections}", $"-d{seconds}s", "--latency", .. headers, url]);
        var errors = SocketErrors().Match(text) is { Success: true } e ? e.Groups.Values.Skip(1).Sum(g => long.Parse(g.Value, CultureInfo.InvariantCulture)) : 0;
        return new(Number(WrkRate().Match(text).Groups[1]), Milliseconds(WrkP99().Match(text)), errors + (WrkNotOk().Match(text) is { Success: true } bad ? long.Parse(bad.Groups[1].Value, CultureInfo.InvariantCulture) : 0));
    }

    /// <summary>h2load: HTTP/2, one request at a time on each connection.</summary>
    public static async Task<Load> H2LoadAsync(string url, int port, int seconds, CancellationToken ct)
    {
        var text = await Command.OutputAsync(ct, ["h2load", "-t1", "-c64", "-m1", $"-D{seconds}", "--warm-up-time=1", $"--connect-to=127.0.0.1:{port}", url]);
        var codes = H2Codes().Match(text);
        return new(Number(H2Rate().Match(text).Groups[1]), 0, codes.Groups.Values.Skip(2).Sum(g => long.Parse(g.Value, CultureInfo.InvariantCulture)));
    }

    /// <summary>curl, once.</summary>
    public static async Task<TimeSpan> CurlAsync(string url, string? upload, CancellationToken ct) =>
        await Command.RunAsync("/", None, ct, ["curl", "-sS", "--fail", "-o", "/dev/null", .. upload is null ? Array.Empty<string>() : ["-T", upload], url]);

    private static double Number(Group group) => double.Parse(group.Value, CultureInfo.InvariantCulture);

    private static double Milliseconds(Match match) => Number(match.Groups[1]) * match.Groups[2].Value switch { "us" => 0.001, "ms" => 1, _ => 1000 };

    [GeneratedRegex(@"Requests/sec:\s+([0-9.]+)")]
    private static partial Regex WrkRate();

    [GeneratedRegex(@"99%\s+([0-9.]+)(us|ms|s)")]
    private static partial Regex WrkP99();

    [GeneratedRegex(@"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)")]
    private static partial Regex SocketErrors();

    [GeneratedRegex(@"Non-2xx or 3xx responses: (\d+)")]
    private static partial Regex WrkNotOk();

    [GeneratedRegex(@"finished in [^,]+, ([0-9.]+) req/s")]
    private static partial Regex H2Rate();

    [GeneratedRegex(@"status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx")]
    private static partial Regex H2Codes();
}
