using Wherry.Core.Model;

namespace Wherry.Core.Reconcile;

/// <summary>What should run in one environment and what does, at one moment.</summary>
public sealed record EnvironmentView
{
    public required IReadOnlyList<WantedService> Services { get; init; }

    /// <summary>A deployment is at work or waits: nothing is decided meanwhile.</summary>
    public bool Busy { get; init; }

    /// <summary>Services that were stopped by hand.</summary>
    public IReadOnlySet<ServiceName> Stopped { get; init; } = new HashSet<ServiceName>();

    /// <summary>All containers with the environment's labels, one-offs included.</summary>
    public IReadOnlyList<SeenContainer> Containers { get; init; } = [];

    /// <summary>What the edge has, by service.</summary>
    public IReadOnlyDictionary<ServiceName, SeenTraffic> Traffic { get; init; } = new Dictionary<ServiceName, SeenTraffic>();

    /// <summary>Networks of the model that do not exist.</summary>
    public IReadOnlyList<string> MissingNetworks { get; init; } = [];

    /// <summary>Replicas that ended since the last look, not by a deployment.</summary>
    public IReadOnlyList<Death> Deaths { get; init; } = [];
}

/// <summary>What a container does, in the engine's words.</summary>
public enum Doing
{
    Created,
    Running,

    /// <summary>The engine starts it again by itself.</summary>
    Restarting,
    Paused,

    /// <summary>Runs, but is on no network, and its service has routes: the edge does not reach it.</summary>
    CutOff,
    Exited,
    Dead,
}

/// <summary>A container with our labels.</summary>
/// <param name="OneOff">What it was for, when it is no replica.</param>
/// <param name="Number">0 when it is no replica.</param>
/// <param name="Serving">It is among the edge's targets and not draining.</param>
/// <param name="Unhealthy">Its own health check fails.</param>
/// <param name="Abandoned">The deployment that made it ended without success.</param>
/// <param name="Differences">Settings in which it differs from what it was made from.</param>
public sealed record SeenContainer(
    string Id,
    ServiceName Service,
    int Number,
    int Release,
    string Hash,
    Doing Doing,
    int? ExitCode = null,
    bool Serving = false,
    bool Unhealthy = false,
    bool Abandoned = false,
    string? OneOff = null,
    IReadOnlyList<string>? Differences = null);

/// <summary>What the edge has of a service.</summary>
/// <param name="Targets">Ids of the containers; another text for a target that is no container of the service.</param>
public sealed record SeenTraffic(IReadOnlyList<Route> Routes, IReadOnlySet<string> Targets, IReadOnlyList<TcpRoute>? Tcp = null);

/// <summary>The end of a replica that nobody asked for.</summary>
public sealed record Death(string Container, ServiceName Service, int Number, int? ExitCode, bool OutOfMemory, DateTimeOffset At)
{
    public string Replica => $"{Service}-{Number}";
}
