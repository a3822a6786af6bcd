using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Wherry.Core.Model;

/// <summary>Tells whether a container was made from the same settings: the value of its <c>wherry.hash</c> label.</summary>
public static class SpecHash
{
    /// <summary>Hash over everything a container is made from. What only steers traffic, order or builds is left out: changing it needs no new container.</summary>
    public static string Of(ServiceSpec spec)
    {
        var made = spec with
        {
            Build = null,
            Canary = null,
            CanonicalHost = null,
            CapAdd = [.. spec.CapAdd.Order(StringComparer.Ordinal)],
            CapDrop = [.. spec.CapDrop.Order(StringComparer.Ordinal)],
            DependsOn = [],
            Deploy = new(),
            Expose = InOrder(spec.Expose, e => $"{e.Port}/{e.Protocol}"),
            Files = InOrder(spec.Files, f => f.Target),
            Health = spec.Health?.Command is { } command ? new() { Command = command, Interval = spec.Health.Interval, Timeout = spec.Health.Timeout } : null,
            Mounts = InOrder(spec.Mounts, m => m.Target),
            Networks = spec.Networks.ToDictionary(n => n.Key, n => n.Value with { Aliases = [.. n.Value.Aliases.Order(StringComparer.Ordinal)] }),
            Ports = InOrder(spec.Ports, p => p.ToString()),
            Profiles = [],
            Pull = null,
            Release = null,
            Replicas = 1,
            Routes = [],
            Rules = null,
            Source = null,
            Tcp = null,
            Tls = null,
            Ulimits = InOrder(spec.Ulimits, u => u.Name),
        };
        var canonical = Sorted(JsonSerializer.SerializeToNode(made, ModelJson.Default.ServiceSpec))!.ToJsonString();
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))[..16];
    }

    /// <summary>Names of the settings that differ, for a person: <c>environment, image</c>.</summary>
    public static string Differences(ServiceSpec before, ServiceSpec after)
    {
        var old = JsonSerializer.SerializeToNode(before, ModelJson.Default.ServiceSpec)!.AsObject();
        var now = JsonSerializer.SerializeToNode(after, ModelJson.Default.ServiceSpec)!.AsObject();
        var names = old.Select(p => p.Key).Union(now.Select(p => p.Key)).Where(k => !JsonNode.DeepEquals(old[k], now[k])).Order(StringComparer.Ordinal).ToList();
        return string.Join(", ", names);
    }

    /// <summary>What the engine takes as a set is hashed as one.</summary>
    private static IReadOnlyList<T> InOrder<T>(IEnumerable<T> items, Func<T, string> key) => [.. items.OrderBy(key, StringComparer.Ordinal)];

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject o => new JsonObject(o.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => KeyValuePair.Create(p.Key, Sorted(p.Value)))),
        JsonArray a => new JsonArray([.. a.Select(Sorted)]),
        null => null,
        _ => node.DeepClone(),
    };
}
