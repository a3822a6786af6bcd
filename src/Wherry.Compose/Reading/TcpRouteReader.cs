using Wherry.Core.Model;

namespace Wherry.Compose.Reading;

/// <summary><c>x-wherry.tcp</c>: mappings, or <c>port</c> or <c>listen:port</c> as a string or number.</summary>
internal static class TcpRouteReader
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(7);
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(10);

    /// <param name="knownPort">Port of a route that names none.</param>
    public static IReadOnlyList<FoundTcpRoute> Read(Field? field, int? knownPort) =>
        [.. (field?.Items() ?? []).Select(item => (item.IsMap ? ReadLong(item, knownPort) : ReadShort(item)) is { } route ? new FoundTcpRoute(item, route) : null).OfType<FoundTcpRoute>()];

    private static TcpRoute? ReadShort(Field item)
    {
        var ports = item.Filled()?.Split(':').Select(p => ushort.TryParse(p, out var port) ? port : 0).ToArray();
        switch (ports)
        {
            case null:
                return null;
            case [> 0 and var both]:
                return new(both, both);
            case [> 0 and var listen, > 0 and var port]:
                return new(listen, port);
            default:
                item.Wrong($"{item.Shown} is not a port, nor two", "Write the edge's port and the container's, for instance \"5432\" or \"15432:5432\".");
                return null;
        }
    }

    private static TcpRoute? ReadLong(Field item, int? knownPort)
    {
        var f = item.Map()!;
        var listen = (int?)f["listen"]?.Int(1, 65535);
        if (!f.Has("listen"))
        {
            item.Wrong("needs listen: the port of the edge", "Write listen: with a port that nobody else has.");
        }

        var port = f["port"] is { } number ? (int?)number.Int(1, 65535) : knownPort ?? listen;
        var standard = new TcpRoute(0, 0);
        var route = new TcpRoute(listen ?? 0, port ?? 0)
        {
            Address = f["address"] is { } address ? ReadAddress(address) : null,
            SilentFor = f["silent_for"] is { } silent ? ReadSilence(silent) ?? standard.SilentFor : standard.SilentFor,
            MaxConnections = (int?)f["max_connections"]?.Int(1, 1_000_000) ?? standard.MaxConnections,
            SendProxy = (int?)f["send_proxy"]?.Int(1, 2),
        };
        f.Close();
        return listen is null || port is null ? null : route;
    }

    private static string? ReadAddress(Field field)
    {
        if (field.Text() is not { } text || System.Net.IPAddress.TryParse(text, out _))
        {
            return field.Text();
        }

        field.Wrong($"{field.Shown} is not an IP address", "Write one that the machine has, for instance 127.0.0.1.");
        return null;
    }

    private static TimeSpan? ReadSilence(Field field)
    {
        var time = field.Duration();
        if (time is null || (time >= Shortest && time <= Longest))
        {
            return time;
        }

        field.Wrong($"{field.Shown} is not between 10ms and 7d", "Use a duration from 10ms to 7d.");
        return null;
    }
}

/// <summary>A TCP route and where it is written.</summary>
internal sealed record FoundTcpRoute(Field Field, TcpRoute Route);
