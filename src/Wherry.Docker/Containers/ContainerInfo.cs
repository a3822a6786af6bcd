using Wherry.Core.Model;

namespace Wherry.Docker;

/// <summary>The engine's word for what a container is doing.</summary>
public enum ContainerState
{
    Created,
    Running,
    Paused,
    Restarting,
    Removing,
    Exited,
    Dead,
}

/// <summary>Verdict of the container's own health check.</summary>
public enum ContainerHealth
{
    /// <summary>It has no check.</summary>
    None,
    Starting,
    Healthy,
    Unhealthy,
}

/// <summary>A container as it is.</summary>
public sealed record ContainerInfo
{
    public required string Id { get; init; }

    /// <summary>Without the leading slash.</summary>
    public required string Name { get; init; }

    /// <summary><c>sha256:…</c></summary>
    public required string ImageId { get; init; }

    /// <summary>The image as the container's creator named it.</summary>
    public required string ImageName { get; init; }

    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    public DateTimeOffset Created { get; init; }

    public ContainerState State { get; init; }

    /// <summary>Last start; <see langword="null"/> when it never ran.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>Last exit; <see langword="null"/> when it never exited.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Of the last exit; 0 while it never exited.</summary>
    public int ExitCode { get; init; }

    public bool OomKilled { get; init; }

    /// <summary>Why the engine could not start it; empty otherwise.</summary>
    public string Error { get; init; } = "";

    public ContainerHealth Health { get; init; }

    /// <summary>What the last health check printed.</summary>
    public string? LastHealthOutput { get; init; }

    public int RestartCount { get; init; }

    /// <summary>Networks by name.</summary>
    public required IReadOnlyDictionary<string, ContainerAddress> Networks { get; init; }

    /// <summary>Ports bound on the host right now.</summary>
    public IReadOnlyList<PublishedPort> Ports { get; init; } = [];

    /// <summary>Ports that the image or the creator declared.</summary>
    public IReadOnlyList<ExposedPort> ExposedPorts { get; init; } = [];

    /// <summary>Entrypoint and arguments as they run.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary><c>NAME=value</c>, the image's included.</summary>
    public IReadOnlyList<string> Environment { get; init; } = [];

    /// <summary>Names of the volumes it mounts, anonymous ones included.</summary>
    public IReadOnlyList<string> Volumes { get; init; } = [];

    public bool HasTty { get; init; }

    /// <summary>What belongs to its host, as the engine has it now.</summary>
    internal HostConfigWire? Host { get; init; }

    /// <summary>Process id on the host; 0 when it does not run.</summary>
    public int HostPid { get; init; }

    public bool IsRunning => State is ContainerState.Running or ContainerState.Paused or ContainerState.Restarting;
}

/// <summary>A container's place in a network.</summary>
/// <param name="IpAddress">IPv4; <see langword="null"/> while it does not run.</param>
public sealed record ContainerAddress(string? IpAddress, IReadOnlyList<string> Aliases);

/// <summary>Processes of a container, as <c>ps</c> prints them.</summary>
public sealed record ContainerProcesses(IReadOnlyList<string> Titles, IReadOnlyList<IReadOnlyList<string>> Rows);
