using Wherry.Docker.Connection;

namespace Wherry.Docker;

/// <summary>A volume to create.</summary>
public sealed record VolumeCreate
{
    public required string Name { get; init; }

    /// <summary>Default <c>local</c>.</summary>
    public string Driver { get; init; } = "local";

    public IReadOnlyDictionary<string, string> DriverOptions { get; init; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();
}

/// <summary>A volume as it is.</summary>
/// <param name="Mountpoint">Its folder on the engine's host.</param>
public sealed record VolumeInfo(string Name, string Driver, string Mountpoint, IReadOnlyDictionary<string, string> Labels, DateTimeOffset? Created);

internal sealed record VolumeCreateWire(string Name, string Driver, IReadOnlyDictionary<string, string> DriverOpts, IReadOnlyDictionary<string, string> Labels)
{
    public static VolumeCreateWire Of(VolumeCreate v) => new(v.Name, v.Driver, v.DriverOptions, v.Labels);
}

internal sealed record VolumeListWire(IReadOnlyList<VolumeWire>? Volumes);

internal sealed record VolumeWire
{
    public string? Name { get; init; }

    public string? Driver { get; init; }

    public string? Mountpoint { get; init; }

    public string? CreatedAt { get; init; }

    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    public VolumeUsageWire? UsageData { get; init; }

    public VolumeInfo ToInfo() => new(Name ?? "", Driver ?? "", Mountpoint ?? "", Labels ?? new Dictionary<string, string>(), EngineTime.Parse(CreatedAt));
}

internal sealed record VolumeUsageWire(long Size, long RefCount);
