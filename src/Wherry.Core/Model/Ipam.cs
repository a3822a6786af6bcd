namespace Wherry.Core.Model;

/// <summary>Which addresses a network has. Absent values are the engine's choice.</summary>
public sealed record Ipam(string? Driver, IReadOnlyList<IpamPool> Pools, IReadOnlyDictionary<string, string> Options);

/// <summary>A range of addresses.</summary>
/// <param name="Subnet">For instance <c>172.28.0.0/16</c>.</param>
/// <param name="Range">Part of it that containers get addresses of.</param>
/// <param name="Reserved">Addresses in it that no container gets, by name.</param>
public sealed record IpamPool(string? Subnet, string? Range, string? Gateway, IReadOnlyDictionary<string, string> Reserved);

/// <summary>The rarer settings of a service's place in a network.</summary>
public sealed record AttachmentOptions
{
    public string? Ipv6Address { get; init; }

    public IReadOnlyList<string>? LinkLocalIps { get; init; }

    public string? MacAddress { get; init; }

    public IReadOnlyDictionary<string, string>? DriverOptions { get; init; }

    /// <summary>The network with the highest one leads out. Default 0.</summary>
    public int? GatewayPriority { get; init; }

    /// <summary>For instance <c>eth0</c>.</summary>
    public string? InterfaceName { get; init; }
}
