using Wherry.Core.Model;

namespace Wherry.Compose.Reading;

/// <summary>What a container has in common with its host or with other containers.</summary>
internal static class SharingReader
{
    public static FoundSharing Read(Fields f)
    {
        var needs = new List<(Field, ServiceName)>();
        var sharing = new Sharing
        {
            Privileged = f["privileged"]?.Bool() ?? false,
            Devices = Lists.Filled(f["devices"], i => DeviceReader.IsNamed(i) ? null : DeviceReader.Read(i)),
            DeviceRequests = DeviceReader.ReadRequests(f),
            Network = ReadNamespace(f["network_mode"], needs, "none", "host", "bridge", "service:NAME", "container:NAME"),
            Ipc = ReadNamespace(f["ipc"], needs, "private", "shareable", "host", "none", "service:NAME", "container:NAME"),
            Pid = ReadNamespace(f["pid"], needs, "host", "service:NAME", "container:NAME"),
            VolumesFrom = Lists.Filled(f["volumes_from"], i => ReadVolumes(i, needs)),
        };
        if (sharing.Network is { } network)
        {
            CheckNetwork(f, network);
        }

        return new(sharing == new Sharing() ? null : sharing, needs);
    }

    /// <summary>What the whole service must hold for its network to be another's.</summary>
    public static void Check(Fields f, ServiceSpec spec)
    {
        if (spec.Sharing is not { Network: { } network } sharing || sharing.HasAddresses())
        {
            return;
        }

        var field = f["network_mode"]!;
        if (spec.IsRouted() || spec.Health?.Port is not null)
        {
            field.Wrong("compose/unsupported-key", $"the edge does not reach a service with network_mode {Word(network)}", network.Service is { } owner ? $"Write the routes and the health path at {owner}, whose network it is." : "Use networks, or remove the routes and the health path.");
        }

        if (spec.Replicas > 1 && sharing.IsNetworkShared())
        {
            field.Wrong($"{spec.Replicas} replicas cannot share one network", "Use one replica, or networks.");
        }
    }

    private static Namespace? ReadNamespace(Field? field, List<(Field, ServiceName)> needs, params IReadOnlyList<string> choices)
    {
        if (field?.Stated() is not { } text)
        {
            return null;
        }

        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var (word, name) = colon < 0 ? (text, "") : (text[..colon], text[(colon + 1)..]);
        switch (word)
        {
            case "service" when name.Length > 0 && field.Try(() => ServiceName.Parse(name)) is var service:
                if (service is not null)
                {
                    needs.Add((field, service));
                }

                return service is null ? null : new(NamespaceMode.Service, service);
            case "container" when name.Length > 0:
                return new(NamespaceMode.Container, Container: name);
            case var _ when colon < 0 && choices.Contains(word):
                return new(Enum.Parse<NamespaceMode>(word, ignoreCase: true));
            default:
                field.Wrong($"{field.Shown} is not one of {string.Join(", ", choices)}", $"Use one of {string.Join(", ", choices)}.");
                return null;
        }
    }

    private static VolumesFrom? ReadVolumes(Field item, List<(Field, ServiceName)> needs)
    {
        if (item.Filled() is not { } text)
        {
            return null;
        }

        var parts = text.Split(':');
        var isContainer = parts is ["container", _, ..];
        var rest = isContainer ? parts[1..] : parts;
        if (rest is not ([{ Length: > 0 }] or [{ Length: > 0 }, "ro" or "rw"]))
        {
            item.Wrong($"{item.Shown} does not say whose volumes", "Write it as service, service:ro or container:name:ro.");
            return null;
        }

        var readOnly = rest is [_, "ro"];
        if (isContainer)
        {
            return new(null, rest[0], readOnly);
        }

        if (item.Try(() => ServiceName.Parse(rest[0])) is not { } service)
        {
            return null;
        }

        needs.Add((item, service));
        return new(service, null, readOnly);
    }

    /// <summary>A network that belongs to somebody else has that one's names, addresses and ports.</summary>
    private static void CheckNetwork(Fields f, Namespace network)
    {
        if (f["networks"] is { } networks)
        {
            networks.Wrong("a service has networks or a network_mode, not both", "Keep one of the two keys.");
        }

        if (network.Mode is NamespaceMode.Host)
        {
            f.Ignore("with network_mode host the service binds its ports on the server itself", "ports");
        }

        if (network.Mode is NamespaceMode.Service or NamespaceMode.Container or NamespaceMode.None && f["ports"] is { } ports)
        {
            ports.Wrong($"with network_mode {Word(network)} there is no network of its own to publish ports of", network.Service is { } owner ? $"Publish them at {owner}." : "Remove the key.");
        }

        foreach (var key in network.Mode is NamespaceMode.Service or NamespaceMode.Container ? (string[])["hostname", "dns", "extra_hosts", "mac_address"] : [])
        {
            f[key]?.Wrong($"with network_mode {Word(network)} the names are those of the other container", network.Service is { } owner ? $"Write {key} at {owner}." : "Remove the key.");
        }
    }

    private static string Word(Namespace network) => network switch
    {
        { Service: { } service } => $"service:{service}",
        { Container: { } container } => $"container:{container}",
        _ => network.Mode.ToString().ToLowerInvariant(),
    };
}

/// <summary>What a service shares, and the services that it needs for that.</summary>
internal sealed record FoundSharing(Sharing? Sharing, IReadOnlyList<(Field Field, ServiceName Service)> Needs)
{
    /// <summary>Whether the service has a network other than those that <c>networks</c> says.</summary>
    public bool HasNetwork => Sharing?.Network is not null;
}
