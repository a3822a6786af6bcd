using Wherry.Core.Model;
using Wherry.Core.Preflight;
using Wherry.Core.Problems;

namespace Wherry.Core.Tests.Preflight;

/// <summary>RG-22. What the server cannot give is said before anything is touched, all of it at once.</summary>
public sealed class PreflightRulesTests
{
    private static readonly HostFacts Small = new() { Cpus = 2, Memory = ByteSize.Parse("4g"), FreeMemory = ByteSize.Parse("1g") };

    [Theory]
    [InlineData("5g", null, "service/memory-limit")]
    [InlineData("1m", null, "service/memory-limit")]
    [InlineData(null, 2.5, "service/cpu-limit")]
    [InlineData("4g", 2.0, null)]
    public void A_limit_that_the_machine_does_not_have_is_refused(string? memory, double? cpus, string? code)
    {
        var spec = Service() with { Resources = new Resources(cpus, memory is null ? null : ByteSize.Parse(memory)) };

        Assert.Equal(code, PreflightRules.Refusal(PreflightRules.Check(Model(spec), Small, needsDisk: true))?.Code);
    }

    [Fact]
    public void A_service_without_replicas_wants_nothing() =>
        Assert.Empty(PreflightRules.Check(Model(Service() with { Replicas = 0, Resources = new Resources(99, ByteSize.Parse("99g")), Ports = [Port(80)] }), Small with { Ports = [new(null, 80, "tcp", "nginx")] }, needsDisk: true));

    [Fact]
    public void More_memory_reserved_than_is_free_warns_and_refuses_nothing()
    {
        var finding = Assert.Single(PreflightRules.Check(Model(Service() with { Replicas = 3, Resources = new Resources(MemoryReservation: ByteSize.Parse("500m")) }), Small, needsDisk: true));

        Assert.Equal(("service/memory-reservation", false), (finding.Problem.Code, finding.Refuses));
    }

    [Theory]
    [InlineData(null, null, true)]
    [InlineData("0.0.0.0", "127.0.0.1", true)]
    [InlineData("127.0.0.1", "127.0.0.1", true)]
    [InlineData("10.0.0.1", "127.0.0.1", false)]
    public void A_port_is_taken_when_the_addresses_meet(string? theirs, string? ours, bool taken)
    {
        var findings = PreflightRules.Check(Model(Service() with { Ports = [new(ours, 80, 3000, "tcp")] }), Small with { Ports = [new(theirs, 80, "tcp", "nginx (process 7)"), new(null, 80, "udp", "x")] }, needsDisk: true);

        Assert.Equal(taken, PreflightRules.Refusal(findings) is { Code: "port/taken" } problem && problem.Message.Contains("nginx (process 7)", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true, "route/port-taken", "theirs/production")]
    [InlineData(false, "port/taken", "nginx (process 7)")]
    public void A_port_of_the_edge_is_taken_by_another_environment_or_program(bool ofEdge, string code, string by)
    {
        var taken = new TakenPort(null, 5432, "tcp", by);
        var problem = PreflightRules.Refusal(PreflightRules.Check(Model(Service() with { Tcp = [new(5432, 5432)] }), ofEdge ? Small with { EdgePorts = [taken] } : Small with { Ports = [taken] }, needsDisk: true));

        Assert.Equal(code, problem?.Code);
        Assert.Contains(by, problem!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_services_with_one_port_and_two_replicas_with_one_port_are_told()
    {
        Assert.Contains("b", PreflightRules.Refusal(PreflightRules.Check(Model(Service("a") with { Ports = [Port(80)] }, Service("b") with { Ports = [Port(80)] }), Small, needsDisk: true))!.Message, StringComparison.Ordinal);
        Assert.Contains("2 replicas", PreflightRules.Refusal(PreflightRules.Check(Model(Service("a") with { Replicas = 2, Ports = [Port(80)] }), Small, needsDisk: true))!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, true, "edge/no-tls")]
    [InlineData(true, true, null)]
    [InlineData(false, false, null)]
    public void Tls_that_the_edge_does_not_listen_for_warns(bool listens, bool asks, string? code)
    {
        var findings = PreflightRules.Check(Model(Service() with { Tls = asks ? new() : null }), Small with { ListensTls = listens }, needsDisk: true);

        Assert.Equal(code, findings.SingleOrDefault()?.Problem.Code);
        Assert.Null(PreflightRules.Refusal(findings));
    }

    [Theory]
    [InlineData("Traefik", 5.0, null, "edge/unsupported")]
    [InlineData("Traefik", null, 300, "edge/unsupported")]
    [InlineData("Traefik", null, null, null)]
    [InlineData(null, 5.0, 300, null)]
    public void A_guard_by_numbers_that_nobody_has_is_refused(string? proxy, double? errors, int? milliseconds, string? code)
    {
        var guard = new CanaryGuard { Errors = errors, P95 = milliseconds is { } ms ? TimeSpan.FromMilliseconds(ms) : null, Restarts = 1 };

        Assert.Equal(code, PreflightRules.Refusal(PreflightRules.Check(Model(Service() with { Canary = new() { Guard = guard } }), Small with { Proxy = proxy }, needsDisk: true))?.Code);
    }

    [Theory]
    [InlineData("Caddy", DeployStrategy.Recreate, "edge/unsupported")]
    [InlineData("Caddy", DeployStrategy.Rolling, null)]
    [InlineData(null, DeployStrategy.Recreate, null)]
    public void A_service_whose_visitors_would_have_to_wait_is_refused_where_nobody_holds_them(string? proxy, DeployStrategy strategy, string? code)
    {
        var routed = Service() with { Deploy = Service().Deploy with { Strategy = strategy }, Routes = [new(HostName.Parse("shop.example"), PathPrefix.Root, 80)] };

        Assert.Equal(code, PreflightRules.Refusal(PreflightRules.Check(Model(routed), Small with { Proxy = proxy }, needsDisk: true))?.Code);
        Assert.Null(PreflightRules.Refusal(PreflightRules.Check(Model(routed with { Routes = [] }), Small with { Proxy = proxy }, needsDisk: true)));
    }

    [Fact]
    public void A_full_disk_refuses_what_writes_and_warns_what_does_not()
    {
        var host = Small with { Disks = [Disk("100g", "1g") with { Uses = ["images 60 GB"] }] };

        var refusal = PreflightRules.Refusal(PreflightRules.Check(Model(Service()), host, needsDisk: true))!;
        Assert.Equal("server/disk-low", refusal.Code);
        Assert.Contains("/dev/vda at /", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("images 60 GB", refusal.Message, StringComparison.Ordinal);
        Assert.False(Assert.Single(PreflightRules.Check(Model(Service()), host, needsDisk: false)).Refuses);
    }

    [Theory]
    [InlineData("100g", "2g")]
    [InlineData("20g", "1g")]
    [InlineData("1t", "2g")]
    public void The_floor_is_a_twentieth_and_at_most_two_gigabytes(string size, string floor)
    {
        Assert.Equal(ByteSize.Parse(floor), DiskFloor.Of(ByteSize.Parse(size)));
        Assert.Null(DiskFloor.Check(Disk(size, floor)));
    }

    [Fact]
    public void A_disk_without_inodes_is_as_full_as_one_without_bytes() =>
        Assert.Contains("files", DiskFloor.Check(Disk("100g", "50g") with { Inodes = 1000, FreeInodes = 9 })!.Message, StringComparison.Ordinal);

    [Fact]
    public void Everything_that_is_in_the_way_is_told_at_once_with_its_code()
    {
        var spec = Service() with { Resources = new Resources(9, ByteSize.Parse("9g")), Ports = [Port(80)], Routes = [new Route(HostName.Parse("a.test"), PathPrefix.Root, 80)] };
        var host = Small with
        {
            Ports = [new(null, 80, "tcp", "nginx")],
            Routes = [new(HostName.Parse("a.test"), PathPrefix.Root, "blog/production"), new(HostName.Parse("b.test"), PathPrefix.Root, "other/production")],
            Names = [new Problem("volume/foreign", "The volume data exists.", "Rename it.")],
        };

        var refusal = PreflightRules.Refusal(PreflightRules.Check(Model(spec), host, needsDisk: true))!;

        Assert.Equal("deployment/refused", refusal.Code);
        Assert.All(["service/memory-limit", "service/cpu-limit", "port/taken", "route/host-taken", "volume/foreign"], code => Assert.Contains($"({code})", refusal.Message, StringComparison.Ordinal));
        Assert.Contains("blog/production", refusal.Message, StringComparison.Ordinal);
    }

    private static ServiceSpec Service(string name = "web") => new() { Name = ServiceName.Parse(name) };

    private static PublishedPort Port(int port) => new(null, port, 3000, "tcp");

    private static DiskFacts Disk(string size, string free) => new("/dev/vda", "/", ByteSize.Parse(size), ByteSize.Parse(free), 0, 0, []);

    private static ProjectModel Model(params ServiceSpec[] services) => new() { Services = services.ToDictionary(s => s.Name) };
}
