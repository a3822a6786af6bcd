using System.Globalization;
using Wherry.Core.Model;

namespace Wherry.Docker;

/// <summary>The half of a container that belongs to its host.</summary>
internal sealed partial record HostConfigWire
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

    public static HostConfigWire Of(ContainerSpec spec) => Plain(spec).With(spec.Isolation).With(spec.Tuning).With(spec.Naming).With(spec.Sharing, spec.Providers);

    private static HostConfigWire Plain(ContainerSpec spec) => new()
    {
        NetworkMode = spec.Networks is [var first, ..] ? first.Network : null,
        Binds = [.. spec.Mounts.Where(MountWire.IsShortBind).Select(MountWire.ShortBind)],
        Mounts = [.. spec.Mounts.Where(m => !MountWire.IsShortBind(m) && !IsTmpfsInWords(m)).Select(MountWire.Of)],
        Tmpfs = TmpfsOf(spec.Mounts),
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
        LogConfig = spec.Logs is { } logs ? new(logs.Driver ?? "", logs.Options) : null,
        Annotations = spec.Annotations,
    };

    public static long? NanoCpusOf(Resources resources) => resources.Cpus is { } cpus ? (long)(cpus * 1e9) : null;
}

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

internal sealed record LogConfigWire(string Type, IReadOnlyDictionary<string, string> Config);

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
