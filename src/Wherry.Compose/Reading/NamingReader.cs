using System.Net;
using System.Text.RegularExpressions;
using Wherry.Core.Model;

namespace Wherry.Compose.Reading;

/// <summary>What a container calls itself and whom it asks for names.</summary>
internal static partial class NamingReader
{
    public static Naming? Read(Fields f)
    {
        var naming = new Naming(
            f["hostname"] is { } host ? ReadName(host) : null,
            f["domainname"] is { } domain ? ReadName(domain) : null,
            Lists.Filled(f["dns"], ReadServer),
            Lists.Filled(f["dns_search"], i => i.Filled()),
            Lists.Filled(f["dns_opt"], i => i.Filled()),
            f["mac_address"] is { } mac ? ReadMac(mac) : null);
        return naming == new Naming() ? null : naming;
    }

    public static string? ReadMac(Field field)
    {
        var text = field.Stated();
        if (text is null || Mac().IsMatch(text))
        {
            return text?.ToLowerInvariant();
        }

        field.Wrong($"{field.Shown} is not a hardware address", "Write six pairs of digits and letters a to f: 02:42:ac:11:00:05.");
        return null;
    }

    private static string? ReadName(Field field)
    {
        var text = field.Stated();
        if (text is null || HostLabel().IsMatch(text))
        {
            return text;
        }

        field.Wrong($"{field.Shown} is not a host name", "Use letters, digits, dashes and dots, at most 63 characters.");
        return null;
    }

    private static string? ReadServer(Field field)
    {
        var text = field.Stated();
        if (text is null || IPAddress.TryParse(text, out _))
        {
            return text;
        }

        field.Wrong($"{field.Shown} is not the address of a name server", "Write it as 9.9.9.9 or 2620:fe::fe.");
        return null;
    }

    [GeneratedRegex(@"\A[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5}\z")]
    private static partial Regex Mac();

    [GeneratedRegex(@"\A[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?\z")]
    private static partial Regex HostLabel();
}
