using Wherry.Compose.Yaml;

namespace Wherry.Compose.Merging;

/// <summary>What makes two entries of a list the same one: mostly the place in the container.</summary>
internal static class ItemKeys
{
    /// <summary><see langword="null"/>: the entry is like no other, perhaps because it is written wrongly.</summary>
    public static string? Of(MergePath path, YamlNode item) => path.Pattern[(path.Pattern.LastIndexOf('.') + 1)..] switch
    {
        "ports" => OfPort(item),
        "volumes" => OfTarget(item, Target(item)?.TrimEnd('/')),
        "devices" => OfTarget(item, Target(item) ?? Value(item, "source")),
        "secrets" => OfTarget(item, InFolder("/run/secrets/", item)),
        "configs" => OfTarget(item, InFolder("/", item)),
        "env_file" => OfTarget(item, Value(item, "path")),
        _ => null,
    };

    /// <summary>Address, host port, container port and protocol together: a port may be published in two places.</summary>
    private static string? OfPort(YamlNode item)
    {
        if (item is YamlMap)
        {
            return $"{Value(item, "host_ip")}|{Value(item, "published")}|{Value(item, "target")}/{Value(item, "protocol") ?? "tcp"}";
        }

        if (item is not YamlScalar { Text: var text })
        {
            return null;
        }

        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var (ports, protocol) = slash < 0 ? (text, "tcp") : (text[..slash], text[(slash + 1)..]);
        var container = ports.LastIndexOf(':');
        var host = container < 0 ? -1 : ports.LastIndexOf(':', Math.Max(0, container - 1));
        return container < 0
            ? $"||{ports}/{protocol}"
            : $"{(host < 0 ? "" : ports[..host].Trim('[', ']'))}|{ports[(host + 1)..container]}|{ports[(container + 1)..]}/{protocol}";
    }

    private static string? OfTarget(YamlNode item, string? target) => target ?? (item as YamlScalar)?.Text;

    /// <summary>The second part of <c>source:target:options</c>, or the key.</summary>
    private static string? Target(YamlNode item) => item is YamlScalar scalar
        ? scalar.Text.Split(':') is [_, var target, ..] ? target : scalar.Text
        : Value(item, "target");

    private static string? InFolder(string folder, YamlNode item)
    {
        var target = item is YamlScalar scalar ? scalar.Text : Value(item, "target") ?? Value(item, "source");
        return target is null || target.StartsWith('/') ? target : folder + target;
    }

    private static string? Value(YamlNode item, string key) => ((item as YamlMap)?.Find(key)?.Value as YamlScalar)?.Text;
}
