namespace Wherry.Core.Model;

/// <summary>What a container has in common with its host or with other containers. Absent values leave the engine's default.</summary>
public sealed record Sharing
{
    /// <summary>All rights of the kernel and all devices of the host.</summary>
    public bool Privileged { get; init; }

    public IReadOnlyList<Device>? Devices { get; init; }

    /// <summary>Devices that a driver of the engine hands out, for instance GPUs.</summary>
    public IReadOnlyList<DeviceRequest>? DeviceRequests { get; init; }

    /// <summary>Whose network; <see langword="null"/>: the networks of the service.</summary>
    public Namespace? Network { get; init; }

    public Namespace? Ipc { get; init; }

    public Namespace? Pid { get; init; }

    /// <summary>Containers whose volumes are mounted too, at the same paths.</summary>
    public IReadOnlyList<VolumesFrom>? VolumesFrom { get; init; }

    /// <summary>Services whose containers this one lives in: another container of theirs means another one of it.</summary>
    public IEnumerable<ServiceName> Providers() => new[] { Network, Ipc, Pid }.Select(n => n?.Service).Concat((VolumesFrom ?? []).Select(v => v.Service)).OfType<ServiceName>().Distinct();

    /// <summary>It has addresses of its own, so that the edge can ask it.</summary>
    public bool HasAddresses() => Network is null or { Mode: NamespaceMode.Bridge };

    /// <summary>Two containers of the service would be in one another's way: each binds its ports in the same network.</summary>
    public bool IsNetworkShared() => Network is { Mode: NamespaceMode.Host or NamespaceMode.Service or NamespaceMode.Container };
}

/// <summary>Where a namespace comes from.</summary>
public enum NamespaceMode
{
    /// <summary>The container's own.</summary>
    Private,

    /// <summary>The container's own, and others may join it.</summary>
    Shareable,

    /// <summary>The server's.</summary>
    Host,

    /// <summary>None.</summary>
    None,

    /// <summary>The engine's default network.</summary>
    Bridge,

    /// <summary>That of a service of this model.</summary>
    Service,

    /// <summary>That of a container that is not of this model.</summary>
    Container,
}

/// <summary>A namespace that is not the container's own by default.</summary>
/// <param name="Container">Its name on the engine.</param>
public sealed record Namespace(NamespaceMode Mode, ServiceName? Service = null, string? Container = null);

/// <summary>A device of the host.</summary>
/// <param name="Permissions">Some of <c>r</c>, <c>w</c> and <c>m</c>.</param>
public sealed record Device(string Source, string Target, string Permissions);

/// <summary>Devices that a driver of the engine is asked for.</summary>
/// <param name="Driver"><see langword="null"/> is any that has the capabilities; <c>cdi</c> takes names.</param>
/// <param name="Count">-1 is all.</param>
public sealed record DeviceRequest(string? Driver, int Count, IReadOnlyList<string> Ids, IReadOnlyList<string> Capabilities, IReadOnlyDictionary<string, string> Options);

/// <summary>The volumes of another container.</summary>
/// <param name="Container">Its name on the engine, when it is none of a service.</param>
public sealed record VolumesFrom(ServiceName? Service, string? Container, bool ReadOnly);
