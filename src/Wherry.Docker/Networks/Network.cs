using Wherry.Core.Model;
using Wherry.Docker.Connection;

namespace Wherry.Docker;

/// <summary>A network to create.</summary>
public sealed record NetworkCreate
{
    public required string Name { get; init; }

    /// <summary>Default <c>bridge</c>.</summary>
    public string Driver { get; init; } = "bridge";

    /// <summary>No way out of this network.</summary>
    public bool Internal { get; init; }

    /// <summary>Containers outside a Swarm service may join; for <c>overlay</c> only.</summary>
    public bool Attachable { get; init; }

    /// <summary>Subnet, for instance <c>10.80.1.0/24</c>; <see langword="null"/> lets the engine choose.</summary>
    public string? Subnet { get; init; }

    /// <summary>Goes before <see cref="Subnet"/>.</summary>
    public Ipam? Ipam { get; init; }

    public bool? EnableIpv6 { get; init; }

    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>();
}

/// <summary>A network as it is.</summary>
/// <param name="Gateway">The host's address in it.</param>
/// <param name="Containers">Running containers in it, id to name.</param>
public sealed record NetworkInfo(
    string Id,
    string Name,
    string Driver,
    bool Internal,
    string? Subnet,
    string? Gateway,
    IReadOnlyDictionary<string, string> Labels,
    IReadOnlyDictionary<string, string> Options,
    IReadOnlyDictionary<string, string> Containers,
    DateTimeOffset? Created)
{
    /// <summary>Whether a running container, by id (also its beginning) or name, is in this network.</summary>
    public bool Has(string container) => Containers.Any(c => c.Key.StartsWith(container, StringComparison.Ordinal) || c.Value == container);
}

/// <summary>A container's place in one network.</summary>
/// <param name="Aliases">Names besides the container's own under which others in the network find it.</param>
/// <param name="Ipv4">A fixed address; the network needs a configured subnet.</param>
public sealed record NetworkJoin(string Network, IReadOnlyList<string> Aliases, string? Ipv4 = null, AttachmentOptions? Options = null);

internal sealed record NetworkCreateWire
{
    public required string Name { get; init; }

    public required string Driver { get; init; }

    // Before API 1.44 the engine makes a second network of the same name unless told to look.
    public bool CheckDuplicate { get; init; } = true;

    public bool Internal { get; init; }

    public bool Attachable { get; init; }

    public bool? EnableIPv6 { get; init; }

    public IpamWire? IPAM { get; init; }

    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    public IReadOnlyDictionary<string, string>? Options { get; init; }

    public static NetworkCreateWire Of(NetworkCreate n) => new()
    {
        Name = n.Name,
        Driver = n.Driver,
        Internal = n.Internal,
        Attachable = n.Attachable,
        EnableIPv6 = n.EnableIpv6,
        IPAM = n.Ipam is { } ipam ? IpamWire.Of(ipam) : n.Subnet is null ? null : new([new(n.Subnet, null)]),
        Labels = n.Labels,
        Options = n.Options,
    };
}

internal sealed record NetworkWire
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public string? Created { get; init; }

    public string? Driver { get; init; }

    public bool Internal { get; init; }

    public IpamWire? IPAM { get; init; }

    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    public IReadOnlyDictionary<string, string>? Options { get; init; }

    public IReadOnlyDictionary<string, NetworkContainerWire>? Containers { get; init; }

    public NetworkInfo ToInfo()
    {
        var ipam = IPAM?.Config is [var first, ..] ? first : null;
        return new(
            Id,
            Name,
            Driver ?? "",
            Internal,
            ipam?.Subnet,
            ipam?.Gateway,
            Labels ?? new Dictionary<string, string>(),
            Options ?? new Dictionary<string, string>(),
            Containers?.ToDictionary(c => c.Key, c => c.Value.Name ?? "", StringComparer.Ordinal) ?? [],
            EngineTime.Parse(Created));
    }
}

internal sealed record IpamWire(IReadOnlyList<IpamConfigWire>? Config, string? Driver = null, IReadOnlyDictionary<string, string>? Options = null)
{
    public static IpamWire Of(Ipam ipam) => new(
        [.. ipam.Pools.Select(p => new IpamConfigWire(p.Subnet, p.Gateway, p.Range, p.Reserved.Count > 0 ? p.Reserved : null))],
        ipam.Driver ?? "default",
        ipam.Options.Count > 0 ? ipam.Options : null);
}

internal sealed record IpamConfigWire(string? Subnet, string? Gateway, string? IPRange = null, IReadOnlyDictionary<string, string>? AuxiliaryAddresses = null);

internal sealed record NetworkContainerWire(string? Name);

internal sealed record NetworkConnectWire(string Container, EndpointWire EndpointConfig);

internal sealed record NetworkDisconnectWire(string Container, bool Force);

internal sealed record EndpointWire
{
    public IReadOnlyList<string>? Aliases { get; init; }

    public EndpointIpamWire? IPAMConfig { get; init; }

    public string? MacAddress { get; init; }

    public IReadOnlyDictionary<string, string>? DriverOpts { get; init; }

    public int? GwPriority { get; init; }

    public string? IPAddress { get; init; }

    public string? NetworkID { get; init; }

    public static EndpointWire Of(NetworkJoin join) => new()
    {
        Aliases = join.Aliases.Count == 0 ? null : join.Aliases,
        IPAMConfig = (join.Ipv4 ?? join.Options?.Ipv6Address ?? join.Options?.LinkLocalIps?[0]) is null ? null : new(join.Ipv4, join.Options?.Ipv6Address, join.Options?.LinkLocalIps),
        MacAddress = join.Options?.MacAddress,
        DriverOpts = DriverOptsOf(join.Options),
        GwPriority = join.Options?.GatewayPriority,
    };

    private static Dictionary<string, string>? DriverOptsOf(AttachmentOptions? options)
    {
        var all = options?.DriverOptions?.ToDictionary() ?? [];
        if (options?.InterfaceName is { } name)
        {
            all["com.docker.network.endpoint.ifname"] = name;
        }

        return all.Count > 0 ? all : null;
    }
}

internal sealed record EndpointIpamWire(string? IPv4Address, string? IPv6Address = null, IReadOnlyList<string>? LinkLocalIPs = null);

internal sealed record CreatedWire
{
    public required string Id { get; init; }
}
