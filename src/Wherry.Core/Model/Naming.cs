namespace Wherry.Core.Model;

/// <summary>What a container calls itself and whom it asks for names. Absent values leave the engine's default.</summary>
/// <param name="Dns">Servers that the engine's resolver asks for names outside the container's networks.</param>
/// <param name="MacAddress">Of its first network; replicas would share it.</param>
public sealed record Naming(
    string? Hostname = null,
    string? DomainName = null,
    IReadOnlyList<string>? Dns = null,
    IReadOnlyList<string>? DnsSearch = null,
    IReadOnlyList<string>? DnsOptions = null,
    string? MacAddress = null);
