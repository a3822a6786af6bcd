using Wherry.Core.Model;

namespace Wherry.Core.Preflight;

/// <summary>A service that reaches out of its containers.</summary>
/// <param name="By">What of its settings does, for a person.</param>
public sealed record CapabilityNeed(ServiceName Service, Capability Capability, string By);

/// <summary>Which services reach out of their containers, and by what.</summary>
public static class CapabilityRules
{
    /// <summary>Read-only they tell the time and nothing else.</summary>
    private static readonly string[] Clocks = ["/etc/localtime", "/etc/timezone"];

    private static readonly string[] Sockets = ["docker.sock", "containerd.sock", "podman.sock", "buildkitd.sock", "crio.sock"];

    /// <summary>Rights that a container's own namespaces hold in; any other, also of a newer kernel, leads out.</summary>
    private static readonly string[] HarmlessRights =
    [
        "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "IPC_LOCK", "IPC_OWNER", "KILL", "LEASE", "MKNOD", "NET_ADMIN", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_RAW",
        "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT", "SYS_NICE", "SYS_RESOURCE",
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

        foreach (var right in spec.CapAdd.Where(c => !HarmlessRights.Contains(Plain(c))))
        {
            yield return new(spec.Name, Capability.Kernel, $"cap_add {Plain(right)}");
        }

        if ((spec.PostStart ?? []).Concat(spec.PreStop ?? []).Any(h => h.Privileged))
        {
            yield return new(spec.Name, Capability.Kernel, "a privileged hook");
        }

        // The engine has a network of this name: its own machine's.
        if (spec.Networks.Keys.Any(n => model.Networks.GetValueOrDefault(n)?.ExplicitName == "host"))
        {
            yield return new(spec.Name, Capability.HostNamespaces, "the network host");
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
        { Kind: MountKind.Volume, Source: { } name } when model.Volumes.GetValueOrDefault(name) is { Driver: null or "local", DriverOptions.Count: > 0 } volume => OfOptions(volume.DriverOptions),
        _ => null,
    };

    /// <summary>The driver mounts whatever it is told. What comes over the network or is memory is no file of the server; what is not a plain path may be any of them.</summary>
    private static string? OfOptions(IReadOnlyDictionary<string, string> options)
    {
        var words = options.GetValueOrDefault("o", "").Split(',', StringSplitOptions.TrimEntries);
        var (type, device) = (options.GetValueOrDefault("type", ""), options.GetValueOrDefault("device", ""));
        return words.Any(w => w is "bind" or "rbind" or "remount" or "move") || !(type is "nfs" or "nfs4" or "cifs" or "tmpfs" || (type.Length == 0 && device.Length == 0))
            ? device is ['/', ..] ? Path.GetFullPath(device) : "/"
            : null;
    }

    /// <summary>No folder of the server is free: a link that one service leaves in it leads the next one anywhere.</summary>
    private static Capability? OfMount(string path, bool readOnly) =>
        Sockets.Contains(Path.GetFileName(path)) ? Capability.DockerSocket : readOnly && Clocks.Contains(path) ? null : Capability.HostFiles;

    private static string Plain(string right) => right.ToUpperInvariant() is var name && name.StartsWith("CAP_", StringComparison.Ordinal) ? name[4..] : name;
}
