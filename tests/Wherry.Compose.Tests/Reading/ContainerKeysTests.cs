using Wherry.Core.Model;

namespace Wherry.Compose.Tests.Reading;

/// <summary>Keys that go into the container as they stand.</summary>
public sealed class ContainerKeysTests
{
    [Fact]
    public void Names_and_resolver_are_read()
    {
        var naming = A.Web("""
            hostname: shop.internal
            domainname: example.com
            dns: 9.9.9.9
            dns_search: [a.test, b.test]
            dns_opt: ["ndots:1"]
            mac_address: 02-42-AC-11-00-05
            """).Naming!;

        Assert.Equal(("shop.internal", "example.com", "02-42-ac-11-00-05"), (naming.Hostname, naming.DomainName, naming.MacAddress));
        Assert.Equal(["9.9.9.9"], naming.Dns);
        Assert.Equal(["a.test", "b.test"], naming.DnsSearch);
        Assert.Equal(["ndots:1"], naming.DnsOptions);
    }

    [Fact]
    public void Isolation_is_read_and_a_seccomp_profile_comes_from_the_source()
    {
        var isolation = A.Web(
            """
            read_only: true
            security_opt: [no-new-privileges:true, seccomp:profiles/web.json, "seccomp=unconfined", systempaths:unconfined]
            group_add: [mail, 1005]
            sysctls: { net.core.somaxconn: 1024 }
            device_cgroup_rules: ["c 1:3 mr"]
            storage_opt: { size: 1G }
            runtime: runc
            cgroup: private
            cgroup_parent: shop
            uts: host
            userns_mode: host
            """,
            null,
            ("profiles/web.json", "{}")).Isolation!;

        Assert.True(isolation.ReadOnly);
        Assert.Equal(["no-new-privileges:true", "seccomp={}", "seccomp=unconfined", "systempaths=unconfined"], isolation.SecurityOpt);
        Assert.Equal(["mail", "1005"], isolation.GroupAdd);
        Assert.Equal("1024", isolation.Sysctls!["net.core.somaxconn"]);
        Assert.Equal("1G", isolation.StorageOpt!["size"]);
        Assert.Equal(["c 1:3 mr"], isolation.DeviceCgroupRules);
        Assert.Equal(("runc", "private", "shop", "host", "host"), (isolation.Runtime, isolation.Cgroup, isolation.CgroupParent, isolation.Uts, isolation.UsernsMode));
    }

    [Fact]
    public void Weights_and_limits_are_read()
    {
        var tuning = A.Web("""
            cpu_shares: 512
            cpu_period: 50ms
            cpu_quota: "25000"
            cpu_rt_period: 1400us
            cpu_rt_runtime: 400
            cpuset: 0-1,3
            mem_limit: 64m
            memswap_limit: 128m
            mem_swappiness: 10
            oom_kill_disable: true
            oom_score_adj: -500
            blkio_config:
              weight: 300
              weight_device: [{ path: /dev/sda, weight: 400 }]
              device_read_bps: [{ path: /dev/sda, rate: 12mb }]
              device_write_iops: [{ path: /dev/sda, rate: 30 }]
            """).Tuning!;

        Assert.Equal((512L, 50_000L, 25_000L), (tuning.CpuShares, tuning.CpuPeriod, tuning.CpuQuota));
        Assert.Equal((1400L, 400L, "0-1,3"), (tuning.CpuRealtimePeriod, tuning.CpuRealtimeRuntime, tuning.Cpuset));
        Assert.Equal((128L << 20, 10L, true, -500), (tuning.MemorySwap, tuning.MemorySwappiness, tuning.OomKillDisable, tuning.OomScoreAdj));
        Assert.Equal(300, tuning.BlockIo!.Weight);
        Assert.Equal([new("/dev/sda", 400)], tuning.BlockIo.WeightDevices);
        Assert.Equal([new("/dev/sda", 12 << 20)], tuning.BlockIo.ReadBps);
        Assert.Equal([new("/dev/sda", 30)], tuning.BlockIo.WriteIops);
    }

    [Fact]
    public void Terminal_platform_annotations_and_the_first_interval_are_read()
    {
        var web = A.Web("""
            tty: true
            stdin_open: true
            platform: linux/aarch64
            annotations: { io.katacontainers.x: 1 }
            healthcheck: { test: x, start_interval: 1s }
            """);

        Assert.True(web.Tty);
        Assert.True(web.StdinOpen);
        Assert.Equal("linux/arm64", web.Platform!.Value);
        Assert.Equal("1", web.Annotations!["io.katacontainers.x"]);
        Assert.Equal(TimeSpan.FromSeconds(1), web.Healthcheck!.StartInterval);
    }

    [Fact]
    public void Absent_keys_and_those_that_say_nothing_leave_no_trace_in_the_hash()
    {
        var plain = A.Web("user: root");
        var empty = A.Web("user: root\ntty: false\nread_only: false\ndns: []\nlogging: {}\ncpu_shares: 0\nmemswap_limit: 0\nblkio_config: {}\nsysctls: {}\nhostname: ''\nstdin_open: false\nannotations: []");

        Assert.Null(empty.Naming ?? (object?)empty.Isolation ?? empty.Tuning);
        Assert.Equal(SpecHash.Of(plain), SpecHash.Of(empty));
        Assert.NotEqual(SpecHash.Of(plain), SpecHash.Of(A.Web("user: root\ncpu_shares: 2")));
    }

    [Fact]
    public void Labels_of_a_file_give_way_to_those_of_the_service()
    {
        var web = A.Web("label_file: [a.labels, b.labels]\nlabels: { own: yes }", null, ("a.labels", "one=1\nown=file\n# comment\n"), ("b.labels", "one=2\n"));

        Assert.Equal(new Dictionary<string, string> { ["one"] = "2", ["own"] = "yes" }, web.Labels);
        Assert.Equal("compose/file-missing", A.WebProblem("label_file: gone.labels").Code);
    }

    [Fact]
    public void Logging_is_read_and_a_driver_that_keeps_nothing_warns()
    {
        var bounded = A.Web("logging: { driver: json-file, options: { max-size: 5m, max-file: 7 } }").Logging!;
        Assert.Equal(("json-file", "5m", "7"), (bounded.Driver, bounded.Options["max-size"], bounded.Options["max-file"]));
        Assert.Empty(A.Read(A.WebFile("logging: { driver: syslog }")).Warnings);

        Assert.Equal("compose/logs-not-kept", Assert.Single(A.Read(A.WebFile("logging: { driver: none }")).Warnings).Code);
        Assert.Equal("compose/logs-not-kept", Assert.Single(A.Read(A.WebFile("logging: { driver: gelf, options: { cache-disabled: \"true\" } }")).Warnings).Code);
    }

    [Fact]
    public void DC_25_A_container_name_becomes_an_alias_and_a_warning_says_so()
    {
        var read = A.Read("""
            services:
              web: { image: x, container_name: shop-web, networks: { front: { aliases: [w] }, back: } }
              db: { image: y }
            networks: { front: , back: }
            """);

        var warning = Assert.Single(read.Warnings);
        Assert.Equal("compose/container-name", warning.Code);
        Assert.StartsWith("compose.yaml:2:36 services.web.container_name: ", warning.Message, StringComparison.Ordinal);
        var networks = A.Service(read.Model, "web").Networks;
        Assert.Equal(["w", "shop-web"], networks["front"].Aliases);
        Assert.Equal(["shop-web"], networks["back"].Aliases);
    }

    [Fact]
    public void DC_08_A_link_is_a_dependency_and_a_name_on_the_targets_networks()
    {
        var model = A.Model("""
            services:
              web: { image: x, links: ["db:database", cache], depends_on: { cache: { condition: service_healthy } } }
              db: { image: y }
              cache: { image: z }
            """);

        Assert.Equal([("cache", DependencyCondition.Healthy), ("db", DependencyCondition.Started)], A.Service(model, "web").DependsOn.Select(d => (d.Service.Value, d.Condition)));
        Assert.Equal(["database"], A.Service(model, "db").Networks["default"].Aliases);
        Assert.Empty(A.Service(model, "cache").Networks["default"].Aliases);
    }

    [Theory]
    [InlineData("dns: [example.com]", "compose/value", "name server")]
    [InlineData("hostname: '-a b'", "compose/value", "host name")]
    [InlineData("mac_address: 02:42", "compose/value", "hardware address")]
    [InlineData("platform: windows/amd64", "compose/unsupported-key", "containers run on Linux")]
    [InlineData("platform: amd64/linux", "image/platform", "no platform")]
    [InlineData("cpuset: two", "compose/value", "which cores")]
    [InlineData("cpus: 2\ncpu_quota: 1000", "compose/value", "two ways")]
    [InlineData("memswap_limit: 1g", "compose/value", "limit of memory")]
    [InlineData("mem_limit: 2g\nmemswap_limit: 1g", "compose/value", "limit of memory")]
    [InlineData("oom_score_adj: 2000", "compose/value", "from -1000 to 1000")]
    [InlineData("blkio_config: { device_read_bps: [{ path: /dev/sda }] }", "compose/value", "needs path and rate")]
    [InlineData("device_cgroup_rules: ['x']", "compose/value", "rule for devices")]
    [InlineData("security_opt: ['seccomp:gone.json']", "compose/file-missing", "gone.json")]
    [InlineData("links: [db]", "compose/undefined-reference", "there is no service \"db\"")]
    [InlineData("container_name: 'a b'", "compose/value", "name of a container")]
    [InlineData("mac_address: 02:42:ac:11:00:05\nscale: 2", "compose/value", "cannot share one hardware address")]
    public void A_wrong_value_is_told_where_it_stands(string body, string code, string words)
    {
        var problem = A.WebProblem(body);

        Assert.Equal(code, problem.Code);
        Assert.Contains(words, problem.Message, StringComparison.Ordinal);
        Assert.StartsWith("compose.yaml:", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_name_leads_to_one_service()
    {
        var problem = A.Problem("services:\n  web: { image: x, links: [\"db1:db\"] }\n  db1: { image: y }\n  db: { image: z }\n");

        Assert.Equal("compose/value", problem.Code);
        Assert.Contains("the name \"db\" leads to service \"db\" already", problem.Message, StringComparison.Ordinal);
    }
}
