using System.Net;
using Wherry.Core.Model;

namespace Wherry.Compose.Reading;

/// <summary>A network's <c>ipam</c>.</summary>
internal static class IpamReader
{
    public static Ipam? Read(Field? field)
    {
        if (field?.Map() is not { } f)
        {
            return null;
        }

        var ipam = new Ipam(f["driver"]?.Stated() is { } driver and not "default" ? driver : null, [.. (f["config"]?.Items() ?? []).Select(ReadPool).OfType<IpamPool>()], f["options"]?.Pairs() ?? []);
        f.Close();
        return ipam is { Driver: null, Pools.Count: 0, Options.Count: 0 } ? null : ipam;
    }

    private static IpamPool? ReadPool(Field item)
    {
        if (item.Map() is not { } f)
        {
            return null;
        }

        var pool = new IpamPool(ReadRange(f["subnet"]), ReadRange(f["ip_range"]), ReadAddress(f["gateway"]), f["aux_addresses"]?.Pairs() ?? []);
        if (!f.Has("subnet") && (f.Has("ip_range") || f.Has("gateway") || f.Has("aux_addresses")))
        {
            f.Wrong("compose/value", "needs a subnet", "Write subnet: with the whole range, for instance 172.28.0.0/16.");
        }

        f.Close();
        return pool;
    }

    private static string? ReadRange(Field? field)
    {
        var text = field?.Filled();
        if (text is null || IPNetwork.TryParse(text, out _))
        {
            return text;
        }

        field!.Wrong($"{field.Shown} is not a range of addresses", "Write it as 172.28.0.0/16, with an address that the range begins with.");
        return null;
    }

    private static string? ReadAddress(Field? field)
    {
        var text = field?.Filled();
        if (text is null || IPAddress.TryParse(text, out _))
        {
            return text;
        }

        field!.Wrong($"{field.Shown} is not an address", "Write it as 172.28.0.1.");
        return null;
    }
}
