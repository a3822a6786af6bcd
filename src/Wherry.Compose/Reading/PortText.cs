using System.Globalization;
using System.Net.Sockets;
using System.Net;
using Wherry.Core.Model;
using Wherry.Core.Problems;

namespace Wherry.Compose.Reading;

/// <summary>Ports in Compose's short form: <c>[[address:]host:]container[/protocol]</c>, each port also as a range.</summary>
internal static class PortText
{
    /// <exception cref="FormatException">The text is not such a port; the message says why.</exception>
    public static List<PublishedPort> Parse(string text)
    {
        var (ports, protocol) = CutProtocol(text);
        var lastColon = ports.LastIndexOf(':');
        var container = Range.Parse(ports[(lastColon + 1)..]);
        var rest = lastColon < 0 ? "" : ports[..lastColon];
        var hostColon = rest.EndsWith(']') ? rest.Length : rest.LastIndexOf(':');
        var host = hostColon < rest.Length ? rest[(hostColon + 1)..] : "";
        var address = hostColon > 0 ? CheckAddress(rest[..hostColon]) : null;
        return Pair(address, host.Length == 0 ? null : Range.Parse(host), container, protocol);
    }

    /// <exception cref="FormatException">As <see cref="Parse"/>.</exception>
    public static IEnumerable<ExposedPort> ParseExposed(string text)
    {
        var (ports, protocol) = CutProtocol(text);
        var range = Range.Parse(ports);
        return Enumerable.Range(range.First, range.Count).Select(p => new ExposedPort(p, protocol));
    }

    public static List<PublishedPort> Pair(string? address, Range? host, Range container, string protocol)
    {
        if (host is { } published && published.Count != container.Count)
        {
            throw new FormatException(container.Count == 1
                ? "a range of host ports for one container port is not supported; name one, or none to let the engine choose"
                : "the two ranges have different lengths");
        }

        return [.. Enumerable.Range(0, container.Count).Select(i => new PublishedPort(address, host?.First + i, container.First + i, protocol))];
    }

    public static string CheckAddress(string text)
    {
        var bare = text.StartsWith('[') && text.EndsWith(']') ? text[1..^1] : text;
        var isAddress = IPAddress.TryParse(bare, out var address) && (address.AddressFamily != AddressFamily.InterNetwork || bare.Split('.').Length == 4);
        return isAddress && !bare.Contains('%', StringComparison.Ordinal) ? bare : throw new FormatException($"{Problem.Quoted(text)} is not an IP address");
    }

    private static (string Ports, string Protocol) CutProtocol(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var protocol = slash < 0 ? "tcp" : text[(slash + 1)..].ToLowerInvariant();
        return protocol is "tcp" or "udp" or "sctp"
            ? (slash < 0 ? text : text[..slash], protocol)
            : throw new FormatException($"{Problem.Quoted(protocol)} is not a protocol; use tcp, udp or sctp");
    }

    /// <summary>One port, or several in a row.</summary>
    internal readonly record struct Range(int First, int Count)
    {
        private const int MaxCount = 1000;

        public static Range Parse(string text)
        {
            var dash = text.IndexOf('-', StringComparison.Ordinal);
            var first = ParsePort(dash < 0 ? text : text[..dash]);
            var last = dash < 0 ? first : ParsePort(text[(dash + 1)..]);
            return last < first || last - first >= MaxCount
                ? throw new FormatException($"{Problem.Quoted(text)} is not a range of at most {MaxCount} ports")
                : new(first, last - first + 1);
        }

        private static int ParsePort(string text) =>
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is >= 1 and <= 65535
                ? port
                : throw new FormatException($"{Problem.Quoted(text)} is not a port from 1 to 65535");
    }
}
