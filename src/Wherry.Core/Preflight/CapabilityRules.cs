using Wherry.Core.Model;

namespace Wherry.Core.Preflight;

/// <summary>A service that reaches out of its containers.</summary>
/// <param name="By">What of its settings does, for a person.</param>
public sealed record CapabilityNeed(ServiceName Service, Capability Capability, string By);

/// <summary>Which services reach out of their containers, and by what.</summary>
public static class CapabilityRules
{
    /// <summary>Folders of a server that hold data and nothing that the server itself lives by.</summary>
    private static readonly string[] DataFolders = ["/data", "/media", "/mnt", "/opt", "/srv"];

    /// <summary>Read-only they tell the time and nothing else.</summary>
    private static readonly string[] Clocks = ["/etc/localtime", "/etc/timezone"];

    private static readonly string[] Sockets = ["docker.sock", "containerd.sock", "podman.sock", "buildkitd.sock", "crio.sock"];

    /// <summary>What a container's own namespaces do not hold in.</summary>
    private static readonly string[] KernelRights =
    [
        "ALL", "BPF", "CHECKPOINT_RESTORE", "DAC_READ_SEARCH", "LINUX_IMMUTABLE", "MAC_ADMIN", "MAC_OVERRIDE", "PERFMON",
        "SYSLOG", "SYS_ADMIN", "SYS_BOOT", "SYS_MODULE", "SYS_PTRACE", "SYS_RAWIO", "SYS_TIME", "WAKE_ALARM",
    ];

    /// <summary>All that a model's services need, in the order of their names.</summary>
    public static IReadOnlyList<CapabilityNeed> NeedsOf(ProjectModel model) =>
        [.. model.Services.Values.OrderBy(s => s.Name.Value, StringComparer.Ordinal).SelectMany(s => NeedsOf(s, model).Distinct())];

    private static IEnumerable<CapabilityNeed> NeedsOf(ServiceSpec spec, ProjectModel model)
    {
        foreach (var (path, readOnly) in spec.Mounts.Select(m => (HostPath(m, model), m.ReadOnly)))
        {
            if (path is not null && OfMount(path, readOnly) is { } needed)
            {
                yield return new(spec.Name, needed, $"mounts {path}");
            }
        }

        foreach (var right in spec.CapAdd.Where(c => KernelRights.Contains(Plain(c))))
        {
            yield return new(spec.Name, Capability.Kernel, $"cap_add {Plain(right)}");
        }

        if ((spec.PostStart ?? []).Concat(spec.PreStop ?? []).Any(h => h.Privileged))
        {
            yield return new(spec.Name, Capability.Kernel, "a privileged hook");
        }

        foreach (var (capability, by) in OfSharing(spec.Sharing ?? new()).Concat(OfIsolation(spec.Isolation ?? new())))
        {
            yield return new(spec.Name, capability, by);
        }
    }

    private static IEnumerable<(Capability, string)> OfSharing(Sharing sharing) =>
    [
        .. Asked(sharing.Privileged, Capability.Kernel, "privileged"),
        .. Asked(sharing.Network is { Mode: NamespaceMode.Host }, Capability.HostNamespaces, "network_mode host"),
        .. Asked(sharing.Ipc is { Mode: NamespaceMode.Host }, Capability.HostNamespaces, "ipc host"),
        .. Asked(sharing.Pid is { Mode: NamespaceMode.Host }, Capability.HostNamespaces, "pid host"),

        // A container that is not of the project is as foreign to it as the server.
        .. new[] { ("network_mode", sharing.Network?.Container), ("ipc", sharing.Ipc?.Container), ("pid", sharing.Pid?.Container) }
            .SelectMany(n => Asked(n.Item2 is not null, Capability.HostNamespaces, $"{n.Item1} container:{n.Item2}")),
        .. (sharing.VolumesFrom ?? []).Where(v => v.Container is not null).Select(v => (Capability.HostFiles, $"volumes_from container:{v.Container}")),
        .. (sharing.Devices ?? []).Select(d => (Capability.Devices, $"devices {d.Source}")),
        .. (sharing.DeviceRequests ?? []).Select(d => (Capability.Devices, d.Ids.Count > 0 ? $"devices {string.Join(' ', d.Ids)}" : $"devices with {string.Join(' ', d.Capabilities)}")),
    ];

    private static IEnumerable<(Capability, string)> OfIsolation(Isolation isolation) =>
    [
        .. Asked(isolation.Uts is "host", Capability.HostNamespaces, "uts host"),
        .. Asked(isolation.UsernsMode is "host", Capability.HostNamespaces, "userns_mode host"),
        .. Asked(isolation.Cgroup is "host", Capability.HostNamespaces, "cgroup host"),
        .. Asked(isolation.CgroupParent is not null, Capability.Kernel, $"cgroup_parent {isolation.CgroupParent}"),
        .. Asked(isolation.Runtime is not null, Capability.Kernel, $"runtime {isolation.Runtime}"),
        .. (isolation.DeviceCgroupRules ?? []).Select(r => (Capability.Devices, $"device_cgroup_rules {r}")),
        .. (isolation.SecurityOpt ?? []).Where(Loosens).Select(o => (Capability.Kernel, $"security_opt {o.Split('=', ':')[0]}")),
    ];

    private static IEnumerable<(Capability, string)> Asked(bool asked, Capability capability, string by) => asked ? [(capability, by)] : [];

    /// <summary>All but what only takes rights away.</summary>
    private static bool Loosens(string option) => option is not ("no-new-privileges" or "no-new-privileges:true" or "no-new-privileges=true" or "no-new-privileges:false" or "no-new-privileges=false" or "seccomp=builtin" or "seccomp:builtin");

    /// <summary>The folder or file of the server behind a mount; a volume may be one too, by its driver's options.</summary>
    private static string? HostPath(Mount mount, ProjectModel model) => mount switch
    {
        { Kind: MountKind.Bind, Source: { } path } => Path.GetFullPath(path),
        { Kind: MountKind.Volume, Source: { } name } when model.Volumes.GetValueOrDefault(name) is { Driver: null or "local" } volume && volume.DriverOptions.GetValueOrDefault("device") is ['/', ..] device => Path.GetFullPath(device),
        _ => null,
    };

    private static Capability? OfMount(string path, bool readOnly) =>
        Sockets.Contains(Path.GetFileName(path)) ? Capability.DockerSocket
        : DataFolders.Any(f => path == f || path.StartsWith(f + "/", StringComparison.Ordinal)) || (readOnly && Clocks.Contains(path)) ? null
        : Capability.HostFiles;

    private static string Plain(string right) => right.ToUpperInvariant() is var name && name.StartsWith("CAP_", StringComparison.Ordinal) ? name[4..] : name;
}
