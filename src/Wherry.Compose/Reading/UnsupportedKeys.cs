namespace Wherry.Compose.Reading;

/// <summary>Keys of the Compose specification that Wherry refuses, with the reason. What is not here and not read is an unknown key.</summary>
internal static class UnsupportedKeys
{
    private const string Isolation = "replicas keep the isolation of a plain container";
    private const string CpuTuning = "limit cores with cpus or deploy.resources.limits.cpus";
    private const string Names = "services find each other by their names";
    private const string Hooks = "run one-off commands with x-wherry.release";

    public static IReadOnlyDictionary<string, string> TopLevel { get; } = new Dictionary<string, string>
    {
        ["models"] = "run the model as a service",
    };

    public static IReadOnlyDictionary<string, string> Service { get; } = new Dictionary<string, string>
    {
        ["annotations"] = "use labels",
        ["blkio_config"] = "disk bandwidth is not limited per service",
        ["cgroup"] = Isolation,
        ["cgroup_parent"] = Isolation,
        ["container_name"] = "a fixed name would keep a new replica from starting beside the old one; the service's name is its address",
        ["cpu_count"] = CpuTuning,
        ["cpu_percent"] = CpuTuning,
        ["cpu_period"] = CpuTuning,
        ["cpu_quota"] = CpuTuning,
        ["cpu_rt_period"] = CpuTuning,
        ["cpu_rt_runtime"] = CpuTuning,
        ["cpu_shares"] = CpuTuning,
        ["cpuset"] = CpuTuning,
        ["credential_spec"] = "it is for Windows containers",
        ["device_cgroup_rules"] = "host devices are not passed through",
        ["devices"] = "host devices are not passed through",
        ["dns"] = "the engine's resolver knows the services' names; a different one would not",
        ["dns_opt"] = "the engine's resolver knows the services' names; a different one would not",
        ["dns_search"] = "the engine's resolver knows the services' names; a different one would not",
        ["domainname"] = "replicas would share it; use routes for host names",
        ["external_links"] = "share a network with external: true instead",
        ["gpus"] = "host devices are not passed through",
        ["group_add"] = "set user to uid:gid",
        ["hostname"] = "replicas would share it; the service's name is its address",
        ["ipc"] = Isolation,
        ["isolation"] = "it is for Windows containers",
        ["label_file"] = "write the labels into the file",
        ["links"] = Names + "; use networks.NAME.aliases for other names",
        ["logging"] = "Wherry keeps the logs itself, with rotation",
        ["mac_address"] = "replicas would share it",
        ["mem_swappiness"] = "limit memory with mem_limit or deploy.resources.limits.memory",
        ["memswap_limit"] = "limit memory with mem_limit or deploy.resources.limits.memory",
        ["models"] = "run the model as a service",
        ["network_mode"] = "the edge reaches replicas over their networks; use networks, and ports for a port of the host",
        ["oom_kill_disable"] = "limit memory with mem_limit or deploy.resources.limits.memory",
        ["oom_score_adj"] = "limit memory with mem_limit or deploy.resources.limits.memory",
        ["pid"] = Isolation,
        ["platform"] = "an image is run on the platform of its server",
        ["post_start"] = Hooks,
        ["pre_stop"] = Hooks,
        ["privileged"] = Isolation + "; add single capabilities with cap_add",
        ["provider"] = "only containers are run",
        ["pull_policy"] = "an image's digest is resolved when a release is cut, and stays",
        ["pull_refresh_after"] = "an image's digest is resolved when a release is cut, and stays",
        ["read_only"] = "a replica's own file system is writable; mount volumes read-only instead",
        ["runtime"] = "the engine's default runtime is used",
        ["security_opt"] = "the engine's default profiles are used",
        ["stdin_open"] = "nobody is attached to a replica; use wherry exec",
        ["storage_opt"] = "the engine's storage settings are used",
        ["sysctls"] = "kernel settings belong to the server",
        ["tty"] = "nobody is attached to a replica; use wherry exec",
        ["use_api_socket"] = "a service does not get the engine",
        ["userns_mode"] = Isolation,
        ["uts"] = Isolation,
        ["volumes_from"] = "name the volumes in both services",
    };

    public static IReadOnlyDictionary<string, string> Build { get; } = new Dictionary<string, string>
    {
        ["additional_contexts"] = "a build sees one context; widen it",
        ["cache_to"] = "the builder keeps its cache on the server",
        ["dockerfile_inline"] = "put it into a file and name it with dockerfile",
        ["entitlements"] = "a build gets no extra rights",
        ["extra_hosts"] = "a build uses the server's name resolution",
        ["isolation"] = "it is for Windows containers",
        ["network"] = "a build uses the engine's default network",
        ["no_cache"] = "a build is reused until its source changes",
        ["platforms"] = "an image is built for the platform of its server",
        ["privileged"] = "a build gets no extra rights",
        ["provenance"] = "no attestations are made",
        ["pull"] = "a base image is pulled when it is missing",
        ["sbom"] = "no attestations are made",
        ["secrets"] = "secrets are not given to builds; use build arguments for what is not secret",
        ["shm_size"] = "a build uses the engine's default",
        ["ssh"] = "keys are not given to builds",
        ["tags"] = "images are named by Wherry; deployments use their digest",
        ["ulimits"] = "a build uses the engine's default",
    };

    public static IReadOnlyDictionary<string, string> Deploy { get; } = new Dictionary<string, string>
    {
        ["endpoint_mode"] = "the edge balances over replicas",
        ["labels"] = "use the service's labels",
        ["placement"] = "a service runs on the environment's server",
    };

    public static IReadOnlyDictionary<string, string> Network { get; } = new Dictionary<string, string>
    {
        ["ipam"] = "the engine picks free subnets; for a fixed one create the network yourself and name it with external: true",
        ["enable_ipv6"] = "networks are IPv4; for others create the network yourself and name it with external: true",
    };

    public static IReadOnlyDictionary<string, string> NetworkAttachment { get; } = new Dictionary<string, string>
    {
        ["driver_opts"] = "the engine's defaults are used",
        ["gw_priority"] = "the engine's defaults are used",
        ["interface_name"] = "the engine names interfaces",
        ["ipv6_address"] = "networks are IPv4",
        ["link_local_ips"] = "the engine assigns addresses",
        ["mac_address"] = "replicas would share it",
    };
}
