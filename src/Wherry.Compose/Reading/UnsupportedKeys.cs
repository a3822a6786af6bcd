namespace Wherry.Compose.Reading;

/// <summary>Keys of the Compose specification that Wherry refuses, with the reason. What is not here and not read is an unknown key.</summary>
internal static class UnsupportedKeys
{
    public static IReadOnlyDictionary<string, string> TopLevel { get; } = new Dictionary<string, string>
    {
        ["models"] = "run the model as a service",
    };

    public static IReadOnlyDictionary<string, string> Service { get; } = new Dictionary<string, string>
    {
        ["cpu_count"] = "it is for Windows containers; use cpus",
        ["cpu_percent"] = "it is for Windows containers; use cpus",
        ["credential_spec"] = "it is for Windows containers",
        ["external_links"] = "share a network with external: true instead",
        ["isolation"] = "it is for Windows containers",
        ["models"] = "run the model as a service",
        ["provider"] = "only containers are run",
        ["use_api_socket"] = "a service does not get the engine",
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
