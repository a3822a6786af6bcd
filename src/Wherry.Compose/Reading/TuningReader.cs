using System.Text.RegularExpressions;
using Wherry.Core.Model;

namespace Wherry.Compose.Reading;

/// <summary>Weights and limits of the kernel beside cores and memory.</summary>
internal static partial class TuningReader
{
    public static Tuning? Read(Fields f, Resources resources)
    {
        var tuning = new Tuning
        {
            CpuShares = Set(f["cpu_shares"]?.Int(0, 262_144)),
            CpuPeriod = Set(f["cpu_period"] is { } period ? ReadMicroseconds(period) : null),
            CpuQuota = Set(f["cpu_quota"] is { } quota ? ReadMicroseconds(quota) : null),
            CpuRealtimePeriod = Set(f["cpu_rt_period"] is { } rtPeriod ? ReadMicroseconds(rtPeriod) : null),
            CpuRealtimeRuntime = Set(f["cpu_rt_runtime"] is { } runtime ? ReadMicroseconds(runtime) : null),
            Cpuset = f["cpuset"] is { } cores ? ReadCores(cores) : null,
            MemorySwappiness = f["mem_swappiness"]?.Int(-1, 100),
            MemorySwap = f["memswap_limit"] is { } swap ? ReadSwap(swap, resources) : null,
            OomKillDisable = f["oom_kill_disable"]?.Bool() is true ? true : null,
            OomScoreAdj = (int?)Set(f["oom_score_adj"]?.Int(-1000, 1000)),
            BlockIo = f["blkio_config"]?.Map() is { } blkio ? ReadBlockIo(blkio) : null,
        };
        if (resources.Cpus is not null && (tuning.CpuPeriod ?? tuning.CpuQuota) is not null)
        {
            (f["cpu_quota"] ?? f["cpu_period"])!.Wrong("the service says its cores in two ways", "Keep cpus, or cpu_period with cpu_quota.");
        }

        return tuning == new Tuning() ? null : tuning;
    }

    /// <summary>0 is the engine's default.</summary>
    private static long? Set(long? number) => number is 0 ? null : number;

    /// <summary>A number of microseconds, or a duration.</summary>
    private static long? ReadMicroseconds(Field field) => field.Node is Yaml.YamlScalar scalar && scalar.Text.AsSpan().IndexOfAnyInRange('a', 'z') >= 0
        ? (long?)field.Duration()?.TotalMicroseconds
        : field.Int(-1);

    private static string? ReadCores(Field field)
    {
        var text = field.Stated();
        if (text is null || Cores().IsMatch(text))
        {
            return text;
        }

        field.Wrong($"{field.Shown} does not say which cores", "Write them as 0-3 or 0,2.");
        return null;
    }

    /// <summary>Memory and swap together; -1 is no limit, 0 the engine's default.</summary>
    private static long? ReadSwap(Field field, Resources resources)
    {
        if (field.Node is Yaml.YamlScalar { Text: "-1" })
        {
            return -1;
        }

        if (field.Size() is not { Bytes: > 0 } both)
        {
            return null;
        }

        if (resources.Memory is not { } memory || both.Bytes < memory.Bytes)
        {
            field.Wrong("memory and swap together need a limit of memory that is not larger", "Write mem_limit, and at memswap_limit that much or more.");
        }

        return both.Bytes;
    }

    private static BlockIo? ReadBlockIo(Fields f)
    {
        var io = new BlockIo(
            (int?)f["weight"]?.Int(10, 1000),
            ReadDevices(f["weight_device"], "weight", i => i.Int(10, 1000)),
            ReadDevices(f["device_read_bps"], "rate", i => i.Size()?.Bytes),
            ReadDevices(f["device_write_bps"], "rate", i => i.Size()?.Bytes),
            ReadDevices(f["device_read_iops"], "rate", i => i.Int(0)),
            ReadDevices(f["device_write_iops"], "rate", i => i.Int(0)));
        f.Close();
        return io == new BlockIo() ? null : io;
    }

    private static IReadOnlyList<DeviceRate>? ReadDevices(Field? field, string key, Func<Field, long?> read) => Lists.Filled(field, item =>
    {
        if (item.Map() is not { } f)
        {
            return null;
        }

        var path = f["path"]?.Filled();
        var rate = f[key] is { } number ? read(number) : null;
        if (!f.Has("path") || !f.Has(key))
        {
            f.Wrong("compose/value", $"needs path and {key}", $"Write path: with the device, for instance /dev/sda, and {key}:.");
        }

        f.Close();
        return path is null || rate is null ? null : new DeviceRate(path, rate.Value);
    });

    [GeneratedRegex(@"\A[0-9]+(?:-[0-9]+)?(?:,[0-9]+(?:-[0-9]+)?)*\z")]
    private static partial Regex Cores();
}
