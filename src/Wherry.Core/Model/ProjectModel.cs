namespace Wherry.Core.Model;

/// <summary>A Compose model after interpolation: what a project is to run. Wherry's manifest.</summary>
public sealed record ProjectModel
{
    /// <summary>The file's top-level <c>name</c>, when it has one.</summary>
    public ProjectName? Name { get; init; }

    public required IReadOnlyDictionary<ServiceName, ServiceSpec> Services { get; init; }

    /// <summary>Top-level <c>volumes</c> by their name in the file.</summary>
    public IReadOnlyDictionary<string, VolumeSpec> Volumes { get; init; } = new SortedDictionary<string, VolumeSpec>(StringComparer.Ordinal);

    /// <summary>Top-level <c>networks</c> by their name in the file; <c>default</c> is always among them.</summary>
    public IReadOnlyDictionary<string, NetworkSpec> Networks { get; init; } = new SortedDictionary<string, NetworkSpec>(StringComparer.Ordinal);
}

/// <summary>A top-level volume.</summary>
public sealed record VolumeSpec
{
    /// <summary>Name on the engine instead of the one made from project and environment.</summary>
    public string? ExplicitName { get; init; }

    /// <summary>Made by somebody else: used, never created, never removed.</summary>
    public bool External { get; init; }

    public string? Driver { get; init; }

    public IReadOnlyDictionary<string, string> DriverOptions { get; init; } = new SortedDictionary<string, string>(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, string> Labels { get; init; } = new SortedDictionary<string, string>(StringComparer.Ordinal);
}

/// <summary>A top-level network.</summary>
public sealed record NetworkSpec
{
    /// <summary>Name on the engine instead of the one made from project and environment.</summary>
    public string? ExplicitName { get; init; }

    /// <summary>Made by somebody else: used, never created, never removed.</summary>
    public bool External { get; init; }

    /// <summary>Default: the engine's <c>bridge</c>.</summary>
    public string? Driver { get; init; }

    /// <summary>Default: the engine picks a range.</summary>
    public Ipam? Ipam { get; init; }

    /// <summary>Default: the engine's.</summary>
    public bool? EnableIpv6 { get; init; }

    /// <summary>For <c>overlay</c>: containers outside of a Swarm's service may join.</summary>
    public bool? Attachable { get; init; }

    /// <summary>No way out of this network.</summary>
    public bool Internal { get; init; }

    public IReadOnlyDictionary<string, string> DriverOptions { get; init; } = new SortedDictionary<string, string>(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, string> Labels { get; init; } = new SortedDictionary<string, string>(StringComparer.Ordinal);
}
