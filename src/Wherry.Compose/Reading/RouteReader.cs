using Wherry.Core.Model;

namespace Wherry.Compose.Reading;

/// <summary><c>x-wherry.routes</c>: mappings, or <c>host/path</c> as a string.</summary>
internal static class RouteReader
{
    /// <param name="knownPort">Port of a route that names none.</param>
    public static IReadOnlyList<FoundRoute> Read(Field? field, int? knownPort) =>
        [.. (field?.Items() ?? []).Select(item => item.IsMap ? ReadLong(item, knownPort) : ReadShort(item, knownPort)).OfType<FoundRoute>()];

    private static FoundRoute? ReadShort(Field item, int? knownPort)
    {
        if (item.Filled() is not { } text)
        {
            return null;
        }

        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var host = item.Try(() => HostName.Parse(slash < 0 ? text : text[..slash]));
        var path = slash < 0 ? PathPrefix.Root : item.Try(() => PathPrefix.Parse(text[slash..]));
        var port = knownPort ?? AskForPort(item);
        return host is null || path is null || port is null ? null : new(item, new(host, path, port.Value));
    }

    private static FoundRoute? ReadLong(Field item, int? knownPort)
    {
        var f = item.Map()!;
        var host = f["host"]?.Value<HostName>();
        var path = f["path"] is { } prefix ? prefix.Value<PathPrefix>() : PathPrefix.Root;
        var port = f["port"] is { } number ? (int?)number.Int(1, 65535) : knownPort ?? AskForPort(item);
        var strip = f["strip_prefix"]?.Bool() ?? false;
        var rules = RouteRulesReader.Read(f);
        var protocol = f["protocol"]?.OneOf("http1", "h2c", "grpc") is "h2c" or "grpc" ? RouteProtocol.H2c : RouteProtocol.Http1;
        f.Close();
        return path is null || port is null || (host is null && f["host"] is not null) ? null : new(item, new(host, path, port.Value, strip, rules, protocol));
    }

    private static int? AskForPort(Field item)
    {
        item.Wrong("compose/route-port", "needs a port: the service does not expose exactly one", "Write port: with the container port, or list one port under expose.");
        return null;
    }
}

/// <summary>A route and where it is written.</summary>
internal sealed record FoundRoute(Field Field, Route Route);
