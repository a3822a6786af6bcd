using Wherry.Core.Model;
using Wherry.Core.Routing;

namespace Wherry.Core.Planning;

/// <summary>What the engine and the edge say about one environment, at one moment.</summary>
public sealed record Observed
{
    public static Observed Nothing { get; } = new();

    /// <summary>Containers that are replicas; one-off containers are not among them.</summary>
    public IReadOnlyList<ObservedReplica> Replicas { get; init; } = [];

    /// <summary>Networks of the environment that exist, by their name in the model.</summary>
    public IReadOnlySet<string> Networks { get; init; } = new HashSet<string>();

    /// <summary>Volumes of the environment that exist, by their name in the model.</summary>
    public IReadOnlySet<string> Volumes { get; init; } = new HashSet<string>();

    /// <summary>Services that the edge knows.</summary>
    public IReadOnlySet<ServiceName> Routed { get; init; } = new HashSet<ServiceName>();

    /// <summary>Routes that the edge has, by service. Without them the current release's are taken for granted.</summary>
    public IReadOnlyDictionary<ServiceName, IReadOnlyList<Route>> Routes { get; init; } = new Dictionary<ServiceName, IReadOnlyList<Route>>();

    /// <summary>Ports of the edge, by service, as <see cref="Routes"/>.</summary>
    public IReadOnlyDictionary<ServiceName, IReadOnlyList<TcpRoute>> Tcp { get; init; } = new Dictionary<ServiceName, IReadOnlyList<TcpRoute>>();

    /// <summary>Services whose requests an unfinished deployment holds at the edge. A pause that somebody asked for is not among them.</summary>
    public IReadOnlySet<ServiceName> Held { get; init; } = new HashSet<ServiceName>();

    /// <summary>What the edge counted on both sides, of services whose traffic it splits.</summary>
    public IReadOnlyDictionary<ServiceName, SplitTraffic> Sides { get; init; } = new Dictionary<ServiceName, SplitTraffic>();

    public IEnumerable<ObservedReplica> Of(ServiceName service) => Replicas.Where(r => r.Service == service);
}

/// <summary>One container of a service.</summary>
/// <param name="Id">The engine's id.</param>
/// <param name="Number">Unique among the containers of the service.</param>
/// <param name="Release">Release that it was made for; an unchanged service keeps its containers over releases.</param>
/// <param name="Hash">Its <c>wherry.hash</c> label.</param>
/// <param name="Address">On the environment's first network.</param>
/// <param name="Serving">It is among the edge's targets and not draining; one that the edge leaves out while it is unhealthy counts too.</param>
/// <param name="InFlight">Requests that it is working on, as the edge counts them.</param>
/// <param name="Unwell">It runs, and the edge leaves it out because its checks fail.</param>
public sealed record ObservedReplica(
    string Id,
    ServiceName Service,
    int Number,
    int Release,
    string Hash,
    ReplicaState State,
    string? Address = null,
    bool Serving = false,
    int InFlight = 0,
    bool Unwell = false);

/// <summary>What a container does.</summary>
public enum ReplicaState
{
    /// <summary>Made and not started yet.</summary>
    Created,
    Running,

    /// <summary>Exited with 0.</summary>
    Completed,

    /// <summary>Exited with another code, restarting, dead or paused, or routed and on no network.</summary>
    Failed,
}
