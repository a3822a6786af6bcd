using Wherry.Core.Routing;

namespace Wherry.Core.Model;

/// <summary>One entry of the model's <c>services</c>, resolved: no interpolation is left, files are read.</summary>
/// <remarks>Property names follow Compose's keys; an absent key is <see langword="null"/> or empty, which leaves the image's or the engine's default.</remarks>
public sealed record ServiceSpec
{
    public required ServiceName Name { get; init; }

    /// <summary>Image to run; after a release was cut, the id of the exact image.</summary>
    public ImageReference? Image { get; init; }

    public BuildSpec? Build { get; init; }

    public IReadOnlyList<string>? Command { get; init; }

    /// <summary>An empty list removes the image's entrypoint.</summary>
    public IReadOnlyList<string>? Entrypoint { get; init; }

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new SortedDictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Compose's <c>ports</c>; in a release those that the engine binds, which keep a service from overlapping with its successor.</summary>
    public IReadOnlyList<PublishedPort> Ports { get; init; } = [];

    public IReadOnlyList<ExposedPort> Expose { get; init; } = [];

    public IReadOnlyList<Mount> Mounts { get; init; } = [];

    /// <summary>Networks by their name in the file.</summary>
    public IReadOnlyDictionary<string, NetworkAttachment> Networks { get; init; } = new SortedDictionary<string, NetworkAttachment>(StringComparer.Ordinal);

    public Healthcheck? Healthcheck { get; init; }

    public IReadOnlyList<Dependency> DependsOn { get; init; } = [];

    /// <summary>Containers of this service. Default 1; 0 keeps the service without running it.</summary>
    public int Replicas { get; init; } = 1;

    public Resources Resources { get; init; } = new();

    public RestartPolicy Restart { get; init; } = new();

    public IReadOnlyDictionary<string, string> Labels { get; init; } = new SortedDictionary<string, string>(StringComparer.Ordinal);

    public string? User { get; init; }

    public string? WorkingDir { get; init; }

    public string? StopSignal { get; init; }

    /// <summary>Time between the stop signal and SIGKILL. Default: the engine's 10 s. Zero is kept as zero.</summary>
    public TimeSpan? StopGrace { get; init; }

    public bool? Init { get; init; }

    public IReadOnlyList<string> CapAdd { get; init; } = [];

    public IReadOnlyList<string> CapDrop { get; init; } = [];

    public IReadOnlyList<Ulimit> Ulimits { get; init; } = [];

    public ByteSize? ShmSize { get; init; }

    /// <summary>Entries of <c>/etc/hosts</c>, as <c>host:address</c>.</summary>
    public IReadOnlyList<string> ExtraHosts { get; init; } = [];

    /// <summary>Host name, resolver and hardware address. Default: the engine's.</summary>
    public Naming? Naming { get; init; }

    /// <summary>How it is kept apart from the host. Default: as a plain container.</summary>
    public Isolation? Isolation { get; init; }

    /// <summary>What it has in common with the host or with other containers. Default: nothing.</summary>
    public Sharing? Sharing { get; init; }

    /// <summary>Weights and limits beside <see cref="Resources"/>. Default: the engine's.</summary>
    public Tuning? Tuning { get; init; }

    /// <summary>Default: files of the engine, bounded.</summary>
    public Logging? Logging { get; init; }

    /// <summary>Kind of machine that its image is pulled and built for. Default: the server's.</summary>
    public Platform? Platform { get; init; }

    /// <summary>Its output goes through a terminal. Default: no.</summary>
    public bool? Tty { get; init; }

    /// <summary>Its input stays open. Default: no.</summary>
    public bool? StdinOpen { get; init; }

    /// <summary>Default: the image is pulled when it is missing.</summary>
    public PullPolicy? Pull { get; init; }

    /// <summary>Run in each new container. One that fails fails the start.</summary>
    public IReadOnlyList<Hook>? PostStart { get; init; }

    /// <summary>Run in a container before it gets its stop signal.</summary>
    public IReadOnlyList<Hook>? PreStop { get; init; }

    /// <summary>Notes for the container's runtime. Default: none.</summary>
    public IReadOnlyDictionary<string, string>? Annotations { get; init; }

    /// <summary>Compose's <c>secrets</c> and <c>configs</c>: files put into the container before it starts.</summary>
    public IReadOnlyList<FileMount> Files { get; init; } = [];

    /// <summary>Profiles that this service belongs to; empty means always active.</summary>
    public IReadOnlyList<string> Profiles { get; init; } = [];

    /// <summary><c>x-wherry.routes</c>.</summary>
    public IReadOnlyList<Route> Routes { get; init; } = [];

    /// <summary><c>x-wherry.tcp</c>. Default: none.</summary>
    public IReadOnlyList<TcpRoute>? Tcp { get; init; }

    /// <summary>The edge leads to it, by a route or a port.</summary>
    public bool IsRouted() => Routes.Count > 0 || Tcp is { Count: > 0 };

    /// <summary><c>x-wherry.tls</c>: how its hosts are served over TLS. Default: not at all.</summary>
    public TlsSettings? Tls { get; init; }

    /// <summary><c>x-wherry.canonical_host</c>: the one host that visitors of its others are sent to. Default: all serve.</summary>
    public HostName? CanonicalHost { get; init; }

    /// <summary>Keys of <c>x-wherry</c> that say what the edge does for the service as a whole. Default: nothing.</summary>
    public ServiceRules? Rules { get; init; }

    /// <summary><c>x-wherry.health</c>.</summary>
    public HealthSpec? Health { get; init; }

    /// <summary><c>x-wherry.deploy</c>.</summary>
    public DeploySpec Deploy { get; init; } = new();

    /// <summary><c>x-wherry.canary</c>. Default: the new release gets all visitors at once.</summary>
    public CanarySpec? Canary { get; init; }

    /// <summary><c>x-wherry.release</c>: run once in the new image before any traffic.</summary>
    public IReadOnlyList<string>? Release { get; init; }

    /// <summary><c>x-wherry.source</c>: where this service's code comes from, when not from the project's own source.</summary>
    public GitSource? Source { get; init; }
}

/// <summary>How an image is built.</summary>
public sealed record BuildSpec
{
    /// <summary>Folder that is sent to the engine. Default: the source's root.</summary>
    public SourcePath Context { get; init; } = SourcePath.Root;

    /// <summary>Path of the Dockerfile, from the context.</summary>
    public string Dockerfile { get; init; } = "Dockerfile";

    public string? Target { get; init; }

    public IReadOnlyDictionary<string, string> Args { get; init; } = new SortedDictionary<string, string>(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, string> Labels { get; init; } = new SortedDictionary<string, string>(StringComparer.Ordinal);

    public IReadOnlyList<ImageReference> CacheFrom { get; init; } = [];
}

/// <summary>A remote Git repository.</summary>
/// <param name="Ref">Branch, tag or commit; <see langword="null"/> is the remote's default branch.</param>
/// <param name="Path">Folder inside it.</param>
public sealed record GitSource(GitUrl Url, GitRef? Ref, SourcePath Path);

/// <summary>A port of the host that leads to a port of the container.</summary>
/// <param name="HostPort"><see langword="null"/> lets the engine choose.</param>
/// <param name="Protocol"><c>tcp</c>, <c>udp</c> or <c>sctp</c>.</param>
/// <param name="Mode">Compose's <c>mode</c>. Default: ingress.</param>
public sealed record PublishedPort(string? HostAddress, int? HostPort, int ContainerPort, string Protocol, PublishMode? Mode = null)
{
    /// <summary>The edge can take it in the engine's place.</summary>
    public bool IsForEdge() => Protocol == "tcp" && HostPort is not null && Mode is not PublishMode.Host;
}

/// <summary>Who takes connections to a published port.</summary>
public enum PublishMode
{
    /// <summary>The edge where it can, so that replicas are exchanged behind it.</summary>
    Ingress,

    /// <summary>The engine, for one container: it cannot overlap with its successor.</summary>
    Host,
}

/// <summary>A port that the service listens on inside its networks.</summary>
public sealed record ExposedPort(int Port, string Protocol);

/// <summary>How a mount gets its content.</summary>
public enum MountKind
{
    /// <summary>A named volume, or an anonymous one when there is no source.</summary>
    Volume,

    /// <summary>A folder or file of the host.</summary>
    Bind,

    /// <summary>Memory, empty at each start.</summary>
    Tmpfs,
}

/// <summary>Something mounted into the container.</summary>
/// <param name="Source">Volume name in the file, or absolute host path for a bind.</param>
/// <param name="Size">Limit of a tmpfs.</param>
/// <param name="EngineName">The volume's <c>name:</c>; another one needs another container.</param>
/// <param name="Options">What only some mounts say.</param>
public sealed record Mount(MountKind Kind, string? Source, string Target, bool ReadOnly, ByteSize? Size = null, string? EngineName = null, MountOptions? Options = null);

/// <summary>The rarer settings of a mount; those of another kind of mount are absent.</summary>
public sealed record MountOptions
{
    /// <summary>A new volume is not filled from the image. Default: it is.</summary>
    public bool? NoCopy { get; init; }

    /// <summary>Folder inside the volume that is mounted instead of the whole.</summary>
    public string? Subpath { get; init; }

    /// <summary>Of a bind: <c>rprivate</c> (the default), <c>private</c>, <c>rshared</c>, <c>shared</c>, <c>rslave</c> or <c>slave</c>.</summary>
    public string? Propagation { get; init; }

    /// <summary>Of a bind: <c>enabled</c>, <c>disabled</c>, <c>writable</c> or <c>readonly</c>.</summary>
    public string? Recursive { get; init; }

    /// <summary>Of a bind: a missing folder of the host is an error. Default: it is made.</summary>
    public bool? MustExist { get; init; }

    /// <summary>Permission bits of a tmpfs.</summary>
    public int? Mode { get; init; }

    /// <summary>Further options of a tmpfs in the kernel's words: <c>exec</c>, <c>uid=1000</c>.</summary>
    public IReadOnlyList<string>? Tmpfs { get; init; }
}

/// <summary>A service's place in one network.</summary>
/// <param name="EngineName">The network's <c>name:</c>; another one needs another container.</param>
public sealed record NetworkAttachment(IReadOnlyList<string> Aliases, string? Ipv4Address = null, string? EngineName = null);

/// <summary>Compose's <c>healthcheck</c>, run by the engine inside the container.</summary>
/// <param name="Test">As the engine takes it: <c>CMD</c>/<c>CMD-SHELL</c> first; <c>NONE</c> alone turns the image's check off.</param>
public sealed record Healthcheck(IReadOnlyList<string> Test, TimeSpan? Interval, TimeSpan? Timeout, int? Retries, TimeSpan? StartPeriod, TimeSpan? StartInterval = null);

/// <summary>What a dependency must have reached first.</summary>
public enum DependencyCondition
{
    Started,
    Healthy,
    CompletedSuccessfully,
}

/// <summary>One entry of <c>depends_on</c>.</summary>
/// <param name="Required">With <see langword="false"/> a missing or failed dependency only warns.</param>
/// <param name="Restart">Restart the dependent when the dependency is replaced.</param>
public sealed record Dependency(ServiceName Service, DependencyCondition Condition, bool Required = true, bool Restart = false);

/// <summary>Limits and reservations of one replica.</summary>
/// <param name="Cpus">In cores; <see langword="null"/> is unlimited.</param>
public sealed record Resources(double? Cpus = null, ByteSize? Memory = null, long? Pids = null, ByteSize? MemoryReservation = null);

/// <summary>When the engine starts an exited container again.</summary>
public enum RestartCondition
{
    UnlessStopped,
    Always,
    OnFailure,
    No,
}

/// <summary>Compose's <c>restart</c> or <c>deploy.restart_policy</c>. Default here: <c>unless-stopped</c>, because a server reboots.</summary>
/// <param name="MaxAttempts">With <see cref="RestartCondition.OnFailure"/> only; <see langword="null"/> is no limit.</param>
public sealed record RestartPolicy(RestartCondition Condition = RestartCondition.UnlessStopped, int? MaxAttempts = null);

/// <summary>A ulimit; -1 is unlimited.</summary>
public sealed record Ulimit(string Name, long Soft, long Hard);

/// <summary>A file put into the container before it starts.</summary>
/// <param name="Mode">Permission bits, for instance 0444 (octal).</param>
/// <param name="Secret">Masked wherever the model is shown.</param>
public sealed record FileMount(string Target, byte[] Content, int Mode, int Uid, int Gid, bool Secret);
