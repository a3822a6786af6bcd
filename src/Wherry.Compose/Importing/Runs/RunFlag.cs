namespace Wherry.Compose.Importing.Runs;

/// <summary>A flag of <c>docker run</c> and what it is in Compose.</summary>
/// <param name="Key">Key of the service.</param>
internal sealed record RunFlag(RunFlagKind Kind, string Key = "")
{
    private static readonly Dictionary<char, string> Short = new()
    {
        ['a'] = "attach",
        ['c'] = "cpu-shares",
        ['d'] = "detach",
        ['e'] = "env",
        ['h'] = "hostname",
        ['i'] = "interactive",
        ['l'] = "label",
        ['m'] = "memory",
        ['P'] = "publish-all",
        ['p'] = "publish",
        ['q'] = "quiet",
        ['t'] = "tty",
        ['u'] = "user",
        ['v'] = "volume",
        ['w'] = "workdir",
    };

    private static readonly Dictionary<string, RunFlag> All = new(StringComparer.Ordinal)
    {
        ["detach"] = new(RunFlagKind.NoEffect),
        ["quiet"] = new(RunFlagKind.NoEffect),
        ["rm"] = new(RunFlagKind.NoEffect),
        ["sig-proxy"] = new(RunFlagKind.NoEffect),
        ["disable-content-trust"] = new(RunFlagKind.NoEffect),
        ["attach"] = new(RunFlagKind.NoEffectWithValue),
        ["cidfile"] = new(RunFlagKind.NoEffectWithValue),
        ["detach-keys"] = new(RunFlagKind.NoEffectWithValue),

        ["init"] = new(RunFlagKind.Claim, "init"),
        ["interactive"] = new(RunFlagKind.Claim, "stdin_open"),
        ["oom-kill-disable"] = new(RunFlagKind.Claim, "oom_kill_disable"),
        ["privileged"] = new(RunFlagKind.Claim, "privileged"),
        ["read-only"] = new(RunFlagKind.Claim, "read_only"),
        ["tty"] = new(RunFlagKind.Claim, "tty"),
        ["publish-all"] = new(RunFlagKind.Claim),
        ["no-healthcheck"] = new(RunFlagKind.Claim),

        ["cgroup-parent"] = new(RunFlagKind.Text, "cgroup_parent"),
        ["cgroupns"] = new(RunFlagKind.Text, "cgroup"),
        ["cpu-period"] = new(RunFlagKind.Text, "cpu_period"),
        ["cpu-quota"] = new(RunFlagKind.Text, "cpu_quota"),
        ["cpu-rt-period"] = new(RunFlagKind.Text, "cpu_rt_period"),
        ["cpu-rt-runtime"] = new(RunFlagKind.Text, "cpu_rt_runtime"),
        ["cpu-shares"] = new(RunFlagKind.Number, "cpu_shares"),
        ["cpus"] = new(RunFlagKind.Text, "cpus"),
        ["cpuset-cpus"] = new(RunFlagKind.Text, "cpuset"),
        ["domainname"] = new(RunFlagKind.Text, "domainname"),
        ["hostname"] = new(RunFlagKind.Text, "hostname"),
        ["ipc"] = new(RunFlagKind.Text, "ipc"),
        ["isolation"] = new(RunFlagKind.Text, "isolation"),
        ["mac-address"] = new(RunFlagKind.Text, "mac_address"),
        ["memory"] = new(RunFlagKind.Text, "mem_limit"),
        ["memory-reservation"] = new(RunFlagKind.Text, "mem_reservation"),
        ["memory-swap"] = new(RunFlagKind.Text, "memswap_limit"),
        ["memory-swappiness"] = new(RunFlagKind.Number, "mem_swappiness"),
        ["oom-score-adj"] = new(RunFlagKind.Number, "oom_score_adj"),
        ["pid"] = new(RunFlagKind.Text, "pid"),
        ["pids-limit"] = new(RunFlagKind.Number, "pids_limit"),
        ["platform"] = new(RunFlagKind.Text, "platform"),
        ["pull"] = new(RunFlagKind.Text, "pull_policy"),
        ["restart"] = new(RunFlagKind.Text, "restart"),
        ["runtime"] = new(RunFlagKind.Text, "runtime"),
        ["shm-size"] = new(RunFlagKind.Text, "shm_size"),
        ["stop-signal"] = new(RunFlagKind.Text, "stop_signal"),
        ["user"] = new(RunFlagKind.Text, "user"),
        ["userns"] = new(RunFlagKind.Text, "userns_mode"),
        ["uts"] = new(RunFlagKind.Text, "uts"),
        ["workdir"] = new(RunFlagKind.Text, "working_dir"),

        ["add-host"] = new(RunFlagKind.Item, "extra_hosts"),
        ["cap-add"] = new(RunFlagKind.Item, "cap_add"),
        ["cap-drop"] = new(RunFlagKind.Item, "cap_drop"),
        ["device"] = new(RunFlagKind.Item, "devices"),
        ["device-cgroup-rule"] = new(RunFlagKind.Item, "device_cgroup_rules"),
        ["dns"] = new(RunFlagKind.Item, "dns"),
        ["dns-opt"] = new(RunFlagKind.Item, "dns_opt"),
        ["dns-option"] = new(RunFlagKind.Item, "dns_opt"),
        ["dns-search"] = new(RunFlagKind.Item, "dns_search"),
        ["expose"] = new(RunFlagKind.Item, "expose"),
        ["group-add"] = new(RunFlagKind.Item, "group_add"),
        ["label-file"] = new(RunFlagKind.File, "label_file"),
        ["link"] = new(RunFlagKind.Item, "links"),
        ["publish"] = new(RunFlagKind.Item, "ports"),
        ["security-opt"] = new(RunFlagKind.Item, "security_opt"),
        ["tmpfs"] = new(RunFlagKind.Item, "tmpfs"),
        ["volumes-from"] = new(RunFlagKind.Item, "volumes_from"),

        ["annotation"] = new(RunFlagKind.Pair, "annotations"),
        ["label"] = new(RunFlagKind.Pair, "labels"),
        ["storage-opt"] = new(RunFlagKind.Pair, "storage_opt"),
        ["sysctl"] = new(RunFlagKind.Pair, "sysctls"),

        ["blkio-weight"] = new(RunFlagKind.Own),
        ["entrypoint"] = new(RunFlagKind.Own),
        ["env"] = new(RunFlagKind.Own),
        ["env-file"] = new(RunFlagKind.File, "env_file"),
        ["gpus"] = new(RunFlagKind.Own),
        ["health-cmd"] = new(RunFlagKind.Own),
        ["health-interval"] = new(RunFlagKind.Own),
        ["health-retries"] = new(RunFlagKind.Own),
        ["health-start-interval"] = new(RunFlagKind.Own),
        ["health-start-period"] = new(RunFlagKind.Own),
        ["health-timeout"] = new(RunFlagKind.Own),
        ["ip"] = new(RunFlagKind.Own),
        ["ip6"] = new(RunFlagKind.Own),
        ["log-driver"] = new(RunFlagKind.Own),
        ["log-opt"] = new(RunFlagKind.Own),
        ["mount"] = new(RunFlagKind.Own),
        ["name"] = new(RunFlagKind.Own),
        ["net"] = new(RunFlagKind.Own),
        ["net-alias"] = new(RunFlagKind.Own),
        ["network"] = new(RunFlagKind.Own),
        ["network-alias"] = new(RunFlagKind.Own),
        ["stop-timeout"] = new(RunFlagKind.Own),
        ["ulimit"] = new(RunFlagKind.Own),
        ["volume"] = new(RunFlagKind.Own),
    };

    public bool TakesValue => Kind is not (RunFlagKind.NoEffect or RunFlagKind.Claim);

    public static RunFlag? Find(string name) => All.GetValueOrDefault(name);

    /// <summary>The long name of <c>-p</c>.</summary>
    public static string? LongOf(char letter) => Short.GetValueOrDefault(letter);
}

/// <summary>How a flag becomes a key.</summary>
internal enum RunFlagKind
{
    /// <summary>Is about the terminal that it is typed in, or about what Wherry does anyway.</summary>
    NoEffect,

    /// <summary>The same, with a value.</summary>
    NoEffectWithValue,

    /// <summary><c>true</c>.</summary>
    Claim,

    /// <summary>One text.</summary>
    Text,

    /// <summary>One whole number.</summary>
    Number,

    /// <summary>An item of a list.</summary>
    Item,

    /// <summary>A name and a value.</summary>
    Pair,

    /// <summary>A file that comes along.</summary>
    File,

    /// <summary>Has a rule of its own.</summary>
    Own,
}
