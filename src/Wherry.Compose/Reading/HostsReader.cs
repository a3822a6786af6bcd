using System.Net;

namespace Wherry.Compose.Reading;

/// <summary><c>extra_hosts</c>, as a mapping and as a list of <c>host:address</c> or <c>host=address</c>.</summary>
internal static class HostsReader
{
    public static IReadOnlyList<string> Read(Field? field)
    {
        if (field is null)
        {
            return [];
        }

        return field.IsMap
            ? [.. field.Entries().SelectMany(e => e.Value.ItemOrItems().Select(v => v.Text() is { } address ? Join(v, e.Key, address) : null)).OfType<string>()]
            : [.. field.Items().Select(ReadShort).OfType<string>()];
    }

    private static string? ReadShort(Field item)
    {
        if (item.Text() is not { } text)
        {
            return null;
        }

        var at = text.IndexOf('=', StringComparison.Ordinal);
        at = at < 0 ? text.IndexOf(':', StringComparison.Ordinal) : at;
        return at < 0 ? Join(item, text, "") : Join(item, text[..at], text[(at + 1)..]);
    }

    private static string? Join(Field field, string host, string address)
    {
        var bare = address.StartsWith('[') && address.EndsWith(']') ? address[1..^1] : address;
        if (host.Length > 0 && !host.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)) && (bare == "host-gateway" || IPAddress.TryParse(bare, out _)))
        {
            return $"{host}:{bare}";
        }

        field.Wrong($"{field.Shown} is not a host with an address", "Write it as db.internal:10.0.0.5, or with host-gateway for the server itself.");
        return null;
    }
}
