using Wherry.Core.Model;
using Wherry.Core.Preflight;
using Wherry.Core.Problems;

namespace Wherry.Core.Tests.Preflight;

/// <summary>Who reaches out of his container is known by name.</summary>
public sealed class CapabilityRulesTests
{
    [Theory]
    [InlineData("/", false, "host-files")]
    [InlineData("/etc", true, "host-files")]
    [InlineData("/srv/../etc", true, "host-files")]
    [InlineData("/srv/data/../../", true, "host-files")]
    [InlineData("//etc/./shadow", true, "host-files")]
    [InlineData("/srvx", true, "host-files")]
    [InlineData("/var/lib/wherry", true, "host-files")]
    [InlineData("/home/ann/.ssh", true, "host-files")]
    [InlineData("/etc/localtime", false, "host-files")]
    [InlineData("/etc/localtime", true, null)]
    [InlineData("/srv", false, "host-files")]
    [InlineData("/mnt/nas/photos", true, "host-files")]
    [InlineData("/var/run/docker.sock", true, "docker-socket")]
    [InlineData("/srv/docker.sock", true, "docker-socket")]
    [InlineData("/run/containerd/containerd.sock", false, "docker-socket")]
    public void A_mount_of_the_server_needs_a_capability(string path, bool readOnly, string? capability)
    {
        var needs = CapabilityRules.NeedsOf(Model(Service() with { Mounts = [new(MountKind.Bind, path, "/in", readOnly)] }));

        Assert.Equal(capability, needs.SingleOrDefault()?.Capability.Value);
    }

    [Theory]
    [InlineData(null, "type=none o=bind device=/etc", "host-files")]
    [InlineData("local", "type=none o=bind device=/", "host-files")]
    [InlineData("local", "type=none o=bind device=etc", "host-files")]
    [InlineData("local", "type=none o=rbind device=/srv", "host-files")]
    [InlineData("local", "o=bind device=/srv/data", "host-files")]
    [InlineData("local", "type=ext4 device=/dev/sda1", "host-files")]
    [InlineData("local", "type=overlay o=lowerdir=/etc device=overlay", "host-files")]
    [InlineData("local", "type=none o=bind device=/srv/data", "host-files")]
    [InlineData("local", "type=tmpfs o=bind device=/", "host-files")]
    [InlineData("local", "type=nfs o=ro,rbind device=:/x", "host-files")]
    [InlineData("local", "type=nfs o=addr=10.0.0.1 device=:/export", null)]
    [InlineData("local", "type=tmpfs device=tmpfs", null)]
    [InlineData("local", "o=size=10m", null)]
    [InlineData("local", "", null)]
    public void A_volume_may_be_a_folder_of_the_server(string? driver, string options, string? capability)
    {
        var volume = new VolumeSpec { Driver = driver, DriverOptions = options.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(o => o.Split('=', 2)).ToDictionary(o => o[0], o => o[1]) };
        var model = Model(Service() with { Mounts = [new(MountKind.Volume, "data", "/in", false)] }) with { Volumes = new Dictionary<string, VolumeSpec> { ["data"] = volume } };

        Assert.Equal(capability, CapabilityRules.NeedsOf(model).SingleOrDefault()?.Capability.Value);
    }

    [Fact]
    public void The_engines_network_of_its_own_machine_needs_one()
    {
        var model = Model(Service() with { Networks = new Dictionary<string, NetworkAttachment> { ["default"] = new([]) } }) with { Networks = new Dictionary<string, NetworkSpec> { ["default"] = new() { External = true, ExplicitName = "host" } } };

        Assert.Equal(["host-namespaces"], CapabilityRules.NeedsOf(model).Select(n => n.Capability.Value));
    }

    [Fact]
    public void A_privileged_hook_needs_one() =>
        Assert.Equal(["kernel"], CapabilityRules.NeedsOf(Model(Service() with { PostStart = [new Hook(["true"], null, Privileged: true, null, new Dictionary<string, string>())] })).Select(n => n.Capability.Value));

    [Theory]
    [InlineData("SYS_ADMIN", true)]
    [InlineData("cap_sys_module", true)]
    [InlineData("all", true)]
    [InlineData("SYS_ADM\u0131N", true)]
    [InlineData("SOME_NEW_RIGHT", true)]
    [InlineData("cap_net_admin", false)]
    [InlineData("NET_ADMIN", false)]
    [InlineData("CHOWN", false)]
    public void A_right_that_no_namespace_holds_in_needs_one(string right, bool needed) =>
        Assert.Equal(needed, CapabilityRules.NeedsOf(Model(Service() with { CapAdd = [right] })) is [{ Capability.Value: "kernel" }]);

    public static TheoryData<string, ServiceSpec> Reaching => new()
    {
        { "kernel", Service() with { Sharing = new() { Privileged = true } } },
        { "kernel", Service() with { Isolation = new() { SecurityOpt = ["seccomp=unconfined"] } } },
        { "kernel", Service() with { Isolation = new() { SecurityOpt = ["apparmor:unconfined"] } } },
        { "kernel", Service() with { Isolation = new() { Runtime = "runsc" } } },
        { "devices", Service() with { Sharing = new() { Devices = [new("/dev/fuse", "/dev/fuse", "rwm")] } } },
        { "devices", Service() with { Sharing = new() { DeviceRequests = [new(null, -1, [], ["gpu"], new Dictionary<string, string>())] } } },
        { "devices", Service() with { Isolation = new() { DeviceCgroupRules = ["a *:* rwm"] } } },
        { "host-namespaces", Service() with { Sharing = new() { Network = new(NamespaceMode.Host) } } },
        { "host-namespaces", Service() with { Sharing = new() { Pid = new(NamespaceMode.Host) } } },
        { "host-namespaces", Service() with { Sharing = new() { Ipc = new(NamespaceMode.Container, Container: "other") } } },
        { "host-namespaces", Service() with { Isolation = new() { UsernsMode = "host" } } },
        { "host-files", Service() with { Sharing = new() { VolumesFrom = [new(null, "other", true)] } } },
    };

    [Theory, MemberData(nameof(Reaching))]
    public void What_is_shared_with_the_server_needs_a_capability(string capability, ServiceSpec spec) =>
        Assert.Equal(capability, Assert.Single(CapabilityRules.NeedsOf(Model(spec))).Capability.Value);

    [Fact]
    public void What_is_shared_inside_the_project_needs_none() => Assert.Empty(CapabilityRules.NeedsOf(Model(Service() with
    {
        Sharing = new() { Network = new(NamespaceMode.Service, ServiceName.Parse("vpn")), Ipc = new(NamespaceMode.Shareable), VolumesFrom = [new(ServiceName.Parse("db"), null, false)] },
        Isolation = new() { ReadOnly = true, SecurityOpt = ["no-new-privileges:true"], GroupAdd = ["1"], Sysctls = new Dictionary<string, string> { ["net.core.somaxconn"] = "1" } },
    })));

    [Fact]
    public void What_is_not_allowed_is_refused_by_name_and_what_is_allowed_is_told()
    {
        var model = Model(Service() with { Mounts = [new(MountKind.Bind, "/etc", "/in", true)], CapAdd = ["SYS_ADMIN"] });

        var findings = PreflightRules.Check(model, new HostFacts { Allowed = new HashSet<Capability> { Capability.Kernel } }, needsDisk: true);

        Assert.Equal([("capability/forbidden", true), ("capability/used", false)], findings.Select(f => (f.Problem.Code, f.Refuses)));
        Assert.Contains("host-files", findings[0].Problem.Hint, StringComparison.Ordinal);
        Assert.Contains("kernel by web (cap_add SYS_ADMIN)", findings[1].Problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_ran_already_is_not_asked() =>
        Assert.Empty(PreflightRules.Check(Model(Service() with { Mounts = [new(MountKind.Bind, "/etc", "/in", true)] }), new HostFacts(), needsDisk: false));

    [Fact]
    public void An_unknown_capability_is_refused_with_those_that_there_are()
    {
        var e = Assert.Throws<ProblemException>(() => Capability.Parse("root"));

        Assert.Equal("capability/unknown", e.Problem.Code);
        Assert.All(Capability.All, c => Assert.Contains(c.Value, e.Problem.Hint, StringComparison.Ordinal));
    }

    private static ServiceSpec Service() => new() { Name = ServiceName.Parse("web") };

    private static ProjectModel Model(ServiceSpec spec) => new() { Services = new Dictionary<ServiceName, ServiceSpec> { [spec.Name] = spec } };
}
