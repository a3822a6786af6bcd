namespace Wherry.Core.Model;

/// <summary>How a container is kept apart from its host, where that differs from a plain container. Absent values leave the engine's default.</summary>
public sealed record Isolation
{
    /// <summary>The image's file system cannot be written; mounts can.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>As the engine takes them, for instance <c>no-new-privileges:true</c>; a seccomp profile stands here with its content.</summary>
    public IReadOnlyList<string>? SecurityOpt { get; init; }

    /// <summary>Groups beside the user's own, by name or number.</summary>
    public IReadOnlyList<string>? GroupAdd { get; init; }

    /// <summary>Kernel settings of the container's own namespaces.</summary>
    public IReadOnlyDictionary<string, string>? Sysctls { get; init; }

    /// <summary>Rules of the form <c>c 1:3 mr</c>.</summary>
    public IReadOnlyList<string>? DeviceCgroupRules { get; init; }

    /// <summary>Options of the engine's storage driver, for instance <c>size</c>.</summary>
    public IReadOnlyDictionary<string, string>? StorageOpt { get; init; }

    /// <summary>The engine's name of an OCI runtime.</summary>
    public string? Runtime { get; init; }

    /// <summary>Cgroup namespace: <c>host</c> or <c>private</c>.</summary>
    public string? Cgroup { get; init; }

    public string? CgroupParent { get; init; }

    /// <summary>UTS namespace: <c>host</c>.</summary>
    public string? Uts { get; init; }

    /// <summary>User namespace: <c>host</c>.</summary>
    public string? UsernsMode { get; init; }
}
