using Wherry.Core.Model;

namespace Wherry.Compose.Reading;

/// <summary><c>ports</c> and <c>expose</c>.</summary>
internal static class PortReader
{
    private const int MaxPorts = 2000;
    private const string TooMany = "there are more than 2000 ports";

    public static IReadOnlyList<PublishedPort> ReadPublished(Field? field)
    {
        var ports = new List<PublishedPort>();
        foreach (var item in Bounded(field))
        {
            var read = item.IsMap ? ReadLong(item) : ReadShort(item);
            if (ports.Find(p => p.HostPort is not null && read.Any(r => Clash(p, r))) is { } taken)
            {
                item.Wrong($"host port {taken.HostPort}/{taken.Protocol} is bound twice", "Keep one of the two entries.");
            }

            ports.AddRange(read.Except(ports));
            if (ports.Count > MaxPorts)
            {
                field!.Wrong(TooMany, "Name fewer ports.");
                return [];
            }
        }

        return ports;
    }

    public static IReadOnlyList<ExposedPort> ReadExposed(Field? field)
    {
        var ports = new List<ExposedPort>();
        foreach (var item in Bounded(field))
        {
            ports.AddRange(Guard(item, text => PortText.ParseExposed(text).Except(ports).ToList()) ?? []);
            if (ports.Count > MaxPorts)
            {
                field!.Wrong(TooMany, "Name fewer ports.");
                return [];
            }
        }

        return ports;
    }

    private static IReadOnlyList<Field> Bounded(Field? field)
    {
        var items = field?.Items() ?? [];
        if (items.Count <= MaxPorts)
        {
            return items;
        }

        field!.Wrong(TooMany, "Name fewer ports.");
        return [];
    }

    /// <summary>The same entry twice is one; the same host port for two things cannot be.</summary>
    private static bool Clash(PublishedPort a, PublishedPort b) =>
        a != b && a.HostPort == b.HostPort && a.Protocol == b.Protocol && (a.HostAddress == b.HostAddress || a.HostAddress is null || b.HostAddress is null);

    private static List<PublishedPort> ReadShort(Field item) => Guard(item, PortText.Parse) ?? [];

    private static List<PublishedPort> ReadLong(Field item)
    {
        var f = item.Map()!;
        var target = f["target"] is { } port ? Guard(port, text => new[] { PortText.Range.Parse(text) }) : null;
        var published = f["published"] is { } host ? Guard(host, text => new[] { PortText.Range.Parse(text) }) : null;
        var address = f["host_ip"] is { } ip ? Guard(ip, PortText.CheckAddress) : null;
        var protocol = f["protocol"]?.OneOf("tcp", "udp", "sctp") ?? "tcp";
        PublishMode? mode = f["mode"]?.OneOf("host", "ingress") == "host" ? PublishMode.Host : null;
        f.Ignore("a port needs no name here", "name", "app_protocol");
        if (!f.Has("target"))
        {
            f.Wrong("compose/value", "needs target", "Write target: and the container's port.");
        }

        f.Close();
        if (target is null)
        {
            return [];
        }

        return Guard(item, () => PortText.Pair(address, published?[0], target[0], protocol).ConvertAll(p => p with { Mode = mode })) ?? [];
    }

    private static T? Guard<T>(Field field, Func<string, T> parse)
        where T : class => field.Text() is { } text ? Guard(field, () => parse(text)) : null;

    private static T? Guard<T>(Field field, Func<T> parse)
        where T : class
    {
        try
        {
            return parse();
        }
        catch (FormatException e)
        {
            field.Wrong(e.Message, "Write it as 80, 8080:80, 127.0.0.1:8080:80 or 53:53/udp.");
            return null;
        }
    }
}
