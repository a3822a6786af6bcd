using System.Net.Sockets;
using System.Net;
using Wherry.Core.Model;
using Wherry.Core.Problems;

namespace Wherry.Compose.Reading;

/// <summary>A service's <c>networks</c>, as a list and as a mapping. Without any it joins <c>default</c>.</summary>
internal static class NetworkReader
{
    public static SortedDictionary<string, NetworkAttachment> Read(Field? field, ServiceContext service)
    {
        var networks = new SortedDictionary<string, NetworkAttachment>(StringComparer.Ordinal);
        if (field is null)
        {
            networks["default"] = new([]);
        }
        else if (field.IsMap)
        {
            foreach (var (name, value) in field.Entries())
            {
                Check(value, name, service);
                networks[name] = value.Node.IsNull ? new([]) : ReadLong(value);
            }
        }
        else
        {
            foreach (var item in field.Items())
            {
                if (item.Filled() is { } name)
                {
                    Check(item, name, service);
                    networks[name] = new([]);
                }
            }
        }

        return networks;
    }

    private static NetworkAttachment ReadLong(Field field)
    {
        if (field.Map() is not { } f)
        {
            return new([]);
        }

        var aliases = f["aliases"]?.Texts() ?? [];
        var address = f["ipv4_address"] is { } ip ? ReadAddress(ip) : null;
        f.Ignore("the engine connects networks in its own order", "priority");
        var options = new AttachmentOptions
        {
            Ipv6Address = f["ipv6_address"] is { } six ? ReadSix(six) : null,
            LinkLocalIps = Lists.Filled(f["link_local_ips"], i => i.Filled()),
            MacAddress = f["mac_address"] is { } mac ? NamingReader.ReadMac(mac) : null,
            DriverOptions = Lists.Pairs(f["driver_opts"]),
            GatewayPriority = (int?)f["gw_priority"]?.Int(int.MinValue, int.MaxValue),
            InterfaceName = f["interface_name"]?.Stated(),
        };
        f.Close();
        return new(aliases, address, Options: options == new AttachmentOptions() ? null : options);
    }

    private static string? ReadAddress(Field field)
    {
        var text = field.Text();
        if (text is null || (IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetwork && text.Split('.').Length == 4))
        {
            return text;
        }

        field.Wrong($"{field.Shown} is not an IPv4 address", "Write it as 172.20.0.5.");
        return null;
    }

    private static string? ReadSix(Field field)
    {
        var text = field.Text();
        if (text is null || (IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6))
        {
            return text;
        }

        field.Wrong($"{field.Shown} is not an IPv6 address", "Write it as fd00:80::5.");
        return null;
    }

    private static void Check(Field field, string name, ServiceContext service)
    {
        if (!service.Top.Networks.ContainsKey(name))
        {
            field.Wrong("compose/undefined-reference", $"the network {Problem.Quoted(name)} is not declared", "Add it under the top-level networks.");
        }
    }
}
