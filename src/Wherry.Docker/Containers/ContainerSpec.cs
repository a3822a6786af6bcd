using Wherry.Core.Model;

namespace Wherry.Docker;

/// <summary>A container to create. An absent value leaves the image's or the engine's default.</summary>
public sealed record ContainerSpec
{
    public required string Name { get; init; }

    /// <summary>Name or id of an image that the engine has; nothing is pulled.</summary>
    public required string Image { get; init; }

    public IReadOnlyList<string>? Command { get; init; }

    /// <summary>An empty list removes the image's entrypoint.</summary>
    public IReadOnlyList<string>? Entrypoint { get; init; }

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>A volume's source is its name on the engine. A missing bind source is created as a folder, as Compose does.</summary>
    public IReadOnlyList<Mount> Mounts { get; init; } = [];

    public IReadOnlyList<PublishedPort> Ports { get; init; } = [];

    public IReadOnlyList<ExposedPort> Expose { get; init; } = [];

    public Healthcheck? Healthcheck { get; init; }

    public RestartPolicy Restart { get; init; } = new();

    public Resources Resources { get; init; } = new();

    public string? User { get; init; }

    public string? WorkingDir { get; init; }

    public string? StopSignal { get; init; }

    /// <summary>Time between the stop signal and SIGKILL, rounded up to whole seconds. Default: the engine's 10 s.</summary>
    public TimeSpan? StopGrace { get; init; }

    public bool? Init { get; init; }

    public IReadOnlyList<string> CapAdd { get; init; } = [];

    public IReadOnlyList<string> CapDrop { get; init; } = [];

    public IReadOnlyList<Ulimit> Ulimits { get; init; } = [];

    public ByteSize? ShmSize { get; init; }

    /// <summary>Entries of <c>/etc/hosts</c>, as <c>host:address</c>.</summary>
    public IReadOnlyList<string> ExtraHosts { get; init; } = [];

    /// <summary>Networks that the container joins before it starts. Empty: the engine's default bridge. <c>host</c> and <c>none</c> stand alone.</summary>
    public IReadOnlyList<NetworkJoin> Networks { get; init; } = [];

    public bool Tty { get; init; }

    /// <summary>Keep the input open until one attached session ends it.</summary>
    public bool OpenStdin { get; init; }

    /// <summary><see langword="null"/> leaves the engine's logging as configured.</summary>
    public Logging? Logs { get; init; }

    public Naming? Naming { get; init; }

    public Isolation? Isolation { get; init; }

    /// <summary>Without networks of its own when it says whose network it has.</summary>
    public Sharing? Sharing { get; init; }

    /// <summary>Ids of the containers that stand for the services in <see cref="Sharing"/>.</summary>
    public IReadOnlyDictionary<ServiceName, string> Providers { get; init; } = new Dictionary<ServiceName, string>();

    public Tuning? Tuning { get; init; }

    /// <summary><see langword="null"/> takes the image as the engine has it.</summary>
    public Platform? Platform { get; init; }

    public IReadOnlyDictionary<string, string>? Annotations { get; init; }
}
