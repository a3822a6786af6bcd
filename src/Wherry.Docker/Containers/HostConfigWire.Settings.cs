using Wherry.Core.Model;

namespace Wherry.Docker;

/// <summary>What differs from a plain container; all of it is absent for one.</summary>
internal sealed partial record HostConfigWire
{
    public bool? ReadonlyRootfs { get; init; }

    public IReadOnlyList<string>? SecurityOpt { get; init; }

    public IReadOnlyList<string>? MaskedPaths { get; init; }

    public IReadOnlyList<string>? ReadonlyPaths { get; init; }

    public IReadOnlyList<string>? GroupAdd { get; init; }

    public IReadOnlyDictionary<string, string>? Sysctls { get; init; }

    public IReadOnlyList<string>? DeviceCgroupRules { get; init; }

    public IReadOnlyDictionary<string, string>? StorageOpt { get; init; }

    public string? Runtime { get; init; }

    public string? CgroupnsMode { get; init; }

    public string? CgroupParent { get; init; }

    public string? UTSMode { get; init; }

    public string? UsernsMode { get; init; }

    public IReadOnlyDictionary<string, string>? Annotations { get; init; }

    public IReadOnlyList<string>? Dns { get; init; }

    public IReadOnlyList<string>? DnsSearch { get; init; }

    public IReadOnlyList<string>? DnsOptions { get; init; }

    public long? CpuShares { get; init; }

    public long? CpuPeriod { get; init; }

    public long? CpuQuota { get; init; }

    public long? CpuRealtimePeriod { get; init; }

    public long? CpuRealtimeRuntime { get; init; }

    public string? CpusetCpus { get; init; }

    public long? MemorySwappiness { get; init; }

    public long? MemorySwap { get; init; }

    public bool? OomKillDisable { get; init; }

    public int? OomScoreAdj { get; init; }

    public int? BlkioWeight { get; init; }

    public IReadOnlyList<DeviceWeightWire>? BlkioWeightDevice { get; init; }

    public IReadOnlyList<DeviceRateWire>? BlkioDeviceReadBps { get; init; }

    public IReadOnlyList<DeviceRateWire>? BlkioDeviceWriteBps { get; init; }

    public IReadOnlyList<DeviceRateWire>? BlkioDeviceReadIOps { get; init; }

    public IReadOnlyList<DeviceRateWire>? BlkioDeviceWriteIOps { get; init; }

    public IReadOnlyDictionary<string, string>? Tmpfs { get; init; }

    private HostConfigWire With(Isolation? isolation)
    {
        if (isolation is null)
        {
            return this;
        }

        // The engine's API has no such option: it takes the lists of paths that the option empties.
        var opensSystem = isolation.SecurityOpt?.Contains("systempaths=unconfined") is true;
        return this with
        {
            ReadonlyRootfs = isolation.ReadOnly ? true : null,
            SecurityOpt = isolation.SecurityOpt is { } options ? [.. options.Where(o => o != "systempaths=unconfined")] : null,
            MaskedPaths = opensSystem ? [] : null,
            ReadonlyPaths = opensSystem ? [] : null,
            GroupAdd = isolation.GroupAdd,
            Sysctls = isolation.Sysctls,
            DeviceCgroupRules = isolation.DeviceCgroupRules,
            StorageOpt = isolation.StorageOpt,
            Runtime = isolation.Runtime,
            CgroupnsMode = isolation.Cgroup,
            CgroupParent = isolation.CgroupParent,
            UTSMode = isolation.Uts,
            UsernsMode = isolation.UsernsMode,
        };
    }

    private HostConfigWire With(Tuning? tuning) => tuning is null ? this : this with
    {
        CpuShares = tuning.CpuShares,
        CpuPeriod = tuning.CpuPeriod,
        CpuQuota = tuning.CpuQuota,
        CpuRealtimePeriod = tuning.CpuRealtimePeriod,
        CpuRealtimeRuntime = tuning.CpuRealtimeRuntime,
        CpusetCpus = tuning.Cpuset,
        MemorySwappiness = tuning.MemorySwappiness,
        MemorySwap = tuning.MemorySwap,
        OomKillDisable = tuning.OomKillDisable,
        OomScoreAdj = tuning.OomScoreAdj,
        BlkioWeight = tuning.BlockIo?.Weight,
        BlkioWeightDevice = tuning.BlockIo?.WeightDevices is { } weights ? [.. weights.Select(d => new DeviceWeightWire(d.Path, d.Rate))] : null,
        BlkioDeviceReadBps = DeviceRateWire.Of(tuning.BlockIo?.ReadBps),
        BlkioDeviceWriteBps = DeviceRateWire.Of(tuning.BlockIo?.WriteBps),
        BlkioDeviceReadIOps = DeviceRateWire.Of(tuning.BlockIo?.ReadIops),
        BlkioDeviceWriteIOps = DeviceRateWire.Of(tuning.BlockIo?.WriteIops),
    };

    private HostConfigWire With(Naming? naming) => naming is null ? this : this with { Dns = naming.Dns, DnsSearch = naming.DnsSearch, DnsOptions = naming.DnsOptions };

    private static bool IsTmpfsInWords(Mount m) => m is { Kind: MountKind.Tmpfs, Options.Tmpfs: not null };

    private static Dictionary<string, string>? TmpfsOf(IReadOnlyList<Mount> mounts) =>
        mounts.Where(IsTmpfsInWords).ToDictionary(m => m.Target, TmpfsWords, StringComparer.Ordinal) is { Count: > 0 } all ? all : null;

    private static string TmpfsWords(Mount m)
    {
        IEnumerable<string> words =
        [
            .. m.ReadOnly ? ["ro"] : (string[])[],
            .. m.Size is { } size ? [$"size={size.Value}"] : (string[])[],
            .. m.Options?.Mode is { } mode ? [$"mode={Convert.ToString(mode, 8)}"] : (string[])[],
            .. m.Options?.Tmpfs ?? [],
        ];
        return string.Join(',', words);
    }
}

internal sealed record DeviceWeightWire(string Path, long Weight);

internal sealed record DeviceRateWire(string Path, long Rate)
{
    public static IReadOnlyList<DeviceRateWire>? Of(IReadOnlyList<DeviceRate>? rates) => rates is null ? null : [.. rates.Select(r => new DeviceRateWire(r.Path, r.Rate))];
}
