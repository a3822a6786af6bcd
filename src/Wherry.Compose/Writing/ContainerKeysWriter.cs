using Wherry.Core.Model;

namespace Wherry.Compose.Writing;

/// <summary>Keys of a service that go straight into its container, and that most services leave alone.</summary>
internal static class ContainerKeysWriter
{
    public static void Write(ServiceSpec spec, YamlMapping into)
    {
        into["platform"] = spec.Platform?.Value;
        into["pull_policy"] = spec.Pull switch
        {
            null => null,
            { Every: { } every } => $"every_{TextForm.Of(every)}",
            var pull => TextForm.Of(pull.When),
        };
        into["post_start"] = Hooks(spec.PostStart);
        into["pre_stop"] = Hooks(spec.PreStop);
        into["tty"] = Claim(spec.Tty);
        into["stdin_open"] = Claim(spec.StdinOpen);
        into["annotations"] = Escaped.Pairs(spec.Annotations);
        into["logging"] = spec.Logging is not { } logging ? null : new YamlMapping { ["driver"] = Escaped.Text(logging.Driver), ["options"] = Escaped.Pairs(logging.Options) };
        Names(spec.Naming ?? new(), into);
        Apart(spec.Isolation ?? new(), into);
        Tuned(spec.Tuning ?? new(), into);
        Shared(spec.Sharing ?? new(), into);
    }

    /// <summary>Devices that stand under <c>deploy.resources.reservations</c>: every request but those by name.</summary>
    public static YamlSequence? Reservations(Sharing? sharing) => new YamlSequence((sharing?.DeviceRequests ?? []).Where(d => d.Driver != "cdi").Select(d => new YamlMapping
    {
        ["driver"] = Escaped.Text(d.Driver),
        ["count"] = d.Ids.Count > 0 ? null : d.Count < 0 ? "all" : (YamlValue)d.Count,
        ["device_ids"] = Escaped.Some(d.Ids),
        ["capabilities"] = Escaped.Some(d.Capabilities),
        ["options"] = Escaped.Pairs(d.Options),
    })).OrNothing();

    private static YamlSequence? Hooks(IReadOnlyList<Hook>? hooks) => hooks is null ? null : new(hooks.Select(h => new YamlMapping
    {
        ["command"] = Escaped.List(h.Command),
        ["user"] = Escaped.Text(h.User),
        ["privileged"] = Claim(h.Privileged),
        ["working_dir"] = Escaped.Text(h.WorkingDir),
        ["environment"] = Escaped.Pairs(h.Environment),
    }));

    private static void Names(Naming naming, YamlMapping into)
    {
        into["hostname"] = naming.Hostname;
        into["domainname"] = naming.DomainName;
        into["dns"] = Escaped.Some(naming.Dns);
        into["dns_search"] = Escaped.Some(naming.DnsSearch);
        into["dns_opt"] = Escaped.Some(naming.DnsOptions);
        into["mac_address"] = naming.MacAddress;
    }

    private static void Apart(Isolation isolation, YamlMapping into)
    {
        into["read_only"] = Claim(isolation.ReadOnly);
        into["security_opt"] = Escaped.Some(isolation.SecurityOpt);
        into["group_add"] = Escaped.Some(isolation.GroupAdd);
        into["sysctls"] = Escaped.Pairs(isolation.Sysctls);
        into["device_cgroup_rules"] = Escaped.Some(isolation.DeviceCgroupRules);
        into["storage_opt"] = Escaped.Pairs(isolation.StorageOpt);
        into["runtime"] = Escaped.Text(isolation.Runtime);
        into["cgroup"] = isolation.Cgroup;
        into["cgroup_parent"] = Escaped.Text(isolation.CgroupParent);
        into["uts"] = isolation.Uts;
        into["userns_mode"] = isolation.UsernsMode;
    }

    private static void Tuned(Tuning tuning, YamlMapping into)
    {
        into["cpu_shares"] = Number(tuning.CpuShares);
        into["cpu_period"] = Number(tuning.CpuPeriod);
        into["cpu_quota"] = Number(tuning.CpuQuota);
        into["cpu_rt_period"] = Number(tuning.CpuRealtimePeriod);
        into["cpu_rt_runtime"] = Number(tuning.CpuRealtimeRuntime);
        into["cpuset"] = tuning.Cpuset;
        into["mem_swappiness"] = Number(tuning.MemorySwappiness);
        into["memswap_limit"] = Number(tuning.MemorySwap);
        into["oom_kill_disable"] = Claim(tuning.OomKillDisable);
        into["oom_score_adj"] = Number(tuning.OomScoreAdj);
        into["blkio_config"] = tuning.BlockIo is not { } io ? null : new YamlMapping
        {
            ["weight"] = Number(io.Weight),
            ["weight_device"] = Rates(io.WeightDevices, "weight"),
            ["device_read_bps"] = Rates(io.ReadBps, "rate"),
            ["device_write_bps"] = Rates(io.WriteBps, "rate"),
            ["device_read_iops"] = Rates(io.ReadIops, "rate"),
            ["device_write_iops"] = Rates(io.WriteIops, "rate"),
        };
    }

    private static void Shared(Sharing sharing, YamlMapping into)
    {
        into["privileged"] = Claim(sharing.Privileged);
        into["devices"] = new YamlSequence(
        [
            .. (sharing.Devices ?? []).Select(d => Escaped.Text($"{d.Source}:{d.Target}:{d.Permissions}")!),
            .. (sharing.DeviceRequests ?? []).Where(d => d.Driver == "cdi").SelectMany(d => d.Ids),
        ]).OrNothing();
        into["network_mode"] = Mode(sharing.Network);
        into["ipc"] = Mode(sharing.Ipc);
        into["pid"] = Mode(sharing.Pid);
        into["volumes_from"] = Escaped.Some(sharing.VolumesFrom?.Select(v => $"{(v.Service is { } service ? service.Value : $"container:{v.Container}")}{(v.ReadOnly ? ":ro" : "")}"));
    }

    private static string? Mode(Namespace? wanted) => wanted switch
    {
        null => null,
        { Service: { } service } => $"service:{service}",
        { Container: { } container } => Escaped.Text($"container:{container}"),
        _ => TextForm.Of(wanted.Mode),
    };

    private static YamlSequence? Rates(IReadOnlyList<DeviceRate>? rates, string key) =>
        rates is null ? null : new(rates.Select(r => new YamlMapping { ["path"] = Escaped.Text(r.Path), [key] = r.Rate }));

    private static YamlValue? Claim(bool? claim) => claim is true ? true : null;

    private static YamlValue? Number(long? number) => number is { } known ? known : null;
}
