using Wherry.Core.Model;

namespace Wherry.Docker;

/// <summary>What the container has in common with its host or with other containers.</summary>
internal sealed partial record HostConfigWire
{
    public bool? Privileged { get; init; }

    public IReadOnlyList<DeviceWire>? Devices { get; init; }

    public IReadOnlyList<DeviceRequestWire>? DeviceRequests { get; init; }

    public string? IpcMode { get; init; }

    public string? PidMode { get; init; }

    public IReadOnlyList<string>? VolumesFrom { get; init; }

    private HostConfigWire With(Sharing? sharing, IReadOnlyDictionary<ServiceName, string> providers) => sharing is null ? this : this with
    {
        Privileged = sharing.Privileged ? true : null,
        Devices = sharing.Devices is { } devices ? [.. devices.Select(d => new DeviceWire(d.Source, d.Target, d.Permissions))] : null,
        DeviceRequests = sharing.DeviceRequests is { } requests ? [.. requests.Select(DeviceRequestWire.Of)] : null,
        NetworkMode = ModeOf(sharing.Network, providers) ?? NetworkMode,
        IpcMode = ModeOf(sharing.Ipc, providers),
        PidMode = ModeOf(sharing.Pid, providers),
        VolumesFrom = sharing.VolumesFrom is { } volumes ? [.. volumes.Select(v => $"{Provider(v.Service, providers) ?? v.Container}{(v.ReadOnly ? ":ro" : "")}")] : null,
    };

    private static string? ModeOf(Namespace? wanted, IReadOnlyDictionary<ServiceName, string> providers) => wanted?.Mode switch
    {
        null => null,
        NamespaceMode.Service => $"container:{Provider(wanted.Service, providers)}",
        NamespaceMode.Container => $"container:{wanted.Container}",
        var mode => mode.Value.ToString().ToLowerInvariant(),
    };

    private static string? Provider(ServiceName? service, IReadOnlyDictionary<ServiceName, string> providers) => service is null ? null : providers.GetValueOrDefault(service);
}

internal sealed record DeviceWire(string PathOnHost, string PathInContainer, string CgroupPermissions);

internal sealed record DeviceRequestWire(string Driver, int Count, IReadOnlyList<string>? DeviceIDs, IReadOnlyList<IReadOnlyList<string>>? Capabilities, IReadOnlyDictionary<string, string>? Options)
{
    public static DeviceRequestWire Of(DeviceRequest request) =>
        new(request.Driver ?? "", request.Count, request.Ids.Count > 0 ? request.Ids : null, request.Capabilities.Count > 0 ? [request.Capabilities] : null, request.Options);
}
