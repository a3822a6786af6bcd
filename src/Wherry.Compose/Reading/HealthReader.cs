using Wherry.Core.Model;

namespace Wherry.Compose.Reading;

/// <summary><c>x-wherry.health</c>.</summary>
internal static class HealthReader
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    /// <param name="knownPort">The first route's port, or the only one that the service exposes.</param>
    public static HealthSpec? Read(Field? field, int? knownPort)
    {
        if (field?.Map() is not { } f)
        {
            return null;
        }

        var standard = new HealthSpec();
        var command = f["command"]?.Words();
        var health = new HealthSpec
        {
            Path = f["path"] is { } path ? ReadPath(path) : null,
            Port = (int?)f["port"]?.Int(1, 65535) ?? (f.Has("command") ? null : knownPort),
            Host = f["host"] is { } host ? ReadHost(host) : null,
            Command = command,
            Interval = ReadTime(f["interval"]) ?? standard.Interval,
            Timeout = ReadTime(f["timeout"]) ?? standard.Timeout,
            Deadline = ReadTime(f["deadline"]) ?? standard.Deadline,
        };
        Check(f, health);
        f.Close();
        return health;
    }

    private static void Check(Fields f, HealthSpec health)
    {
        if (f.Has("command") && (f.Has("path") || f.Has("port") || f.Has("host")))
        {
            f.Wrong("compose/value", "has a command as well as path, port or host", "A command runs inside the container, the others are probed from outside; keep one of them.");
        }

        if (health.Command is { Count: 0 })
        {
            f["command"]!.Wrong("must not be empty", "Write the command, for instance bin/check.");
        }

        var probed = f.Has("port") || health.Port is not null;
        var commanded = f.Has("command");
        if (!probed && !commanded && !OnlyBounds(f))
        {
            f.Wrong("compose/health-port", "needs a port: the service has no route and does not expose exactly one port", "Write port: with the container port, or use command.");
        }

        if ((probed || commanded) && health.Interval >= health.Deadline)
        {
            (f["interval"] ?? f["deadline"])!.Wrong(
                $"the interval {health.Interval.TotalSeconds:0.###} s is not shorter than the deadline {health.Deadline.TotalSeconds:0.###} s",
                "Lower the interval or raise the deadline.");
        }
    }

    /// <summary>Says how long to wait, not for what: the engine's own check, or that it runs without exit.</summary>
    private static bool OnlyBounds(Fields f) => f.Has("deadline") && !f.Has("path") && !f.Has("host") && !f.Has("interval") && !f.Has("timeout");

    private static string? ReadPath(Field field)
    {
        var text = field.Text();
        if (text is null || (text.StartsWith('/') && text.Length <= 1024 && text.All(c => c is > ' ' and < (char)127 and not '#')))
        {
            return text;
        }

        field.Wrong($"{field.Shown} is not a path", "Start it with /, for instance /up.");
        return null;
    }

    private static string? ReadHost(Field field)
    {
        var host = field.Value<HostName>();
        if (host is { IsWildcard: true })
        {
            field.Wrong("a probe needs one host, not a wildcard", "Write one of the hosts that the wildcard covers.");
        }

        return host?.Value;
    }

    private static TimeSpan? ReadTime(Field? field)
    {
        var time = field?.Duration();
        if (time is null || (time >= Shortest && time <= Longest))
        {
            return time;
        }

        field!.Wrong($"{field.Shown} is not between 50ms and 1h", "Use a duration from 50ms to 1h.");
        return null;
    }
}
