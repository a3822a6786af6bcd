using System.Globalization;
using Wherry.Core.Model;

namespace Wherry.Docker;

/// <summary>The half of a container that belongs to its host.</summary>
internal sealed record HostConfigWire
{
    public string? NetworkMode { get; init; }

    public IReadOnlyList<string>? Binds { get; init; }

    public IReadOnlyList<MountWire>? Mounts { get; init; }

    public IReadOnlyDictionary<string, IReadOnlyList<PortBindingWire>>? PortBindings { get; init; }

    public RestartPolicyWire? RestartPolicy { get; init; }

    public long? NanoCpus { get; init; }

    public long? Memory { get; init; }

    public long? MemoryReservation { get; init; }

    public long? PidsLimit { get; init; }

    public bool? Init { get; init; }

    public IReadOnlyList<string>? CapAdd { get; init; }

    public IReadOnlyList<string>? CapDrop { get; init; }

    public IReadOnlyList<UlimitWire>? Ulimits { get; init; }

    public long? ShmSize { get; init; }

    public IReadOnlyList<string>? ExtraHosts { get; init; }

    public LogConfigWire? LogConfig { get; init; }

    public static HostConfigWire Of(ContainerSpec spec) => new()
    {
        NetworkMode = spec.Networks is [var first, ..] ? first.Network : null,
        Binds = [.. spec.Mounts.Where(IsShortBind).Select(m => $"{m.Source}:{m.Target}{(m.ReadOnly ? ":ro" : "")}")],
        Mounts = [.. spec.Mounts.Where(m => !IsShortBind(m)).Select(MountWire.Of)],
        PortBindings = spec.Ports
            .GroupBy(p => ContainerCreateWire.PortKey(p.ContainerPort, p.Protocol))
            .ToDictionary(g => g.Key, g => (IReadOnlyList<PortBindingWire>)[.. g.Select(PortBindingWire.Of)], StringComparer.Ordinal),
        RestartPolicy = RestartPolicyWire.Of(spec.Restart),
        NanoCpus = NanoCpusOf(spec.Resources),
        Memory = spec.Resources.Memory?.Bytes,
        MemoryReservation = spec.Resources.MemoryReservation?.Bytes,
        PidsLimit = spec.Resources.Pids,
        Init = spec.Init,
        CapAdd = spec.CapAdd,
        CapDrop = spec.CapDrop,
        Ulimits = [.. spec.Ulimits.Select(u => new UlimitWire(u.Name, u.Soft, u.Hard))],
        ShmSize = spec.ShmSize?.Bytes,
        ExtraHosts = spec.ExtraHosts,
        LogConfig = LogConfigWire.Of(spec.Logs),
    };

    public static long? NanoCpusOf(Resources resources) => resources.Cpus is { } cpus ? (long)(cpus * 1e9) : null;

    // Only this form makes the engine create a missing folder; it cannot carry a path with a colon.
    private static bool IsShortBind(Mount m) => m.Kind == MountKind.Bind && !m.Source!.Contains(':', StringComparison.Ordinal) && !m.Target.Contains(':', StringComparison.Ordinal);
}

internal sealed record MountWire
{
    public required string Type { get; init; }

    public string? Source { get; init; }

    public required string Target { get; init; }

    public bool ReadOnly { get; init; }

    public TmpfsOptionsWire? TmpfsOptions { get; init; }

    public static MountWire Of(Mount mount) => new()
    {
        Type = mount.Kind switch { MountKind.Volume => "volume", MountKind.Bind => "bind", _ => "tmpfs" },
        Source = mount.Source,
        Target = mount.Target,
        ReadOnly = mount.ReadOnly,
        TmpfsOptions = mount.Kind == MountKind.Tmpfs && mount.Size is { } size ? new(size.Bytes) : null,
    };
}

internal sealed record TmpfsOptionsWire(long SizeBytes);

internal sealed record PortBindingWire(string? HostIp, string? HostPort)
{
    public static PortBindingWire Of(PublishedPort port) => new(port.HostAddress ?? "", port.HostPort?.ToString(CultureInfo.InvariantCulture) ?? "");
}

internal sealed record RestartPolicyWire(string Name, int MaximumRetryCount)
{
    public static RestartPolicyWire Of(RestartPolicy policy) => policy.Condition switch
    {
        RestartCondition.Always => new("always", 0),
        RestartCondition.UnlessStopped => new("unless-stopped", 0),
        RestartCondition.OnFailure => new("on-failure", policy.MaxAttempts ?? 0),
        _ => new("no", 0),
    };
}

internal sealed record UlimitWire(string Name, long Soft, long Hard);

internal sealed record LogConfigWire(string Type, IReadOnlyDictionary<string, string> Config)
{
    public static LogConfigWire? Of(LogRotation? rotation) => rotation is null ? null : new("json-file", new Dictionary<string, string>
    {
        ["max-size"] = rotation.MaxSize.Value,
        ["max-file"] = rotation.MaxFiles.ToString(CultureInfo.InvariantCulture),
    });
}

internal sealed record ContainerUpdateWire
{
    public RestartPolicyWire? RestartPolicy { get; init; }

    public long? NanoCpus { get; init; }

    public long? Memory { get; init; }

    public long? MemorySwap { get; init; }

    public long? MemoryReservation { get; init; }

    public long? PidsLimit { get; init; }

    public static ContainerUpdateWire Of(Resources resources, RestartPolicy? restart) => new()
    {
        RestartPolicy = restart is null ? null : RestartPolicyWire.Of(restart),
        NanoCpus = HostConfigWire.NanoCpusOf(resources),
        Memory = resources.Memory?.Bytes,
        // Memory cannot rise above the old memory+swap; twice the memory is what the engine sets at creation.
        MemorySwap = resources.Memory?.Bytes * 2,
        MemoryReservation = resources.MemoryReservation?.Bytes,
        PidsLimit = resources.Pids,
    };
}
